"""What a profile likelihood says of one parameter: best fit, region and limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bayes_cevns.arrays import Array
from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.display import Displayed
from bayes_cevns.ends import BOTH_CROSSINGS, END_TEXTS, Ends
from bayes_cevns.specification.variables import PRODUCT
from bayes_cevns.summary.zero import zero_text


@dataclass(frozen=True, eq=False, repr=False)
class Calibration(Displayed):
    """The critical value at one true x.

    Attributes
    ----------
    coupling_product
        The true x.
    value, error
        The quantile of the toys' statistic, and its standard error.
    statistic
        -2 ln L at the truth less that at the best fit, for each toy, in increasing order.
    """

    coupling_product: float
    value: float
    error: float
    statistic: Array


@dataclass(frozen=True)
class Interval:
    """A piece of a confidence region, in the parameter (x for a coupling).

    Attributes
    ----------
    low, high
        Its ends.
    ends
        Of which kind each end is: a crossing of the critical value; the end of the range that was
        scanned, with the profile still below; or a physical boundary.
    """

    low: float
    high: float
    ends: Ends = BOTH_CROSSINGS


@dataclass(frozen=True)
class CLLimit:
    """A frequentist limit on the quoted coupling (`Interaction.coupling`).

    Attributes
    ----------
    side
        ``"upper"``, or for a coupling with an observable sign ``"positive"`` and ``"negative"``.
    value
        The limit.
    critical_value
        -2 ln L at the limit above its minimum.
    ends
        Of the region of this limit, in the coupling without its sign. If ``high`` is the end of a
        range, the data do not limit the coupling.
    region
        The confidence region of this sign, in the quoted coupling without its sign. The limit is
        its far end. It has several pieces if the profile has several minima.
    """

    side: str
    value: float
    critical_value: float
    ends: Ends = BOTH_CROSSINGS
    region: tuple[Interval, ...] = ()

    @property
    def zero_excluded(self) -> bool:
        """Whether zero coupling lies outside of the region, as for data with a signal."""
        return bool(self.region) and self.region[0].low > 0.0


@dataclass(frozen=True, eq=False, repr=False)
class ProfileResult(Displayed):
    """The profile likelihood of one parameter: best fit, intervals and limits.

    Attributes
    ----------
    parameter
        ``"coupling_product"`` (x) or the name of a nuisance.
    mass_mev
        Mediator mass.
    level, critical_value
        Confidence level, and the height of -2 ln L above its minimum that defines the region.
    best
        Best fit of the parameter.
    minimum
        -2 ln L at the best fit, with the constraints of the nuisances.
    nuisances
        All other parameters at the best fit; x among them if the parameter is a nuisance.
    intervals
        The confidence region, in increasing order: several where the profile has several minima.
    limits
        Limits on the quoted coupling; none for a nuisance.
    minima
        Local minima: the parameter, and -2 ln L above the best fit.
    values, statistic
        The profile: the parameter, and -2 ln L above the best fit, shape (n,).
    calibrations
        Critical values from toys, where they were asked for.
    prior
        What maps x to the quoted coupling; ``None`` without a coupling.
    wider
        What a user can do to give the parameter a wider range.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> found = bc.profile("xenonnt_2024_s2", interaction="b-l", mass_mev=10.0)
    >>> [limit.side for limit in found.limits]
    ['upper']
    """

    parameter: str
    mass_mev: float | None
    level: float
    critical_value: float
    best: float
    minimum: float
    nuisances: Mapping[str, float]
    intervals: tuple[Interval, ...]
    limits: tuple[CLLimit, ...]
    minima: tuple[tuple[float, float], ...]
    values: Array
    statistic: Array
    calibrations: tuple[Calibration, ...]
    prior: CouplingPrior | None
    wider: str = ""

    @property
    def range(self) -> tuple[float, float]:
        """Ends of the range of the parameter that was scanned."""
        return float(self.values[0]), float(self.values[-1])

    @property
    def best_quoted(self) -> float:
        """Best fit of the quoted coupling with the sign of x; of a nuisance, itself."""
        return self._quoted(self.best)

    @property
    def quoted_intervals(self) -> tuple[Interval, ...]:
        """The confidence region in the quoted coupling with the sign of x."""
        return tuple(
            Interval(self._quoted(piece.low), self._quoted(piece.high), piece.ends)
            for piece in self.intervals
        )

    def _quoted(self, value: float) -> float:
        if self.parameter != PRODUCT or self.prior is None:
            return value
        return float(self.prior.quoted(value))


def result_text(result: ProfileResult) -> str:
    """Return a profile in words: best fit, limits and region with their confidence level."""
    symbol = signed = result.parameter
    unit = ""
    if symbol == PRODUCT and result.prior is not None:
        coupling = result.prior.coupling
        symbol, unit = coupling.symbol, coupling.unit_text
        signed = coupling.signed_symbol if result.prior.signed else symbol
    level = f"{100 * result.level:g}% CL"
    where = "" if result.mass_mev is None else f"{result.mass_mev:g} MeV: "
    lines = [
        f"{where}best fit {signed} = {result.best_quoted:.4g}{unit}, -2 ln L = {result.minimum:.3f}"
    ]
    for x in result.limits:
        open_end = "; open: the data do not limit it" if x.ends.at_bound else ""
        lines.append(f"  {level} limit ({x.side}): {symbol} < {x.value:.4g}{unit}{open_end}")
    if result.prior is not None:
        lines += [
            "  "
            + zero_text(
                result.prior.coupling,
                [(piece.low, piece.high) for piece in x.region],
                region=f"{level} region",
                side=x.side,
            )
            for x in result.limits
            if x.zero_excluded
        ]
    pieces = [f"[{piece.low:.4g}, {piece.high:.4g}]" for piece in result.quoted_intervals]
    kind = "toys" if result.calibrations else f"-2 ln L within {result.critical_value:.4g}"
    lines.append(f"  {level} region ({kind}): {' and '.join(pieces)}")
    lines += _open_ends(result)
    for c in result.calibrations:
        at = f"x = {c.coupling_product:.4g}"
        lines.append(f"  critical value at {at}: {c.value:.3g} +- {c.error:.2g}")
    return "\n".join(lines)


def _open_ends(result: ProfileResult) -> list[str]:
    """Return a note for a region that the range of the parameter cuts."""
    whole = Ends.around([piece.ends for piece in result.intervals])
    if not whole.at_bound:
        return []
    low, high = (float(result._quoted(value)) for value in result.range)
    return [
        f"  open ({END_TEXTS[whole.at_bound]}): reaches the end of the range {low:.4g} to "
        f"{high:.4g}, where -2 ln L is still within; wider: {result.wider}"
    ]
