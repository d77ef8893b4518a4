"""What points of studies cost, as this machine has measured it, and how long others will take.

Each finished run leaves the seconds of its points in the cache folder. An estimate takes what is
most like the study; where nothing is known it takes `COMMITTED`, and says so.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from typing import Any

from bayes_cevns import __version__
from bayes_cevns.progress.counter import Counter
from bayes_cevns.progress.standing import duration_text
from bayes_cevns.specification.columns import experiments_label
from bayes_cevns.storage import atomic
from bayes_cevns.storage.caches import cache_dir
from bayes_cevns.studies.study import Study

COSTS_FILE = "costs.json"

#: Measurements that are kept, the latest.
_MOST = 1000

#: Study -> seconds of the processor until its first point, and of a point, for an experiment with
#: few bins and the default settings, with code that is compiled already (once for a machine: 2 s).
#: From `benchmarks/costs.py` on two busy cores, December 2026, all in one process. The point of
#: `sample` is that of `scan`, since it came first and had the compilation in it; `couplings`
#: was the first with several couplings, and has what was loaded for them in it.
COMMITTED: dict[str, tuple[float, float]] = {
    "sample": (0.0, 0.14),
    "scan": (0.0, 0.14),
    "preview": (0.0, 0.05),
    "couplings": (0.0, 4.0),
    "profile": (0.03, 0.14),
    "sensitivity": (0.0, 0.13),
    "compare": (0.0, 0.69),
    "prior-sensitivity": (0.0, 0.71),
    "calibrate": (0.11, 0.066),
    "calibrate-couplings": (0.04, 0.31),
    "coverage": (0.083, 0.11),
    "coverage-couplings": (0.15, 0.26),
}

#: Seconds from which a study is said to take long, before it starts.
_LONG = 1200.0

HERE, ALIKE, ELSEWHERE = "measured here", "measured here on others", "not measured here"


@dataclass(frozen=True)
class Cost:
    """What was measured of one run.

    Attributes
    ----------
    study, experiments, interaction
        What it was: its kind, the experiments joined with ``+``, the interaction.
    number
        How many experiments these are.
    work
        What its points cost in proportion: draws of all chains, warm-up included, times the fits
        of a point that are known beforehand.
    preparing_seconds, point_seconds
        Seconds until the first point, and of a point.
    version
        Of the package.
    """

    study: str
    experiments: str
    interaction: str
    number: int
    work: float
    preparing_seconds: float
    point_seconds: float
    version: str = __version__


@dataclass(frozen=True)
class Estimate:
    """How long a study will take.

    Attributes
    ----------
    preparing_seconds, point_seconds
        Seconds until the first point, and of each point.
    origin
        `HERE` for a study like it, `ALIKE` for one with other experiments or interactions, or
        `ELSEWHERE`: from the table in this file.
    """

    preparing_seconds: float
    point_seconds: float
    origin: str


def keep(study: Study[Any, Any, Any], counter: Counter) -> None:
    """Keep what the points of a run cost, if it has computed any; no run fails by it.

    What the first point took longer than the others is counted to the preparation: compiled code
    is loaded there, or made.
    """
    if not counter.computed:
        return
    first, more = counter.first_seconds, counter.computed - 1
    seconds = (counter.point_seconds - first) / more if more else first
    preparing = counter.preparing_seconds + max(0.0, first - seconds)
    measured = _cost(study, preparing, seconds)
    others = [one for one in measurements() if _name(one) != _name(measured)]
    kept = [*others, measured][-_MOST:]
    folder = cache_dir()
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps([asdict(one) for one in kept], indent=0)
        atomic.replace_text(folder / COSTS_FILE, text + "\n")
        atomic.remove_temporaries(folder)


def measurements() -> list[Cost]:
    """Return what this machine has measured, the latest last; nothing of a damaged file."""
    try:
        listed = json.loads((cache_dir() / COSTS_FILE).read_text(encoding="utf-8"))
        found = [Cost(**{f.name: one[f.name] for f in fields(Cost)}) for one in listed]
        right = [one for one in found if _is_right(one)]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return [one for one in right if one.version == __version__]


def estimate(study: Study[Any, Any, Any], known: Iterable[Cost] | None = None) -> Estimate:
    """Return how long a study will take.

    Parameters
    ----------
    study
        The study.
    known
        What was measured, the latest last; what is in the cache folder by default.
    """
    own = _cost(study, 0.0, 0.0)
    like = [one for one in (measurements() if known is None else known) if one.study == own.study]
    for origin, alike in (
        (HERE, [o for o in like if (o.experiments, o.interaction) == _model(own)]),
        (HERE, [o for o in like if o.experiments == own.experiments]),
        (ALIKE, like),
    ):
        if alike:
            # Of those as like in experiments, the one whose work is most like.
            best = min(reversed(alike), key=lambda one: abs(math.log(one.work / own.work)))
            factor = own.work / best.work
            if origin == ALIKE:
                factor *= own.number / best.number
            return Estimate(best.preparing_seconds, factor * best.point_seconds, origin)
    preparing, point = COMMITTED[own.study]
    factor = own.number * own.work / _default_work(own.study)
    return Estimate(preparing, factor * point, ELSEWHERE)


def warning_of_time(study: Study[Any, Any, Any]) -> str:
    """Return how long a study will take, if that is long; otherwise nothing."""
    found = estimate(study)
    seconds = found.preparing_seconds + study.size() * found.point_seconds
    if seconds < _LONG:
        return ""
    return (
        f"this takes about {duration_text(seconds)}: {study.size():,} points, one after the other "
        f"({found.origin}); finished points are kept with --out, and --workers shares them out"
    )


def _cost(study: Study[Any, Any, Any], preparing_seconds: float, point_seconds: float) -> Cost:
    interaction = study.word_of("interaction") if hasattr(study, "interaction") else ""
    return Cost(
        study.kind,
        experiments_label(study.experiments),
        str(interaction),
        len(study.experiments),
        _work(study),
        preparing_seconds,
        point_seconds,
    )


def _work(study: Study[Any, Any, Any]) -> float:
    """Return what the points of a study cost in proportion to."""
    settings = getattr(study, "settings", None)
    if settings is not None:
        return float((settings.draws + settings.tune) * settings.chains)
    toys = getattr(study, "toys", 0) if getattr(study, "calibrate", "") == "toys" else 0
    return 1.0 + float(toys)  # profiles: one of the data, and those of toys


def _default_work(kind: str) -> float:
    from bayes_cevns.inference.settings import SamplerSettings

    usual = SamplerSettings()
    return 1.0 if kind == "profile" else float((usual.draws + usual.tune) * usual.chains)


def _model(cost: Cost) -> tuple[str, str]:
    return cost.experiments, cost.interaction


def _name(cost: Cost) -> tuple[object, ...]:
    return cost.study, *_model(cost), cost.work


def _is_right(cost: Cost) -> bool:
    """Return whether numbers of a file are numbers that a division can have."""
    numbers = (cost.work, cost.preparing_seconds, cost.point_seconds)
    finite = all(isinstance(x, int | float) and math.isfinite(x) and x >= 0.0 for x in numbers)
    return finite and cost.work > 0 and type(cost.number) is int and cost.number > 0
