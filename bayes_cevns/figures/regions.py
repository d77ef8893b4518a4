"""The regions of scans and profiles over the mediator mass, as the exclusion figure takes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.ends import Ends
from bayes_cevns.errors import ArgumentError
from bayes_cevns.figures.captions import axis_of, is_projection
from bayes_cevns.plots.region_lines import CONFIDENCE, ExclusionRegions
from bayes_cevns.plots.stretches import Piece, Region
from bayes_cevns.studies.profile import ProfileScan
from bayes_cevns.studies.profile_points import ProfilePoint
from bayes_cevns.studies.scan_result import Scan, ScanPoint


def scan_regions(scan: Scan) -> list[ExclusionRegions]:
    """Return the credible region of each side, and the limit where it is the edge of one."""
    if not scan.points:
        raise ArgumentError("no mass of this scan is finished: there is nothing to draw")
    found = []
    masses = axis_of(scan.spec).drawn([point.mass_mev for point in scan.points])
    for number, limit in enumerate(scan.points[0].limits):
        regions = [_credible(point, number) for point in scan.points]
        values = [point.limits[number].value for point in scan.points]
        found.append(
            ExclusionRegions(
                limit.side,
                masses,
                regions,
                _meant(regions, values),
                _scale(point.fit.prior for point in scan.points),
                is_projection=is_projection(scan.spec.experiments),
            )
        )
    return found


def profile_regions(profile: ProfileScan) -> list[ExclusionRegions]:
    """Return the confidence region of each side, and the limit where it is the edge of one."""
    found = []
    given = [np.nan if p.mass_mev is None else p.mass_mev for p in profile.points]
    masses = axis_of(profile.spec).drawn(given)
    for number, side in enumerate(profile.sides):
        regions = [_confidence(point, number) for point in profile.points]
        values = [p.result.limits[number].value if p.result else np.nan for p in profile.points]
        found.append(
            ExclusionRegions(
                side,
                masses,
                regions,
                _meant(regions, values),
                _scale(p.result.prior if p.result else None for p in profile.points),
                CONFIDENCE,
                is_projection(profile.spec.experiments),
            )
        )
    return found


def _credible(point: ScanPoint, number: int) -> Region | None:
    """Return the region of a side; its edge is the limit where it is that of one piece from zero.

    Both are then the same number but for the cells of the density.
    """
    limit, prior = point.limits[number], point.fit.prior
    bands = point.regions[limit.side]
    if not point.fit.passed or not bands or prior is None:
        return None
    ends = sorted(
        (min(abs(b.low), abs(b.high)), max(abs(b.low), abs(b.high)))
        if b.low * b.high > 0
        else (0.0, max(abs(b.low), abs(b.high)))
        for b in bands
    )
    # Bands come from zero outwards, those of negative couplings with their ends as signed numbers.
    outwards = [b.ends.mirrored if limit.side == "negative" else b.ends for b in bands]
    whole = Ends(outwards[0].low, outwards[-1].high)
    if len(ends) == 1 and ends[0][0] == 0.0:
        ends = [(0.0, limit.value)]
    return _pieces(ends, whole, limit.side, prior)


def _confidence(point: ProfilePoint, number: int) -> Region | None:
    if point.result is None or point.result.prior is None:
        return None
    limit = point.result.limits[number]
    ends = [(piece.low, piece.high) for piece in limit.region]
    return _pieces(ends, limit.ends, limit.side, point.result.prior)


def _pieces(
    pieces: Sequence[tuple[float, float]], ends: Ends, side: str, prior: CouplingPrior
) -> Region:
    """Return pieces with their ends, and whether the amplitude is reversed in them.

    The ends are those of the whole region, which is open where they are ends of a range. Zero is
    not open: with a log prior a limit depends on the least coupling, but no smaller one is outside
    of the region. The amplitude is reversed where x is beyond the point at which the signal is
    least, with the Standard Model on the other side; where the sign of x is not observable, above a
    gap.
    """
    turn = np.inf
    if prior.split is not None:
        least = float(prior.quoted(prior.product(prior.split)))
        if (side == "positive") == (least > 0):
            turn = abs(least)
    elif len(pieces) > 1:
        turn = pieces[0][1]
    return tuple(
        Piece(low, high, low > 0.0 and 0.5 * (low + high) > turn, is_open)
        for (low, high), is_open in zip(pieces, _are_open(pieces, ends), strict=True)
    )


def _are_open(pieces: Sequence[tuple[float, float]], ends: Ends) -> list[tuple[bool, bool]]:
    return [
        (own.low.kind == "range" and low > 0.0, own.high.kind == "range")
        for (low, _), own in zip(pieces, ends.shared(len(pieces)), strict=True)
    ]


def _meant(regions: Sequence[Region | None], limits: Sequence[float]) -> Array:
    """Return the limits at which a region that reaches zero ends, with nothing allowed above.

    The end of a range is no limit: what is above was not looked at.
    """
    is_edge = [
        r is not None and len(r) == 1 and r[0].low == 0.0 and not r[0].is_open[1] for r in regions
    ]
    return np.where(is_edge, np.array(limits, dtype=float), np.nan)


def _scale(priors: Iterable[CouplingPrior | None]) -> Array:
    """Return a coupling that makes much the same signal at each mass: the end of its prior."""
    return np.array([1.0 if p is None else float(p.quoted(p.product(p.upper))) for p in priors])
