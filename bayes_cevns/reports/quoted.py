"""Numbers of a result that may be quoted, each with all that has to be said with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import singledispatch
from typing import Any

from bayes_cevns.reports.tables import Row, rows_of, scan_of
from bayes_cevns.studies.coupling_fits import CouplingFits
from bayes_cevns.studies.prior_sensitivity import PriorSensitivity
from bayes_cevns.studies.profile import ProfileScan
from bayes_cevns.studies.sample import ModelRun
from bayes_cevns.studies.scan_result import Scan
from bayes_cevns.studies.sensitivity.result import Sensitivity
from bayes_cevns.studies.study import Result

#: What a limit is of: the data themselves, or data that stand for them.
DATA, EXPECTED = "data", "expected"


@dataclass(frozen=True, kw_only=True)
class QuotedLimit:
    """A limit on the coupling of an interaction.

    Attributes
    ----------
    value, mc_error
        The limit, and its Monte-Carlo error where it has one.
    side, level, kind
        ``"upper"``, ``"positive"`` or ``"negative"``; the level; ``"credible"`` or ``"CL"``.
    of
        `DATA`, or `EXPECTED`: the median of toys, or the limit of Asimov data.
    data
        What the data are, such as ``"observed"``.
    mass_mev
        Mediator mass; ``None`` without one.
    prior, prior_text
        Name of the prior, and in what it is uniform; empty for a confidence level.
    at_bound, zero_excluded
        At which ends the range of the prior matters, and whether zero lies outside of the region.
    ratios
        Name of another prior -> the limit with it over this one.
    passed
        Whether the fit passed its gate: nothing else may be quoted.
    approximate
        Whether it is a preview.
    pieces
        Of how many pieces the region of this side is: the limit is the far end of the last one, and
        values below it are excluded too where there are several. 0 if that is not known.
    """

    value: float | None
    mc_error: float | None = None
    side: str
    level: float
    kind: str
    of: str = DATA
    data: str
    mass_mev: float | None = None
    prior: str = ""
    prior_text: str = ""
    at_bound: str = ""
    zero_excluded: bool = False
    ratios: Mapping[str, float] = field(default_factory=dict)
    passed: bool = True
    approximate: bool = False
    pieces: int = 0


@dataclass(frozen=True, kw_only=True)
class QuotedInterval:
    """One piece of the region of a parameter.

    Attributes
    ----------
    parameter, unit
        What it is of.
    low, high
        Its ends.
    level, kind, data
        As of a `QuotedLimit`.
    mass_mev
        Mediator mass, if there is one.
    prior_text
        In what the prior is uniform; empty for a confidence level.
    at_bound, at_physical
        Which ends are those of the range, and of the parameter itself.
    """

    parameter: str
    unit: str
    low: float
    high: float
    level: float
    kind: str
    data: str
    mass_mev: float | None = None
    prior_text: str = ""
    at_bound: str = ""
    at_physical: str = ""


type Quoted = QuotedLimit | QuotedInterval


@singledispatch
def quoted(result: Result) -> tuple[Quoted, ...]:
    """Return the limits and intervals of a result, also of fits that failed, marked as such.

    Comparisons, ranks and coverage quote none.
    """
    del result
    return ()


@quoted.register
def _of_scan(result: Scan) -> tuple[Quoted, ...]:
    approximate = bool(result.method)
    found = [_limit(row, approximate) for row in rows_of(result).get("limits.csv", ())]
    pieces = [len(point.regions[x.side]) for point in result.points for x in point.limits]
    return tuple(replace(one, pieces=n) for one, n in zip(found, pieces, strict=True))


@quoted.register
def _of_sample(result: ModelRun) -> tuple[Quoted, ...]:
    if result.prior is None:
        rows = rows_of(result)["parameters.csv"] if result.passed else []
        return tuple(_interval(row, str(row["parameter"])) for row in rows)
    return quoted(scan_of(result))


@quoted.register
def _of_profile(result: ProfileScan) -> tuple[Quoted, ...]:
    tables = rows_of(result)
    return (
        *(_limit(row) for row in tables["limits_cl.csv"] if _is_of_coupling(result)),
        *(_interval(row, str(row["coupling"])) for row in tables["intervals_cl.csv"]),
    )


def _is_of_coupling(result: ProfileScan) -> bool:
    """Return whether an interaction was profiled, and not a nuisance."""
    found = [point.result for point in result.points if point.result is not None]
    return all(one.limits for one in found) and result.spec.interaction is not None


@quoted.register
def _of_couplings(result: CouplingFits) -> tuple[Quoted, ...]:
    rows = rows_of(result)["intervals.csv"]
    return tuple(_interval(row, str(row["parameter"])) for row in rows)


@quoted.register
def _of_sensitivity(result: Sensitivity) -> tuple[Quoted, ...]:
    found: list[Quoted] = []
    for row in rows_of(result)["sensitivity.csv"]:
        for name, of in (("observed", DATA), ("median", EXPECTED), ("asimov", EXPECTED)):
            if row[name] is not None:
                words = {"limit": row[name], "mc_error": row[f"{name}_error"], "passed": True}
                bound = {"at_bound": row.get(f"{name}_at_bound")}
                data = {} if of == DATA else {"data": "toys" if name == "median" else "asimov"}
                zero = {} if of == DATA else {"zero_excluded": False}
                found.append(_limit({**row, **words, **bound, **data, **zero}, of=of))
    return tuple(found)


@quoted.register
def _of_priors(result: PriorSensitivity) -> tuple[Quoted, ...]:
    rows = rows_of(result)["prior_sensitivity.csv"]
    own = result.fit.spec.prior
    found = []
    for row in (row for row in rows if row["prior"] == own):
        same = [other for other in rows if other["side"] == row["side"] and other["passed"]]
        ratios = {str(o["prior"]): o["ratio"] for o in same if o["ratio"] is not None}
        found.append(_limit({**row, **{f"ratio_{name}": r for name, r in ratios.items()}}))
    return tuple(found)


def _limit(row: Row, approximate: bool = False, of: str = DATA) -> QuotedLimit:
    """Return the limit of a row."""
    ratios = {
        name.removeprefix("ratio_").replace("_", "-"): float(value)
        for name, value in row.items()
        if name.startswith("ratio_") and value is not None
    }
    return QuotedLimit(
        value=row.get("limit"),
        mc_error=row.get("mc_error"),
        of=of,
        ratios={name: ratio for name, ratio in ratios.items() if name != row.get("prior")},
        passed=bool(row["passed"]) and row.get("limit") is not None,
        approximate=approximate,
        zero_excluded=bool(row.get("zero_excluded")),
        **_common(row),
    )


def _common(row: Row) -> dict[str, Any]:
    words = {name: str(row.get(name) or "") for name in ("kind", "data", "side", "prior")}
    return {
        **words,
        "prior_text": str(row.get("prior_text") or ""),
        "level": float(row["level"]),
        "mass_mev": row.get("mass_mev"),
        "at_bound": str(row.get("at_bound") or ""),
    }


def _interval(row: Row, parameter: str) -> QuotedInterval:
    common = {k: v for k, v in _common(row).items() if k not in ("side", "prior")}
    return QuotedInterval(
        parameter=parameter,
        unit=row.get("unit") or "1",
        low=float(row["low"]),
        high=float(row["high"]),
        at_physical=str(row.get("at_physical") or ""),
        **common,
    )


def limits_among(found: Iterable[Quoted]) -> list[QuotedLimit]:
    """Return the limits among what is quoted."""
    return [one for one in found if isinstance(one, QuotedLimit)]


def intervals_among(found: Iterable[Quoted]) -> list[QuotedInterval]:
    """Return the intervals among what is quoted."""
    return [one for one in found if isinstance(one, QuotedInterval)]
