"""Named priors of a coupling, each uniform in a coordinate of its own.

The model has a coordinate t with a uniform prior; the amplitude follows from it,

    x = centre + sign(t) scale h(|t|),

with h as `bayes_cevns.couplings.maps` has it: ``flat`` is uniform in the amplitude x, which is g^2
of a mediator and mu of a moment, ``flat-rate`` in the expected signal counts and ``log`` in the log
of the quoted coupling. Mass, interaction and bounds enter as numbers, so that one compiled model
serves all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.cards.rate_table import RateTable
from bayes_cevns.cards.signal_table import scatterers
from bayes_cevns.couplings.maps import MAPS, PriorMap
from bayes_cevns.ends import End, Ends
from bayes_cevns.errors import ArgumentError, UnknownNameError
from bayes_cevns.names import PRIOR_TEXTS
from bayes_cevns.physics.checks import real
from bayes_cevns.physics.interactions import Interaction, Role, Sign
from bayes_cevns.physics.interactions.coupling import UNIVERSAL, Coupling

PRIORS = tuple(PRIOR_TEXTS)

#: The bound of a prior is where the signal alone makes this many times the observed counts (plus
#: ten), even at the shape nuisances for which it is least visible.
_COUNTS_AT_BOUND = 10.0
_EXTRA_COUNTS = 10.0

#: The lower end of a log prior is the quoted coupling that makes one event, divided by this.
_LOG_DEPTH = 100.0


@dataclass(frozen=True)
class CouplingPrior:
    """The prior of the amplitude x of one interaction at one mass.

    Attributes
    ----------
    kind
        ``"flat"``, ``"flat-rate"`` or ``"log"``.
    signed
        Whether the sign of x is observable; if not, x stands for its absolute value.
    centre, scale
        Of the map from the coordinate t to x.
    lower, upper
        Ends of the coordinate.
    split
        Coordinate of the least nominal signal, if it lies inside the range and the sign of x is
        observable: rates on its two sides are alike, so that a posterior may have two modes.
        Otherwise ``None``.
    coupling
        What is quoted of x, and what it is called.
    meaningful
        For each end, whether it is a physical end of x (`Interaction.product_range`).
    """

    kind: str
    signed: bool
    centre: float
    scale: float
    lower: float
    upper: float
    split: float | None
    coupling: Coupling = UNIVERSAL
    meaningful: tuple[bool, bool] = (False, False)

    @property
    def map(self) -> PriorMap:
        """The map from coordinate to offset."""
        return MAPS[self.kind]

    @property
    def ends(self) -> Ends:
        """Of which kind the ends of the range are: physical, or those of the prior.

        Physical are zero, for a coupling without a sign, and the ends that the interaction itself
        gives to x (`Interaction.product_range`). The least coupling of a log prior is not.
        """
        symbol, low, high = (
            self.coupling.symbol,
            *self.quoted(self.product([self.lowest, self.upper])),
        )
        zero = not self.signed and low == 0
        if zero and self.kind == "log":
            return Ends(
                End("range", symbol, float(self.quoted(self.scale))), self._end(1, float(high))
            )
        below = End("physical", symbol, 0.0) if zero else self._end(0, float(low))
        return Ends(below, self._end(1, float(high)))

    def _end(self, side: int, bound: float) -> End:
        return End("physical" if self.meaningful[side] else "range", self.coupling.symbol, bound)

    def quoted(self, product: ArrayLike) -> Array:
        """Return the quoted coupling with the sign of x, for x of any shape."""
        x = np.asarray(product, dtype=float)
        return np.asarray(np.sign(x) * np.abs(x) ** self.coupling.power)

    def product(self, coordinate: ArrayLike) -> Array:
        """Return x for coordinates of any shape."""
        x = self.centre + self.scale * self.map.offset(np.asarray(coordinate, dtype=float))
        return np.asarray(x if self.signed else np.abs(x))

    def coordinate(self, product: ArrayLike) -> Array:
        """Return the coordinate of x: the inverse of `product`."""
        return self.map.coordinate((np.asarray(product, dtype=float) - self.centre) / self.scale)

    def up_to(self, largest: float) -> CouplingPrior:
        """Return the same prior with an earlier end: no quoted coupling above `largest`."""
        x = largest ** (1.0 / self.coupling.power)
        lower, upper = (float(t) for t in self.coordinate([-x, x]))
        kept = (
            self.meaningful[0] and lower <= self.lower,
            self.meaningful[1] and upper >= self.upper,
        )
        lower, upper = max(self.lower, lower), min(self.upper, upper)
        return replace(self, lower=lower, upper=upper, meaningful=kept)

    def density(self, product: ArrayLike) -> Array:
        """Return the density of x within the range of the prior (not checked), not normalised.

        |dt/dx|: constant for ``flat``, proportional to |x - centre| for ``flat-rate`` and to
        1/|x| for ``log``.
        """
        offset = (np.asarray(product, dtype=float) - self.centre) / self.scale
        return np.asarray(self.map.slope(offset) / self.scale)

    @property
    def lowest(self) -> float:
        """The least coordinate that stands for an observable coupling."""
        if self.signed:
            return self.lower
        return max(self.lower, 0.0) if self.centre == 0.0 else self.lower

    @property
    def range_text(self) -> str:
        """The prior in words, with its bounds, as it is printed and stored."""
        coupling = self.coupling
        low, high = (float(v) for v in self.product([self.lowest, self.upper]))
        what = coupling.amplitude
        if self.kind == "log":
            what = coupling.symbol
            low, high = (float(v) for v in self.quoted([self.scale, high]))
        unit = coupling.unit_text if self.kind == "log" or coupling.power == 1.0 else ""
        signs = ", either sign equally likely" if self.kind == "log" and self.signed else ""
        ends = f"{what} from {low:.3g} to {high:.3g}{unit}"
        return f"{prior_text(self.kind, coupling)}, {ends}{signs}"


def prior_text(kind: str, coupling: Coupling) -> str:
    """Return in what a named prior is uniform, in the words of an interaction's coupling."""
    return f"uniform in {_uniform_in(kind, coupling.amplitude, f'log {coupling.symbol}')}"


def prior_latex(kind: str, coupling: Coupling) -> str:
    """Return in what a named prior is flat, with the symbols of a coupling in mathtext."""
    log = rf"$\log\,{coupling.latex}$"
    return f"flat in {_uniform_in(kind, f'${coupling.amplitude_latex}$', log)}"


def _uniform_in(kind: str, amplitude: str, log: str) -> str:
    return {"flat": amplitude, "flat-rate": "the expected signal counts", "log": log}[kind]


def coupling_prior(
    kind: str,
    tables: Sequence[RateTable],
    *,
    mass_mev: float | None,
    bound_factor: float = 1.0,
    max_coupling: float | None = None,
) -> CouplingPrior:
    """Return a named prior for the interaction of some rate tables at one mass.

    Parameters
    ----------
    kind
        ``"flat"``, ``"flat-rate"`` or ``"log"``.
    tables
        Rate tables of the experiments of a fit, all of the same interaction.
    mass_mev
        Mediator mass; ``None`` without a mediator.
    bound_factor
        Multiplies the bound on x, to test that a limit does not depend on it.
    max_coupling
        Upper end of the quoted coupling, in place of the bound. An evidence depends on it, so that
        it should be a statement about the interaction; a limit does not.

    Returns
    -------
    CouplingPrior
        Bounded where the signal is far above the data of at least one experiment, whatever
        the shape nuisances are.

    Raises
    ------
    UnknownNameError
        If there is no prior of that name.
    ArgumentError
        If the interaction makes no signal, or the factor or the largest coupling is not
        positive and finite.
    """
    if kind not in PRIORS:
        raise UnknownNameError("prior", kind, PRIORS)
    if not (np.isfinite(bound_factor) and bound_factor > 0):
        raise ArgumentError(f"bound factor must be positive and finite, got {bound_factor}")
    interaction = tables[0].interaction
    if interaction is None:
        raise ArgumentError("the Standard Model has no coupling to put a prior on")
    check_max_coupling(max_coupling)
    nominal = np.sum([table.nominal(mass_mev) for table in tables], axis=0)
    if nominal[2] == 0 and nominal[1] != 0 and np.isfinite(interaction.product_range).all():
        return _linear_prior(kind, interaction, float(nominal[1]), max_coupling)
    bound = bound_factor * _bound(tables, mass_mev)
    least = -0.5 * float(nominal[1] / nominal[2])  # x at which the nominal signal is least
    targets = scatterers(table.experiment for table in tables)
    signed = interaction.sign_on(targets) is Sign.OBSERVABLE
    least_x, largest_x = interaction.product_range
    reach = bound if max_coupling is None else max_coupling ** (1.0 / interaction.coupling.power)
    lowest, highest = max(-reach if signed else 0.0, least_x), min(reach, largest_x)

    centre, scale = 0.0, bound
    if kind == "log":
        depth = _LOG_DEPTH ** (1.0 / interaction.coupling.power)
        scale = 1.0 / float(np.sqrt(nominal[2])) / depth
        if scale >= min(bound, highest):
            ends = f"bound factor {bound_factor:g}, largest coupling {max_coupling}"
            raise ArgumentError(f"{ends}: they leave no range for a log prior")
    elif kind == "flat-rate":
        centre, scale = least, abs(bound - least)
    elif not signed and nominal[1] == 0:
        # Without interference the sign of x has no meaning. With both signs the posterior of
        # |x| is the same, but has no boundary at zero, and NUTS needs half the steps.
        lowest = -highest
    unsplit = CouplingPrior(kind, signed, centre, scale, 0.0, 0.0, None, interaction.coupling)
    lower, upper, split = (float(t) for t in unsplit.coordinate([lowest, highest, least]))
    is_split = signed and lower < split < upper
    return replace(
        unsplit,
        lower=lower,
        upper=upper,
        split=split if is_split else None,
        meaningful=(lowest == least_x, highest == largest_x),
    )


def _linear_prior(
    kind: str, interaction: Interaction, counts: float, max_coupling: float | None
) -> CouplingPrior:
    """Return a named prior of an x between two physical ends in which counts are linear.

    Flat in the signal counts is then flat in x. A log prior begins at a hundredth of the x that
    changes the counts by one, or of the largest x if that is less.
    """
    low, high = interaction.product_range
    if max_coupling is not None:
        high = min(high, max_coupling ** (1.0 / interaction.coupling.power))
        low = max(low, -high)
    chosen = "log" if kind == "log" else "flat"
    scale = min(1.0 / abs(counts), high) / _LOG_DEPTH if kind == "log" else 1.0
    unsplit = CouplingPrior(chosen, low < 0, 0.0, scale, 0.0, 0.0, None, interaction.coupling)
    lower, upper = (float(t) for t in unsplit.coordinate([low, high]))
    ends = (low == interaction.product_range[0], high == interaction.product_range[1])
    return replace(unsplit, lower=lower, upper=upper, meaningful=ends)


def check_max_coupling(max_coupling: float | None) -> float | None:
    """Return the upper end of a prior after checking that it is positive and finite, or none."""
    if max_coupling is None:
        return None
    largest = real(max_coupling, what="the largest coupling, max_coupling,")
    if 0.0 < largest < np.inf:
        return largest
    if largest == np.inf:
        raise ArgumentError(
            "a prior up to an infinite coupling is improper, its evidence undefined: give the "
            "largest coupling that the interaction may have, max_coupling (--max-coupling)"
        )
    raise ArgumentError(f"the largest coupling must be positive and finite, got {largest:g}")


def _bound(tables: Sequence[RateTable], mass_mev: float | None) -> float:
    """Return the least x at which the signal is far above the data of one experiment."""
    bounds = []
    for table in tables:
        counts = float(table.weakest(mass_mev)[2])
        if counts > 0:  # in a joint fit, some experiments may not see the interaction
            beside = _scale(table, mass_mev) + _EXTRA_COUNTS
            bounds.append(np.sqrt(_COUNTS_AT_BOUND * beside / counts))
    if not bounds:
        name = "" if tables[0].interaction is None else tables[0].interaction.name
        where = "" if mass_mev is None else f" at {mass_mev:g} MeV"
        which = " + ".join(table.experiment.name for table in tables)
        raise ArgumentError(f"{name}{where} makes no signal in {which}{_why(tables, mass_mev)}")
    return float(min(bounds))


def _why(tables: Sequence[RateTable], mass_mev: float | None) -> str:
    """Return why there may be no limit, where a sterile neutrino is too heavy."""
    new = tables[0].interaction
    if new is None or mass_mev is None or new.axis.role is not Role.FINAL_STATE:
        return ""
    signals = [signal for table in tables for signal in table.experiment.signals]
    highest = max(signal.source.highest_energy_mev for signal in signals)
    return (
        ": no event is possible and there is no limit; on a target of mass m a neutrino needs "
        f"m_4 + m_4^2/(2 m), here m_4 = {mass_mev:g} MeV, and their energies end at {highest:.4g} "
        "MeV; recoils close to this end may be below the threshold: ask for smaller masses"
    )


def _scale(table: RateTable, mass_mev: float | None) -> float:
    """Return the counts to which a signal is compared: data, their errors, Standard Model."""
    experiment = table.experiment
    counts = np.abs(experiment.observed.values).sum() + table.nominal(mass_mev)[0]
    return float(counts if experiment.sigma is None else counts + experiment.sigma.values.sum())
