"""The limits that are committed in validation/, read from its tables into one form.

A row without a limit (a fit that failed its gate, or data that cannot see the interaction) has a
reason in its table and is left out: nothing may draw it.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

VALIDATION = Path(__file__).parents[2] / "validation"
sys.path.append(str(VALIDATION))

from limit_table import SETS  # noqa: E402

__all__ = ["LEVEL", "SETS", "Limit", "committed", "curves"]

#: Level of every committed limit.
LEVEL = 0.9

#: The experiment of limits_by_prior.csv, which has no column for it.
BY_PRIOR_EXPERIMENT = "xenonnt_cevns"

CREDIBLE, CONFIDENCE = "credible", "CL"

#: Method in a table -> kind and prior. Rules of other papers are no limits of this package.
_METHODS = {
    "flat": (CREDIBLE, "flat"),
    "flat-rate": (CREDIBLE, "flat-rate"),
    "log": (CREDIBLE, "log"),
    "flat prior (credible)": (CREDIBLE, "flat"),
    "profile (CL)": (CONFIDENCE, ""),
}


@dataclass(frozen=True)
class Limit:
    """One committed limit.

    Attributes
    ----------
    experiments, interaction
        What was fitted, with which interaction.
    kind, prior
        ``"credible"`` with a prior, or ``"CL"`` with none.
    side
        ``"upper"``, ``"positive"`` or ``"negative"``.
    mass_mev
        Mass in MeV; ``None`` where the interaction has none.
    value, mc_error
        The limit on the quoted coupling, and its Monte-Carlo error if it has one.
    version
        Of the package that made it.
    """

    experiments: str
    interaction: str
    kind: str
    prior: str
    side: str
    mass_mev: float | None
    value: float
    mc_error: float | None
    version: str

    @property
    def curve(self) -> tuple[str, str, str, str, str]:
        """What the limits of one curve have in common."""
        return self.experiments, self.interaction, self.kind, self.prior, self.side


def committed() -> list[Limit]:
    """Return every committed limit; of curves that two tables have, those of the finer one."""
    finest = list(_read("limits.csv", method="flat"))
    known = {limit.curve for limit in finest}
    others = [
        *_read("limits_by_prior.csv", experiments=BY_PRIOR_EXPERIMENT),
        *_read("sterile.csv", side="upper"),
    ]
    return [*finest, *(limit for limit in others if limit.curve not in known)]


def curves(limits: Iterable[Limit]) -> dict[tuple[str, str, str, str, str], list[Limit]]:
    """Return limits by their curve, in the order of their masses."""
    found: dict[tuple[str, str, str, str, str], list[Limit]] = {}
    for limit in sorted(limits, key=lambda one: (*one.curve, one.mass_mev or 0.0)):
        found.setdefault(limit.curve, []).append(limit)
    return found


def _read(name: str, **fixed: str) -> Iterator[Limit]:
    with (VALIDATION / name).open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            given = row | fixed
            if not given["limit"] or given["method"] not in _METHODS:
                continue
            kind, prior = _METHODS[given["method"]]
            error = given.get("mc_error", "")
            yield Limit(
                given.get("experiments") or given["experiment"],
                given["interaction"],
                kind,
                prior,
                given["side"],
                float(given["mass_mev"]) if given["mass_mev"] else None,
                float(given["limit"]),
                float(error) if error else None,
                given["version"],
            )
