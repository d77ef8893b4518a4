"""What is assumed of nuclei, weak charges and atoms: one object that a whole model has in common.

It is carried whole from what a user asks for to the rates, so that a choice added here reaches all
of them. Its numbers (`PARAMETERS`) are those that a nuisance may move: the nodes of a theory axis.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bayes_cevns.arguments import mapping, named, of_kind
from bayes_cevns.errors import ArgumentError
from bayes_cevns.names import ATOMS_TEXTS, DEFAULT_ATOMS, DEFAULT_FORM_FACTOR, DEFAULT_WEAK_CHARGES
from bayes_cevns.physics.checks import real
from bayes_cevns.physics.form_factors import FORM_FACTORS
from bayes_cevns.physics.interactions import ELECTRON, NUCLEUS
from bayes_cevns.physics.weak_charges import WEAK_CHARGES, WeakCharges, weak_charges

_PLURAL = {NUCLEUS: "nuclei", ELECTRON: "electrons"}


@dataclass(frozen=True)
class Parameter:
    """A number that rates depend on, besides those of an interaction.

    Attributes
    ----------
    text
        What it is.
    nominal
        Its value where nothing else is said.
    scatters_on
        The targets whose rates depend on it: ``"nucleus"``, ``"electron"``.
    above
        All values are greater than this.
    """

    text: str
    nominal: float
    scatters_on: tuple[str, ...]
    above: float = -math.inf

    def is_allowed(self, value: float) -> bool:
        """Return whether it may have a value."""
        return self.above < value < math.inf


#: Name -> parameter. Those of a theory axis on a model card have these names.
PARAMETERS: dict[str, Parameter] = {
    "atomic_response": Parameter(
        "effect of many-body theory on new physics over that on the Standard Model",
        1.0,
        (ELECTRON,),
    ),
    "neutron_radius_scale": Parameter(
        "radius of the neutrons of every nucleus over that of the form factor",
        1.0,
        (NUCLEUS,),
        above=0.0,
    ),
}


@dataclass(frozen=True)
class Theory:
    """What is assumed of the Standard Model and of targets.

    Attributes
    ----------
    form_factor
        Name of the nuclear form factor. It goes with nuclei.
    weak_charges
        Name of the charges of the Standard Model, one of `bayes_cevns.names.WEAK_CHARGES_TEXTS`,
        on nuclei and electrons alike, in interference terms as well.
    atoms
        How atomic electrons respond, one of `bayes_cevns.names.ATOMS_TEXTS`. It goes with
        electrons.
    parameters
        Values of `PARAMETERS` by name. Those that are not nominal are kept.

    Raises
    ------
    UnknownNameError
        If a name is unknown.
    ArgumentError
        If a parameter has a value that it may not have.

    Examples
    --------
    >>> Theory(form_factor="helm").at({"neutron_radius_scale": 1.1})["neutron_radius_scale"]
    1.1
    """

    form_factor: str = DEFAULT_FORM_FACTOR
    weak_charges: str = DEFAULT_WEAK_CHARGES
    atoms: str = DEFAULT_ATOMS
    parameters: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        named(self.form_factor, "form factor", FORM_FACTORS)
        named(self.weak_charges, "weak charges", WEAK_CHARGES)
        named(self.atoms, "response of atoms", ATOMS_TEXTS)
        numbers = mapping(
            self.parameters, what="values by parameter, such as {'neutron_radius_scale': 1.1}"
        )
        checked = {named(key, "parameter of rates", PARAMETERS): v for key, v in numbers.items()}
        values = {name: _value(name, value) for name, value in checked.items()}
        kept = {name: v for name, v in sorted(values.items()) if v != PARAMETERS[name].nominal}
        object.__setattr__(self, "parameters", kept)

    def __hash__(self) -> int:
        return hash((*self.words.values(), *self.parameters.items()))

    def __getitem__(self, name: str) -> float:
        """Return the value of a parameter."""
        return self.parameters.get(name, PARAMETERS[name].nominal)

    def at(self, values: Mapping[str, float]) -> Theory:
        """Return the same theory with some parameters at other values."""
        return replace(self, parameters={**self.parameters, **values})

    @property
    def words(self) -> dict[str, str]:
        """The choices by name, as options have them."""
        return {
            "form_factor": self.form_factor,
            "weak_charges": self.weak_charges,
            "atoms": self.atoms,
        }

    @property
    def charges(self) -> WeakCharges:
        """The charges of the Standard Model."""
        return weak_charges(self.weak_charges)

    @property
    def text(self) -> str:
        """The choices, and the parameters that are not nominal, in a line."""
        numbers = {name: f"{value:g}" for name, value in self.parameters.items()}
        parts = (f"{name.replace('_', ' ')} {v}" for name, v in {**self.words, **numbers}.items())
        return ", ".join(parts)

    def on(self, scatterer: str) -> tuple[object, ...]:
        """Return what rates on nuclei, or on electrons, depend on."""
        own = (self.form_factor,) if scatterer == NUCLEUS else (self.atoms,)
        return (*own, self.weak_charges, *self.parameters_on(scatterer).items())

    def parameters_on(self, scatterer: str) -> dict[str, float]:
        """Return the parameters that rates on nuclei, or on electrons, depend on."""
        return {
            name: value
            for name, value in self.parameters.items()
            if scatterer in PARAMETERS[name].scatters_on
        }

    def check_only_on(self, scatterer: str) -> None:
        """Check that nothing was chosen that has no part in scattering on a target.

        Raises
        ------
        ArgumentError
            Naming what was.
        """
        standard = Theory()
        if scatterer == ELECTRON and self.form_factor != standard.form_factor:
            raise ArgumentError(
                f"electrons have no form factor, got {self.form_factor!r}: leave it out"
            )
        if scatterer == NUCLEUS and self.atoms != standard.atoms:
            raise ArgumentError(
                f"atoms have no part in scattering on nuclei, got {self.atoms!r}: leave it out"
            )
        for name in self.parameters.keys() - self.parameters_on(scatterer).keys():
            raise ArgumentError(
                f"rates on {_PLURAL[scatterer]} have no {name}, got {self[name]:g}: leave it out"
            )


def _value(name: str, given: object) -> float:
    value = real(given, what=name)
    if not PARAMETERS[name].is_allowed(value):
        raise ArgumentError(
            f"{name} must be finite and > {PARAMETERS[name].above:g}, got {value!r}"
        )
    return value


#: What is assumed where nothing else is asked for.
STANDARD_THEORY = Theory()

#: The choices by name that a user has, as options.
THEORY_WORDS = tuple(STANDARD_THEORY.words)


def theory_of(given: object) -> Theory:
    """Return a theory.

    Raises
    ------
    ArgumentError
        If it is none.
    """
    what = "a theory, such as bayes_cevns.Theory(form_factor='helm')"
    return of_kind(given, Theory, what=what)
