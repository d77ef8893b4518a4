"""The profile likelihood of one parameter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.ends import CROSSING, Ends
from bayes_cevns.inference.profile.curve import ProfileCurve, find_parameter
from bayes_cevns.inference.profile.likelihood import Likelihood
from bayes_cevns.inference.profile.request import ProfileRequest
from bayes_cevns.inference.profile.result import Calibration, CLLimit, Interval, ProfileResult
from bayes_cevns.inference.profile.toys import Calibrator
from bayes_cevns.specification.variables import PRODUCT

#: Coordinate of x (or value of a nuisance) -> critical value of -2 ln L above its minimum.
type Critical = Callable[[float], float]


def profiled(
    likelihood: Likelihood,
    request: ProfileRequest,
    mass_mev: float | None,
    *,
    parameter: str | None = None,
    calibrator: Calibrator | None = None,
) -> ProfileResult:
    """Profile a likelihood at the mass to which it was moved (`bayes_cevns.profile`)."""
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
