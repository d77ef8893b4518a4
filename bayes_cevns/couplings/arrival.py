"""The flavour states in which neutrinos arrive: fixed, or changed by couplings on the way.

A source is divided into parts, each a flux times one density matrix. For stopped pions and reactors
the parts are the flavours. Solar neutrinos arrive as coherent superpositions rho(E), which depend
on energy and on couplings to matter. With values rho_j at a few energy nodes and the cardinal
functions l_j of the nodes, rho(E) = sum_j l_j(E) rho_j: each node is a part with the flux times
l_j.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.couplings.flavour import FLAVOUR_NUMBERS
from bayes_cevns.couplings.nodes import EnergyNodes
from bayes_cevns.display import Displayed
from bayes_cevns.physics.flavours import FLAVOURS
from bayes_cevns.sources.line import Line
from bayes_cevns.sources.source import Source
from bayes_cevns.sources.spectrum import Spectrum

#: The lowest energies of a spectrum, with this share of the flux, get no energy nodes.
_UNRESOLVED: Final = 1e-4

#: Cardinal functions change sign, but fluxes must be positive: this is added, and later subtracted.
_SHIFT: Final = 2.0


@dataclass(frozen=True, eq=False, repr=False)
class Parts(Displayed):
    """Parts of a source, each in one state.

    Attributes
    ----------
    component
        Solar component, such as ``"8b"``, or nothing where flavours are fixed.
    sources
        The flux of each part, with all flavours of neutrinos added up; antineutrinos likewise.
    shift
        Times the flux of `total`, it is to be subtracted from each part.
    total
        The sum of all parts, where a shift is to be subtracted.
    """

    component: str
    sources: tuple[Source, ...]
    shift: float = 0.0
    total: Source | None = None

    def inverse_moments(self, minimum_energy_mev: Array) -> Array:
        """Return inverse moments of neutrinos and antineutrinos, shape (parts, 2, 3, ...)."""
        found = np.array([_both(source, minimum_energy_mev) for source in self.sources])
        if self.total is not None:
            found -= self.shift * _both(self.total, minimum_energy_mev)
        return found


def _both(source: Source, minimum_energy_mev: Array) -> Array:
    moments = source.inverse_moments(minimum_energy_mev)
    half = len(FLAVOURS) // 2
    return np.stack([moments[:half].sum(axis=0), moments[half:].sum(axis=0)])


def fixed_flavours(source: Source) -> tuple[Parts, Array]:
    """Return a source by flavour, neutrinos and antineutrinos of a kind together.

    Returns
    -------
    Parts
        One for each of the flavours e, mu, tau that it has.
    ndarray
        Their density matrices, shape (parts, 9).
    """
    sources, states = [], []
    for number, name in enumerate(FLAVOURS[: len(FLAVOURS) // 2]):
        chosen = [flavour for flavour in (name, f"anti_{name}") if flavour in source.flavours]
        if chosen:
            sources.append(source.select(*chosen))
            states.append(FLAVOUR_NUMBERS[number])
    return Parts("", tuple(sources)), np.array(states)


@dataclass(frozen=True)
class Nodes:
    """The energies at which the state of a solar component is evaluated.

    Attributes
    ----------
    component
        The component.
    lines_mev
        Energies of its lines, if it has lines alone.
    spectrum
        Nodes over its spectrum otherwise.
    """

    component: str
    lines_mev: tuple[float, ...] = ()
    spectrum: EnergyNodes | None = None

    @property
    def energy_mev(self) -> Array:
        """The energies, shape (n,)."""
        return np.array(self.lines_mev) if self.spectrum is None else self.spectrum.energy_mev

    def parts(self, source: Source) -> Parts:
        """Return the flux of a component times the cardinal function of each node."""
        if self.spectrum is None:
            sources = tuple(
                Source(line.name, {"nu_e": (line,)})
                for energy in self.lines_mev
                for line in source.fluxes["nu_e"]
                if isinstance(line, Line) and line.energy_mev == energy
            )
            return Parts(self.component, sources)
        raised = tuple(
            source.times(partial(self._raised, node)) for node in range(self.spectrum.count)
        )
        return Parts(self.component, raised, _SHIFT, source)

    def _raised(self, node: int, energy_mev: Array) -> Array:
        """Return a cardinal function plus a constant; below the nodes it is constant."""
        nodes = self.spectrum
        assert nodes is not None
        inside = np.clip(energy_mev, nodes.low_mev, nodes.high_mev)
        return np.asarray(nodes.cardinal(inside)[node] + _SHIFT)


def nodes_of(
    component: str, source: Source, least_energy_mev: float, counts: Sequence[int]
) -> Nodes | None:
    """Return the nodes for a component of which neutrinos above an energy are seen.

    Nodes of a spectrum begin above the lowest `_UNRESOLVED` of its neutrinos, which are given the
    state of the first node.

    Parameters
    ----------
    component, source
        The component, and its neutrinos with flavours added up.
    least_energy_mev
        The energy.
    counts
        The least number of nodes, and their number for a factor e of energy.

    Returns
    -------
    Nodes or None
        ``None`` if the whole component is below the energy.
    """
    fluxes = source.fluxes["nu_e"]
    high = source.highest_energy_mev
    if high <= least_energy_mev:
        return None
    lines = tuple(flux.energy_mev for flux in fluxes if isinstance(flux, Line))
    if lines:
        return Nodes(component, lines)
    low = max(least_energy_mev, *(_begin(flux) for flux in fluxes if isinstance(flux, Spectrum)))
    least, per_factor = counts
    count = max(least, int(np.ceil(per_factor * np.log(high / low))))
    return Nodes(component, (), EnergyNodes(low, high, count))


def _begin(flux: Spectrum) -> float:
    """Return the energy below which `_UNRESOLVED` of a spectrum lies."""
    values = flux.flux_per_cm2_s_mev
    steps = 0.5 * np.diff(flux.energy_mev) * (values[1:] + values[:-1])
    below = np.concatenate([[0.0], np.cumsum(steps)])
    return float(np.interp(_UNRESOLVED * below[-1], below, flux.energy_mev))
