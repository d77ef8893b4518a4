"""What solar neutrinos add to a model: their uncertain mixing, and how their flux was measured."""

from __future__ import annotations

import warnings
from collections.abc import Mapping

from bayes_cevns.cards import Experiment
from bayes_cevns.cards.mixing import with_mixing
from bayes_cevns.couplings.arrival import split_by_component
from bayes_cevns.couplings.model import CouplingModel
from bayes_cevns.errors import FluxWarning
from bayes_cevns.physics.interactions import Interaction
from bayes_cevns.rates import SCATTERER


def mixed(
    experiments: tuple[Experiment, ...], couplings: CouplingModel | None
) -> tuple[Experiment, ...]:
    """Return experiments with the mixing of solar neutrinos as nuisances, if it is free.

    Those signals depend on it that tell flavours of solar neutrinos apart.
    """
    if not isinstance(couplings, CouplingModel) or couplings.mixing != "free":
        return experiments
    found = []
    for e in experiments:
        names = [
            signal.name
            for signal in e.signals
            if couplings.sees_flavours(SCATTERER[signal.channel])
            and split_by_component(signal.source)[0]
        ]
        found.append(with_mixing(e, names))
    return tuple(found)


def warn_of_flux(alternatives: Mapping[str, str], new: Interaction | None) -> None:
    """Warn where a flux was measured by what an interaction changes.

    SNO's flux of 8B is that of neutral currents on deuterons. At these energies it is a
    Gamow-Teller transition, 3S1 -> 1S0: axial, with a change of isospin. Vector couplings to
    quarks have no part in it, nor have axial ones that are alike for u and d (Gehrlein, Machado and
    Pinheiro, arXiv:2412.08712, of SNO's data).

    Warns
    -----
    FluxWarning
        If the interaction acts on the spins of quarks.
    """
    if alternatives.get("flux_8b") == "sno" and new is not None and new.acts_on_spins:
        warnings.warn(
            f"{new.name!r} acts on the spins of quarks, and SNO measured the flux of 8B by the "
            "break-up of deuterons, an axial transition with a change of isospin: the prior "
            "flux_8b=sno holds where u and d couple alike; take that of the solar model otherwise",
            FluxWarning,
            stacklevel=4,
        )
