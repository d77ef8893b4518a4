"""The model of couplings by name: which are free, and how they act on neutrinos on the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from bayes_cevns.arguments import flag, listed, named, of_kind
from bayes_cevns.arrays import Array
from bayes_cevns.couplings.coupling import NamedCoupling
from bayes_cevns.couplings.flavour import UNIT
from bayes_cevns.couplings.named import named_coupling
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ArgumentError, shown
from bayes_cevns.names import MIXING_TEXTS, OCTANT_TEXTS
from bayes_cevns.physics import constants as const
from bayes_cevns.physics.checks import positive, real
from bayes_cevns.physics.interactions import ELECTRON
from bayes_cevns.physics.oscillation.matter_couplings import matter_terms
from bayes_cevns.physics.oscillation.propagation import Propagation

#: A matter potential of less than this, relative to the parts of protons and electrons, is rounding
#: of parts that cancel.
_NEUTRAL = 1e-12


class Way(NamedTuple):
    """The way of solar neutrinos: from which component, to which latitude.

    Attributes
    ----------
    component
        Solar component, such as ``"8b"``.
    latitude_deg
        Of the detector, degrees north.
    """

    component: str
    latitude_deg: float


@dataclass(frozen=True, repr=False)
class CouplingModel(Displayed):
    """The Standard Model with some couplings that may differ from it.

    Attributes
    ----------
    couplings
        The couplings, each once.
    mass_mev
        Mass of the mediator, if any of them is a coupling of a mediator.
    propagation
        How solar neutrinos are propagated, if the couplings mix flavours or act in matter;
        otherwise neutrinos arrive in the flavours of their source.
    matter
        Whether the couplings also act on the way through Sun and Earth, or in the detector alone.
    mixing
        ``"fixed"``, or ``"free"`` where theta_12 and dm21 are nuisances.
    octant
        ``"lma"``, ``"lma-d"`` or ``"both"``: the octant of theta_12. That of the propagation, and
        of the prior of theta_12, is the LMA; the other has sin^2 theta_12 -> cos^2 theta_12.

    Raises
    ------
    ArgumentError
        If there is no coupling or one comes twice, the mass of a mediator is missing, not positive
        and finite, or given where no coupling is of a mediator, moments are both of Dirac and of
        Majorana neutrinos, or what is given is something else.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> couplings = bc.CouplingModel.of(["eps_ee_u", "eps_emu_d"])
    >>> couplings.names
    ('eps_ee_u', 'eps_emu_d')
    """

    couplings: tuple[NamedCoupling, ...]
    mass_mev: float | None = None
    propagation: Propagation = field(default_factory=Propagation)
    matter: bool = True
    mixing: str = "fixed"
    octant: str = "lma"

    @classmethod
    def of(
        cls,
        names: Iterable[str | NamedCoupling],
        *,
        mass_mev: float | None = None,
        propagation: Propagation | None = None,
        matter: bool = True,
        mixing: str = "fixed",
        octant: str = "lma",
    ) -> CouplingModel:
        """Build a model from couplings, by name or as `named_coupling` and `direction` make them.

        Raises
        ------
        UnknownNameError
            If there is no coupling of a name.
        ArgumentError
            As the class.
        """
        way = Propagation() if propagation is None else propagation
        return cls(listed_couplings(names), mass_mev, way, matter, mixing, octant)

    def __post_init__(self) -> None:
        for coupling in of_kind(self.couplings, tuple, what="a tuple of couplings"):
            of_kind(coupling, NamedCoupling, what="what named_coupling returns")
        if not self.names or len(set(self.names)) < len(self.names):
            found = ", ".join(self.names) or "none"
            raise ArgumentError(f"expected one coupling or more, each once, got {found}")
        of_kind(self.propagation, Propagation, what="a Propagation of solar neutrinos")
        flag(self.matter, what="matter")
        self._check_moments()
        named(self.mixing, "mixing", MIXING_TEXTS)
        named(self.octant, "octant of theta_12", OCTANT_TEXTS)
        if self.octant == "both" and self.mixing != "free":
            raise ArgumentError(
                "both octants need theta_12 as a parameter, which says of each draw where it is: "
                'expected mixing "free" with octant "both", got "fixed"'
            )
        if self.propagation.flavours == "two" and (self.mixing, self.octant) != ("fixed", "lma"):
            raise ArgumentError(
                "two flavours are for comparisons with papers, at a fixed theta_12 below 45 "
                f"degrees: got mixing {self.mixing!r} and octant {self.octant!r}"
            )
        mediated = [c.name for c in self.couplings if c.has_mediator]
        if self.mass_mev is None:
            if mediated:
                raise ArgumentError(
                    f"{', '.join(mediated)}: expected the mass of the mediator, got none"
                )
            return
        if not mediated:
            raise ArgumentError(
                f"a mediator mass, {shown(self.mass_mev)} MeV, was given, but "
                f"{', '.join(self.names)} are no couplings of a mediator (those begin with x_)"
            )
        mass = positive(
            real(self.mass_mev, what="a mediator mass"), what="a mediator mass", unit="MeV"
        )
        object.__setattr__(self, "mass_mev", float(mass))

    def _check_moments(self) -> None:
        moments = [coupling for coupling in self.couplings if coupling.is_moment]
        if len({coupling.is_majorana for coupling in moments}) > 1:
            raise ArgumentError(
                f"{', '.join(c.name for c in moments)}: expected moments of Dirac neutrinos "
                "(mu_nu) or of Majorana neutrinos (lambda_nu), got both"
            )

    def _rows(self) -> dict[str, object]:
        own = {"couplings": self.names, "mass": self.mass_mev, "matter": self.matter}
        return {**own, "mixing": self.mixing, "octant": self.octant}

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the couplings."""
        return tuple(coupling.name for coupling in self.couplings)

    @property
    def exchanged_masses_mev(self) -> tuple[float, ...]:
        """Masses of what is exchanged beside the Z: of the mediator, and zero of the photon."""
        photon = any(coupling.has_photon for coupling in self.couplings)
        mediator = () if self.mass_mev is None else (self.mass_mev,)
        return (*mediator, 0.0) if photon else mediator

    @cached_property
    def standard_values(self) -> Array:
        """Values of the couplings in the Standard Model, shape (k,)."""
        return np.array([coupling.standard for coupling in self.couplings])

    @cached_property
    def matter_slopes(self) -> Array:
        """What a unit of each coupling adds to the couplings to u, d, e in matter, shape (k, 3, 9).

        Vector couplings at q = 0; of a mediator, g_nu g_f / (sqrt2 G_F m^2). Zero where couplings
        act in the detector alone.
        """
        found = np.zeros((len(self.couplings), 3, len(UNIT)))
        if not self.matter:
            return found
        for place, coupling in enumerate(self.couplings):
            terms = coupling.contact
            if self.mass_mev is not None:
                fermi = np.sqrt(2.0) * const.FERMI_CONSTANT_PER_MEV2
                terms = terms + coupling.exchange / (fermi * self.mass_mev**2)
            found[place] = terms[0], terms[1], terms[2] + terms[3]
        return found

    @property
    def no_matter(self) -> Array:
        """Couplings in matter of the Standard Model beyond charged currents, shape (3, 9)."""
        return np.zeros(self.matter_slopes.shape[1:])

    @cached_property
    def acts_on_the_way(self) -> bool:
        """Whether a coupling changes how flavours evolve in matter.

        None does that treats all flavours alike, or that couples to electric charge, since matter
        is neutral.
        """
        none = matter_terms(self.no_matter)
        potentials = [
            part - empty for part, empty in zip(matter_terms(self.matter_slopes), none, strict=True)
        ]
        apart = [part - part[..., :1] * UNIT for part in potentials]
        sizes = np.abs(self.matter_slopes).max(axis=(-2, -1), initial=0.0)[:, None]
        return self.matter and bool(np.any(np.abs(apart) > _NEUTRAL * sizes))

    @property
    def keeps_flavours(self) -> bool:
        """Whether neutrinos may be treated flavour by flavour, as without these couplings."""
        return not self.acts_on_the_way and all(c.is_diagonal for c in self.couplings)

    @property
    def varies_mixing(self) -> bool:
        """Whether theta_12 and dm21 are parameters of a fit."""
        return self.mixing == "free"

    def sees_flavours(self, scatterer: str) -> bool:
        """Return whether scattering on nuclei or electrons tells flavours apart."""
        if scatterer == ELECTRON or any(c.is_moment for c in self.couplings):
            return True
        on_quarks = [(c.contact[:2], c.exchange[:2], c.photon[:2]) for c in self.couplings]
        charges = np.array(on_quarks)
        return bool(np.any(np.abs(charges - charges[..., :1] * UNIT) > _NEUTRAL))

    def propagation_to(self, way: Way) -> Propagation:
        """Return how neutrinos of a solar component come to a detector."""
        found = replace(self.propagation, component=way.component, latitude_deg=way.latitude_deg)
        if self.octant != "lma-d":
            return found
        mixing = found.parameters
        dark = replace(mixing, sin2_theta12=1.0 - mixing.sin2_theta12)
        return replace(found, parameters=dark)

    def arrival(self, way: Way, energy_mev: Array, matter: Array) -> Array:
        """Return the states of a solar component at the detector, shape (..., energies, 9).

        Parameters
        ----------
        way
            From which component to which latitude.
        energy_mev
            Neutrino energies, shape (n,).
        matter
            Couplings to u, d and e in matter, shape (..., 3, 9).
        """
        return self.propagation_to(way).density(energy_mev, matter)

    def values(self, couplings: Mapping[str, float]) -> Array:
        """Return the vector of couplings by their names, shape (k,)."""
        return np.array([couplings[name] for name in self.names], dtype=float)


def listed_couplings(names: Iterable[str | NamedCoupling]) -> tuple[NamedCoupling, ...]:
    """Return couplings that are given by name or as they are.

    Raises
    ------
    UnknownNameError
        If there is no coupling of a name.
    ArgumentError
        If it is no list of couplings, or one is not what its name says.
    """
    every = listed(names, what="a list of couplings, such as ['ee_u', 'ee_d']", ordered=False)
    return tuple(_by_name(each) for each in every)


def _by_name(coupling: str | NamedCoupling) -> NamedCoupling:
    """Return a coupling after checking that it is the one of its name, which results rely on.

    Raises
    ------
    UnknownNameError
        If there is no coupling of this name.
    ArgumentError
        If it is not what its name says.
    """
    if isinstance(coupling, str):
        return named_coupling(coupling)
    if not isinstance(coupling, NamedCoupling):
        raise ArgumentError(
            f"expected a list of couplings, such as ['ee_u', 'ee_d'], got {shown(coupling)} in it"
        )
    made = named_coupling(coupling.name)
    if not made.is_same(coupling):
        raise ArgumentError(
            f"{shown(coupling.name)} is not the coupling of this name: expected one of "
            "named_coupling or direction, whose name makes it again"
        )
    return made
