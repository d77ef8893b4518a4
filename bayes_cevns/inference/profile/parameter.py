"""Profile likelihood: best fits and confidence intervals (CL) of the same model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.stats import chi2

from bayes_cevns.arguments import flag, named
from bayes_cevns.arrays import Array
from bayes_cevns.bounds import within
from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.display import Displayed
from bayes_cevns.ends import BOTH_CROSSINGS, CROSSING, Ends
from bayes_cevns.errors import ArgumentError, shown
from bayes_cevns.experiments import Experiment
from bayes_cevns.inference.profile.curve import ProfileCurve, find_parameter
from bayes_cevns.inference.profile.likelihood import Likelihood, nuisance_parameters
from bayes_cevns.inference.profile.toys import Calibration, Calibrator, check_toys
from bayes_cevns.inference.settings import check_seed
from bayes_cevns.names import DEFAULT_FORM_FACTOR
from bayes_cevns.physics.checks import real
from bayes_cevns.physics.interactions import STANDARD_MODEL, Interaction
from bayes_cevns.specification.model_spec import ModelSpec, checked_mass
from bayes_cevns.specification.variables import PRODUCT
from bayes_cevns.summary.draws import check_level
from bayes_cevns.summary.zero import zero_text

#: Coordinate of x (or value of a nuisance) -> critical value of -2 ln L above its minimum.
type Critical = Callable[[float], float]

CALIBRATIONS = ("wilks", "toys")


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


def profile(
    experiments: Sequence[Experiment],
    *,
    interaction: str | Interaction = STANDARD_MODEL,
    mass_mev: float | None = None,
    parameter: str | None = None,
    level: float = 0.9,
    free: bool = False,
    critical_value: float | None = None,
    calibrate: str = "wilks",
    toys: int = 500,
    seed: int = 1,
    nuisance_priors: Mapping[str, str] | None = None,
    form_factor: str = DEFAULT_FORM_FACTOR,
    allow_overlap: bool = False,
    allow_conflict: bool = False,
) -> ProfileResult:
    """Return best fit, confidence region and limits of a coupling or of a nuisance.

    Parameters
    ----------
    experiments
        Experiments of the joint fit.
    interaction
        Name of an interaction, or ``"sm"``; or what `bayes_cevns.interaction` returns.
    mass_mev
        Mediator mass in MeV; ``None`` without a mediator.
    parameter
        Name of a nuisance, such as ``"flux_8b"`` or ``"xenonnt_cevns.ac[sr0]"``; the coupling
        by default.
    level
        Confidence level in (0, 1).
    free
        Leave out the constraint of this nuisance: measure it instead.
    critical_value
        Height of -2 ln L above its minimum that defines the region; by default the quantile of
        chi^2 with one degree of freedom, 2.706 for 90%. Papers also use, at 90%, 1.642 for a
        one-sided limit, and 4.605 for two parameters.
    calibrate
        ``"wilks"``, or ``"toys"`` to take the critical values of a coupling from simulated data
        (Feldman and Cousins), at the ends of the region that Wilks's theorem gives.
    toys, seed
        Toys for each of these ends, and the seed of their random numbers.
    nuisance_priors
        Alternative priors by nuisance; a uniform one leaves it free between its ends.
    form_factor
        Name of the nuclear form factor.
    allow_overlap, allow_conflict
        Accept experiments that share exposure, as if their events were independent, and those
        whose cards say that they contradict each other.

    Returns
    -------
    ProfileResult
        Its region holds all values with -2 ln L at most the critical value above the best fit.
        Where the range of the parameter ends first, the interval ends there and says so
        (`Interval.ends`); a wider range would extend it. The limit ``"upper"`` is the upper end of
        the region. The limits ``"positive"`` and ``"negative"`` are for models that fix the sign
        of x: -2 ln L is compared with the best fit of this sign. (Critical values from toys are
        those of the region of both signs.)

    Raises
    ------
    ArgumentError, UnknownNameError, TableError
        If something asked for does not exist or cannot be.
    ConvergenceError
        If a fit does not converge.

    Notes
    -----
    The likelihood is that of the model (`Likelihood`): counts and constraints, without the prior of
    the coupling. By Wilks's theorem, -2 ln L at the truth above its minimum follows chi^2 with one
    degree of freedom. If the truth is at an end of the range, such as g = 0 without interference,
    it is zero with probability one half, and follows chi^2 otherwise (Chernoff, Ann. Math. Stat. 25
    (1954) 573), so that 2.706 covers more than 90% near zero. For few events, or where a sign gives
    two minima, neither is exact; toys give the right critical value (Feldman and Cousins, Phys.
    Rev. D 57 (1998) 3873).

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> search = bc.experiment("xenonnt_cevns")
    >>> found = bc.profile([search], interaction="scalar-universal", mass_mev=10.0)
    >>> [limit.side for limit in found.limits]
    ['upper']
    """
    spec = ModelSpec.of(
        experiments,
        interaction=interaction,
        nuisance_priors=nuisance_priors,
        form_factor=form_factor,
        allow_overlap=allow_overlap,
        allow_conflict=allow_conflict,
    )
    request = ProfileRequest(level, critical_value, calibrate, toys, seed)
    request.check(spec, parameter)
    free, mass_mev = flag(free, what="free"), checked_mass(spec.interaction, mass_mev)
    if free and parameter in (None, PRODUCT):
        raise ArgumentError("free: name the nuisance whose constraint is to be left out")
    likelihood = Likelihood(spec.merging_bins(), mass_mev, free=parameter if free else None)
    calibrator = Calibrator(spec, mass_mev) if request.calibrate == "toys" else None
    return profiled(likelihood, request, mass_mev, parameter=parameter, calibrator=calibrator)


@dataclass(frozen=True)
class ProfileRequest:
    """Options of `profile` and `profile_scan` besides the model; see there."""

    level: float
    critical_value: float | None
    calibrate: str
    toys: int
    seed: int

    def __post_init__(self) -> None:
        level = check_level(self.level, what="a confidence level")
        object.__setattr__(self, "level", level)
        if self.critical_value is not None:
            given = real(self.critical_value, what="a critical value")
            if not 0.0 < given < np.inf:
                raise ArgumentError(f"a critical value must be positive and finite, got {given:g}")
            object.__setattr__(self, "critical_value", given)
        if not isinstance(self.calibrate, str) or self.calibrate not in CALIBRATIONS:
            raise ArgumentError(
                f"calibrate: expected {' or '.join(CALIBRATIONS)}, got {shown(self.calibrate)}"
            )
        object.__setattr__(self, "toys", within("toys", self.toys))
        object.__setattr__(self, "seed", check_seed(self.seed))

    def check(self, spec: ModelSpec, parameter: str | None) -> None:
        """Raise the error of options that do not fit the model, before anything is compiled.

        Raises
        ------
        UnknownNameError, ArgumentError
            If there is no such parameter, or the options contradict each other or the model.
        """
        given = self.critical_value
        if spec.interaction is None and parameter is None:
            raise ArgumentError(
                "the Standard Model has no coupling: name an interaction, or a nuisance with "
                "parameter= (--parameter)"
            )
        if parameter is not None:
            own = [] if spec.interaction is None else [PRODUCT]
            parts = nuisance_parameters(spec).values()
            named(parameter, "parameter", [*own, *(p.name for part in parts for p in part)])
        if self.calibrate == "toys":
            if parameter not in (None, PRODUCT):
                raise ArgumentError(f"toys calibrate limits on a coupling, not {parameter!r}")
            if given is not None:
                raise ArgumentError("give a critical value, or have toys find it, not both")
            check_toys(self.level, self.toys)

    @property
    def wilks(self) -> float:
        """The critical value of -2 ln L above its minimum, without toys."""
        given = self.critical_value
        return float(chi2.ppf(self.level, 1)) if given is None else given


def profiled(
    likelihood: Likelihood,
    request: ProfileRequest,
    mass_mev: float | None,
    *,
    parameter: str | None = None,
    calibrator: Calibrator | None = None,
) -> ProfileResult:
    """Profile a likelihood at the mass to which it was moved; see `profile`."""
    name = parameter or PRODUCT
    prior = likelihood.prior
    curve = ProfileCurve(likelihood, name, reach=request.wilks)
    least = 2 * curve.best.value
    region = curve.below(lambda _: request.wilks, least)
    calibrations: tuple[Calibration, ...] = ()
    if calibrator is not None and prior is not None:
        ends = sorted({end for piece in region for end in piece})
        calibrations = tuple(
            calibrator.at(float(prior.product(t)), request.level, request.toys, request.seed + i)
            for i, t in enumerate(ends)
        )
    critical = _critical(prior, calibrations, request.wilks)
    region = curve.below(critical, least) if calibrations else region
    place = find_parameter(likelihood, name)
    mapped = partial(_natural, prior if name == PRODUCT else None)
    return ProfileResult(
        parameter=name,
        mass_mev=mass_mev,
        level=request.level,
        critical_value=request.wilks,
        best=mapped(curve.best.point[place]),
        minimum=least,
        nuisances={
            p.name: _natural(prior if p.name == PRODUCT else None, value)
            for p, value in zip(likelihood.parameters, curve.best.point, strict=True)
            if p.name != name
        },
        intervals=tuple(
            Interval(mapped(low), mapped(high), curve.ends_of(low, high)) for low, high in region
        ),
        limits=() if name != PRODUCT or prior is None else _limits(curve, prior, critical),
        minima=tuple((mapped(m.point[place]), 2 * m.value - least) for m in curve.minima),
        values=np.array([mapped(v) for v in curve.values]),
        statistic=curve.heights - least,
        calibrations=calibrations,
        prior=prior,
        wider=likelihood.parameters[place].wider,
    )


def _natural(prior: CouplingPrior | None, value: float) -> float:
    """Return x for its coordinate, and the value of a nuisance as it is."""
    return float(value if prior is None else prior.product(value))


def _critical(
    prior: CouplingPrior | None, calibrations: Sequence[Calibration], wilks: float
) -> Critical:
    """Return the critical value: Wilks's, or toys', interpolated between calibrated points."""
    if prior is None or not calibrations:
        return lambda _: wilks
    at = prior.coordinate([c.coupling_product for c in calibrations])
    return lambda t: float(np.interp(t, at, [c.value for c in calibrations]))


def _limits(curve: ProfileCurve, prior: CouplingPrior, critical: Critical) -> tuple[CLLimit, ...]:
    """Return the limit on either sign of x, or on |x|."""
    if prior.signed:
        sides = {"positive": (0.0, np.inf), "negative": (-np.inf, 0.0)}
    else:
        sides = {"upper": (-np.inf, np.inf)}
    found = []
    for side, (low, high) in sides.items():
        inside = (curve.values >= low) & (curve.values <= high)
        least = float(curve.heights[inside].min())
        if not np.isfinite(least):  # no x of this sign can make the data
            found.append(CLLimit(side, np.nan, np.nan))
            continue
        region = curve.below(critical, least, low, high)
        ends = curve.ends_of(region[0][0], region[-1][1])
        far, end = (region[-1][1], ends.high) if side != "negative" else (region[0][0], ends.low)
        limit = float(abs(prior.quoted(prior.product(far))))
        quoted = np.abs(prior.quoted(prior.product(np.array(region))))
        at_zero = np.array(region) == prior.coordinate(0.0)  # without rounding
        pieces = sorted(sorted(piece) for piece in np.where(at_zero, 0.0, quoted).tolist())
        own = tuple(Interval(*piece) for piece in pieces)
        found.append(CLLimit(side, limit, critical(far), Ends(CROSSING, end), own))
    return tuple(found)


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
    whole = Ends(result.intervals[0].ends.low, result.intervals[-1].ends.high)
    words = {"low": "lower end", "high": "upper end", "both": "both ends"}
    if not whole.at_bound:
        return []
    low, high = (float(result._quoted(value)) for value in result.range)
    return [
        f"  open ({words[whole.at_bound]}): reaches the end of the range {low:.4g} to {high:.4g}, "
        f"where -2 ln L is still within; wider: {result.wider}"
    ]
