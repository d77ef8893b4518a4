"""New interactions of neutrinos, one kind a file."""

from bayes_cevns.physics.interactions.axis import MassAxis, Role
from bayes_cevns.physics.interactions.base import (
    COMPONENTS,
    ELECTRON,
    NUCLEUS,
    STANDARD_MODEL,
    Interaction,
    Interfering,
    Sign,
    check_masses,
)
from bayes_cevns.physics.interactions.catalogue import (
    interaction,
    interaction_or_none,
    interactions,
)
from bayes_cevns.physics.interactions.coupling import Coupling

__all__ = [
    "COMPONENTS",
    "ELECTRON",
    "NUCLEUS",
    "STANDARD_MODEL",
    "Coupling",
    "Interaction",
    "Interfering",
    "MassAxis",
    "Role",
    "Sign",
    "check_masses",
    "interaction",
    "interaction_or_none",
    "interactions",
]
