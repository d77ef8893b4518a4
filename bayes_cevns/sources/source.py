"""Neutrinos at the detector, by flavour: what a rate needs to know of a source."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ArgumentError, UnknownNameError
from bayes_cevns.physics.baseline import Baseline
from bayes_cevns.physics.flavours import FLAVOURS
from bayes_cevns.sources.line import Line
from bayes_cevns.sources.spectrum import MOMENTS, Spectrum, check_minimum, scale_to

#: One component of a source.
type Flux = Spectrum | Line


@dataclass(frozen=True)
class SourceFile:
    """The file that a source was read from, and what was in it then."""

    path: Path
    text: str = field(repr=False)


@dataclass(frozen=True, eq=False, repr=False)
class Source(Displayed):
    """Neutrinos at the detector.

    Attributes
    ----------
    name
        Name of the source, such as ``"solar_8b"``.
    fluxes
        Flavour -> its fluxes, which add up. Flavours that are absent have none; they are
        kept in the order of `FLAVOURS`.
    cite
        Citation keys of everything that entered; those of the fluxes are added.
    baseline
        Distance between source and detector, of stopped pions and reactors; ``None`` where it is
        not one distance, or not known. Fluxes are those at the detector without new physics.
    file
        The file of a user that it was read from, if it was, and as long as nothing was changed.
    latitude_deg
        Where its solar neutrinos arrive, degrees north, if their flavours are those of the default
        mixing there, so that `bayes_cevns.sources.components.at_mixing` can give them others.

    Raises
    ------
    UnknownNameError
        If a flavour is not one of `FLAVOURS`.
    ArgumentError
        If there is no flux at all, or an entry that is not a `Spectrum` or a `Line`.

    Examples
    --------
    >>> Source("beam", {"nu_mu": (Line("line", 29.8, 1e7),)}).by_flavour()
    {'nu_mu': 10000000.0}
    """

    name: str
    fluxes: Mapping[str, tuple[Flux, ...]]
    cite: tuple[str, ...] = ()
    baseline: Baseline | None = None
    file: SourceFile | None = None
    latitude_deg: float | None = None

    def __post_init__(self) -> None:
        for flavour, fluxes in self.fluxes.items():
            if flavour not in FLAVOURS:
                raise UnknownNameError("neutrino flavour", flavour, FLAVOURS)
            if not isinstance(fluxes, tuple):
                raise ArgumentError(
                    f"source {self.name!r}: expected a tuple of fluxes for {flavour}, "
                    f"got {type(fluxes).__name__}"
                )
            for flux in fluxes:
                if not isinstance(flux, Spectrum | Line):
                    raise ArgumentError(
                        f"source {self.name!r}: expected a Spectrum or a Line for {flavour}, "
                        f"got {type(flux).__name__}"
                    )
        kept = {flavour: self.fluxes[flavour] for flavour in FLAVOURS if self.fluxes.get(flavour)}
        if not kept:
            raise ArgumentError(f"source {self.name!r} has no flux of any flavour")
        keys = [
            *self.cite,
            *(key for parts in kept.values() for flux in parts for key in flux.cite),
        ]
        object.__setattr__(self, "fluxes", kept)
        object.__setattr__(self, "cite", tuple(dict.fromkeys(keys)))

    def _rows(self) -> dict[str, object]:
        fluxes = {name: f"{flux:.4g} /(cm2 s)" for name, flux in self.by_flavour().items()}
        return {
            "total": f"{self.total_per_cm2_s:.4g} /(cm2 s)",
            **fluxes,
            "energies": f"up to {self.highest_energy_mev:.4g} MeV",
            **({} if self.baseline is None else {"baseline": f"{self.baseline.distance_m:g} m"}),
            "cite": self.cite,
            **({} if self.file is None else {"file": str(self.file.path)}),
        }

    @property
    def flavours(self) -> tuple[str, ...]:
        """Flavours that have a flux, in the order of `FLAVOURS`."""
        return tuple(self.fluxes)

    @property
    def total_per_cm2_s(self) -> float:
        """Total flux of all flavours."""
        return sum(self.by_flavour().values())

    @property
    def has_lines(self) -> bool:
        """Whether some neutrinos have one energy: their recoils end abruptly."""
        return any(isinstance(flux, Line) for parts in self.fluxes.values() for flux in parts)

    def by_flavour(self) -> dict[str, float]:
        """Return the total flux of every flavour that has one, in 1/(cm^2 s)."""
        return {
            flavour: sum(flux.total_per_cm2_s for flux in fluxes)
            for flavour, fluxes in self.fluxes.items()
        }

    def inverse_moments(self, minimum_energy_mev: ArrayLike) -> Array:
        """Integrate the flux of each flavour times E^-n above a minimum energy.

        Parameters
        ----------
        minimum_energy_mev
            Lower limits of the integral, all > 0, any shape.

        Returns
        -------
        ndarray
            Axes flavour (in the order of `FLAVOURS`), n = 0, 1, 2, and those of the
            argument: shape (6, 3, ...), in 1/(cm^2 s MeV^n). See `Spectrum.inverse_moments`.

        Raises
        ------
        ArgumentError
            If a minimum energy is not positive and finite.
        """
        minimum = check_minimum(minimum_energy_mev)
        moments = np.zeros((len(FLAVOURS), len(MOMENTS), *minimum.shape))
        for flavour, fluxes in self.fluxes.items():
            for flux in fluxes:
                moments[FLAVOURS.index(flavour)] += flux.inverse_moments(minimum)
        return moments

    def total_inverse_moments(self, minimum_energy_mev: ArrayLike) -> Array:
        """Integrate the flux of all flavours together: `inverse_moments` summed, shape (3, ...).

        Three times as fast where the flavours are tables at the same energies, as solar
        neutrinos are.
        """
        minimum = check_minimum(minimum_energy_mev)
        total = np.zeros((len(MOMENTS), *minimum.shape))
        for flux in self._merged:
            total += flux.inverse_moments(minimum)
        return total

    @cached_property
    def _merged(self) -> tuple[Flux, ...]:
        """All fluxes, those that are tables at the same energies added up."""
        tables: dict[bytes, Spectrum] = {}
        lines: list[Flux] = []
        for flux in (flux for parts in self.fluxes.values() for flux in parts):
            if isinstance(flux, Line):
                lines.append(flux)
                continue
            key = flux.energy_mev.tobytes()
            before = tables[key].flux_per_cm2_s_mev if key in tables else 0.0
            values = flux.flux_per_cm2_s_mev + before
            tables[key] = Spectrum(self.name, flux.energy_mev, values)
        return (*tables.values(), *lines)

    def digest(self) -> str:
        """Return a digest of the fluxes of every flavour and the baseline, whatever the names."""
        digest = hashlib.sha256()
        for flavour, fluxes in self.fluxes.items():
            digest.update(flavour.encode())
            for flux in fluxes:
                digest.update(flux.content())
        if self.baseline is not None:
            digest.update(self.baseline.content)
        return digest.hexdigest()

    def scaled(self, factor: float) -> Source:
        """Return the source with all fluxes times a number.

        Raises
        ------
        ArgumentError
            If the factor is negative or not finite.
        """
        fluxes = {
            flavour: tuple(flux.scaled(factor) for flux in parts)
            for flavour, parts in self.fluxes.items()
        }
        return replace(self, fluxes=fluxes, file=None)

    def scaled_to(self, total_per_cm2_s: float) -> Source:
        """Return the source with another total flux of all flavours.

        Raises
        ------
        ArgumentError
            If the total is negative or not finite, or this flux is zero.
        """
        return self.scaled(scale_to(self.name, self.total_per_cm2_s, total_per_cm2_s))

    def times(self, weight: Callable[[Array], Array]) -> Source:
        """Return the source with all fluxes times a function of energy; see `Spectrum.times`."""
        fluxes = {
            flavour: tuple(flux.times(weight) for flux in parts)
            for flavour, parts in self.fluxes.items()
        }
        return replace(self, fluxes=fluxes, file=None)

    @cached_property
    def highest_energy_mev(self) -> float:
        """Energy above which there are no neutrinos."""
        return max(
            float(np.max(flux.energy_mev)) for parts in self.fluxes.values() for flux in parts
        )

    def select(self, *flavours: str) -> Source:
        """Return only some flavours of the source.

        Raises
        ------
        UnknownNameError
            If a name is not one of `FLAVOURS`.
        ArgumentError
            If the source has no flux of these flavours.
        """
        for flavour in flavours:
            if flavour not in FLAVOURS:
                raise UnknownNameError("neutrino flavour", flavour, FLAVOURS)
        fluxes = {name: parts for name, parts in self.fluxes.items() if name in flavours}
        if not fluxes:
            raise ArgumentError(
                f"source {self.name!r} has no {' or '.join(flavours) or 'selected flavour'}: "
                f"select from {', '.join(self.flavours)}"
            )
        return replace(self, fluxes=fluxes, file=None, latitude_deg=None)


def combine(name: str, *sources: Source) -> Source:
    """Return the sum of some sources under a new name, with their baseline if all have the same.

    Raises
    ------
    ArgumentError
        If there is no source to combine.

    Examples
    --------
    >>> one = Source("one", {"nu_e": (Line("line", 1.0, 2.0),)})
    >>> combine("two", one, one).total_per_cm2_s
    4.0
    """
    if not sources:
        raise ArgumentError(f"source {name!r}: expected one or more sources to combine, got none")
    fluxes = {
        flavour: tuple(flux for each in sources for flux in each.fluxes.get(flavour, ()))
        for flavour in FLAVOURS
    }
    baselines = {each.baseline for each in sources}
    common = next(iter(baselines)) if len(baselines) == 1 else None
    return Source(name, fluxes, tuple(key for each in sources for key in each.cite), common)
