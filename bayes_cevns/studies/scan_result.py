"""What a scan has found: limits and allowed bands over mediator masses."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from bayes_cevns.display import Displayed
from bayes_cevns.specification.columns import (
    CREDIBLE,
    LABEL_COLUMNS,
    PRIOR_TEXT,
    experiments_label,
    labels,
    prior_label,
)
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.storage.csv_tables import csv_text
from bayes_cevns.studies.study import Result
from bayes_cevns.summary.agreement import Agreement, agreements
from bayes_cevns.summary.bands import Band, bands, bands_of_sides, excludes_zero
from bayes_cevns.summary.draws import check_level
from bayes_cevns.summary.fit import Fit
from bayes_cevns.summary.limits import Limit, limits
from bayes_cevns.summary.zero import zero_at_masses_text

LIMIT_COLUMNS = (
    "experiment",
    "interaction",
    "mass_mev",
    *LABEL_COLUMNS,
    "prior",
    PRIOR_TEXT,
    "level",
    "side",
    "limit",
    "mc_error",
    "at_bound",
    "zero_excluded",
    "passed",
    *("ratio_flat", "ratio_flat_rate", "ratio_log"),
    "preview",
    "agrees",
)
BAND_COLUMNS = (
    "experiment",
    "interaction",
    "mass_mev",
    *LABEL_COLUMNS,
    "prior",
    PRIOR_TEXT,
    "level",
    "band",
    "low",
    "high",
    "probability",
    "at_bound",
    "at_physical",
    "passed",
)


@dataclass(frozen=True, eq=False, repr=False)
class ScanPoint(Displayed):
    """What a scan has at one mass.

    Limits, bands and regions are found when they are asked for, and then kept.

    Attributes
    ----------
    mass_mev, fit, level
        Mass (NaN without a mediator), posterior, and credible level of what is quoted of it.
    prior_ratios
        Name of a prior -> each of `limits` with this prior, over itself; NaN if not known.
    previews
        Each of `limits` by a preview; empty if they were not compared.
    """

    mass_mev: float
    fit: Fit
    level: float
    prior_ratios: Mapping[str, tuple[float, ...]]
    previews: tuple[float, ...] = ()

    def _title(self) -> str:
        found = ", ".join(f"{x.side} {x.value:.4g}" for x in self.limits)
        return f"{type(self).__name__} at {self.place}{found or 'no limit'}"

    @property
    def place(self) -> str:
        """Its mass, as it stands before what is said of it; nothing without a mediator."""
        return "" if math.isnan(self.mass_mev) else f"{self.mass_mev:g} MeV: "

    def _rows(self) -> dict[str, object]:
        quoted = {"limits": self.limits, "bands": self.bands, "regions": self.regions}
        return {**super()._rows(), **quoted}

    @cached_property
    def limits(self) -> tuple[Limit, ...]:
        """Its limits."""
        return limits(self.fit, self.level)

    @cached_property
    def agreements(self) -> tuple[Agreement, ...]:
        """How its limits compare with those of a preview."""
        return agreements(self.limits, self.previews)

    @cached_property
    def bands(self) -> tuple[Band, ...]:
        """Its allowed bands."""
        return bands(self.fit, self.level)

    @cached_property
    def regions(self) -> Mapping[str, tuple[Band, ...]]:
        """Side of a limit -> the region of that sign by itself (`bands_of_sides`)."""
        if self.fit.prior is not None and not self.fit.prior.signed:
            return {"upper": self.bands}
        return bands_of_sides(self.fit, self.level)


@dataclass(eq=False, repr=False)
class Scan(Result):
    """Limits of one interaction over a range of mediator masses.

    Attributes
    ----------
    spec, level, seed
        What was asked for.
    points
        One for each mass that is finished, in increasing order.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> scan = bc.scan("xenonnt_2024_s2", interaction="b-l", masses_mev=[1.0, 10.0], seed=1)
    >>> [point.fit.passed for point in scan.at_level(0.95).points]
    [True, True]
    """

    spec: ModelSpec
    level: float
    seed: int
    points: list[ScanPoint] = field(default_factory=list)

    def _rows(self) -> dict[str, object]:
        masses = [f"{point.mass_mev:g} MeV" for point in self.points]
        return {
            "experiment": self.experiment,
            "interaction": self.interaction,
            "prior": self.spec.prior,
            "level": self.level,
            "seed": self.seed,
            "points": len(self.points),
            "failed": len(self.failed),
            "masses": f"{masses[0]} to {masses[-1]}" if masses else "none",
            "strongest limit": _strongest(self.points),
        }

    @property
    def experiment(self) -> str:
        """Names of the experiments, joined with ``+``, with their runs where not all are used."""
        return experiments_label(self.spec.experiments)

    @property
    def interaction(self) -> str:
        """Name of the interaction."""
        return "sm" if self.spec.interaction is None else self.spec.interaction.name

    @property
    def failed(self) -> list[ScanPoint]:
        """The points whose fit did not pass its gate."""
        return [point for point in self.points if not point.fit.passed]

    def zero_texts(self) -> list[str]:
        """Return a sentence for each side: at which masses its region does not reach zero."""
        if self.spec.interaction is None or not self.points:
            return []
        region, found = f"{100 * self.level:.4g}% credible region", []
        for side in self.points[0].regions:
            masses = [
                p.mass_mev for p in self.points if p.fit.passed and excludes_zero(p.regions[side])
            ]
            if masses:
                coupling, total = self.spec.interaction.coupling, len(self.points)
                found.append(
                    zero_at_masses_text(side, masses, coupling, total=total, region=region)
                )
        return found

    def limit_rows(self) -> list[dict[str, Any]]:
        """Return the limits as rows with the columns of ``limits.csv``."""
        return [
            {
                **self._row(point),
                "side": x.side,
                "limit": x.value,
                "mc_error": x.mc_error,
                "at_bound": x.ends.at_bound,
                "zero_excluded": excludes_zero(point.regions[x.side]),
                "passed": point.fit.passed,
                **{
                    f"ratio_{kind.replace('-', '_')}": ratios[side]
                    for kind, ratios in point.prior_ratios.items()
                },
                **_compared(point.agreements[side : side + 1]),
            }
            for point in self.points
            for side, x in enumerate(point.limits)
        ]

    def band_rows(self) -> list[dict[str, Any]]:
        """Return the allowed bands as rows with the columns of ``bands.csv``."""
        return [
            {
                **self._row(point),
                "band": number,
                "low": band.low,
                "high": band.high,
                "probability": band.probability,
                "at_bound": band.ends.at_bound,
                "at_physical": band.ends.at_physical,
                "passed": point.fit.passed,
            }
            for point in self.points
            for number, band in enumerate(point.bands, start=1)
        ]

    def _row(self, point: ScanPoint) -> dict[str, Any]:
        return {
            "experiment": self.experiment,
            "interaction": self.interaction,
            "mass_mev": "" if math.isnan(point.mass_mev) else point.mass_mev,
            **labels(self.spec, CREDIBLE),
            "prior": self.spec.prior,
            **prior_label(self.spec),
            "level": self.level,
        }

    def tables(self) -> dict[str, str]:
        """Return limits.csv and bands.csv."""
        return {
            "limits.csv": csv_text(LIMIT_COLUMNS, self.limit_rows()),
            "bands.csv": csv_text(BAND_COLUMNS, self.band_rows()),
        }

    def report(self) -> dict[str, Any]:
        """Return the ranges of the priors, and which limits do not agree with their previews."""
        ranges = {f"{p.mass_mev:g}": p.fit.prior.range_text for p in self.points if p.fit.prior}
        return {"prior_range": ranges, "disagreements": self.disagreements()}

    def disagreements(self) -> dict[str, str]:
        """Return what is said of limits that do not agree with their previews, by mass.

        Of fits that passed their gate: the others are not quoted.
        """
        found = {
            f"{p.mass_mev:g} MeV": "; ".join(a.text for a in p.agreements if a.text)
            for p in self.points
            if p.fit.passed
        }
        return {mass: text for mass, text in found.items() if text}

    def failures(self) -> dict[str, str]:
        """Return why fits failed, by mass."""
        return {p.place.removesuffix(": ") or self.interaction: p.fit.reason for p in self.failed}

    def lines(self) -> list[str]:
        """Return the limits by mass, the priors at both ends, and where zero is excluded."""
        new = self.spec.interaction
        if new is None or not self.points:
            return []
        named = f"{new.coupling.symbol} of {new.name}"
        found = [f"{100 * self.level:.4g}% credible limits on {named} by {self.experiment}:"]
        for p in self.points:
            values = ", ".join(
                f"{x.value:.4g}{new.coupling.unit_text} ({x.side}{self._error_text(x)})"
                for x in p.limits
            )
            found.append(f"  {p.place}{values if p.fit.passed else 'failed'}")
        ends = {p.mass_mev: p for p in (self.points[0], self.points[-1])}
        found += [
            f"prior at {p.place}{p.fit.prior.range_text}" if p.place else p.fit.prior.range_text
            for p in ends.values()
            if p.fit.prior
        ]
        found += [f"check at {mass}: {text}" for mass, text in self.disagreements().items()]
        return [*found, *self.zero_texts()]

    def _error_text(self, limit: Limit) -> str:
        return f", +- {limit.mc_error:.1g}"

    @property
    def method(self) -> str:
        """How it was found, where that is to be said in figures: nothing of draws."""
        return ""

    def at_level(self, level: float) -> Scan:
        """Return the same scan at another credible level, from the same draws.

        Limits with other priors are known at the level that was asked for alone.
        """
        level = check_level(level)
        points = [ScanPoint(p.mass_mev, p.fit, level, {}) for p in self.points]
        return Scan(self.spec, level, self.seed, points)


def _compared(found: Sequence[Agreement]) -> dict[str, Any]:
    """Return the columns of a comparison with a preview; empty where there is none."""
    return {
        "preview": found[0].preview if found else "",
        "agrees": found[0].agrees if found and found[0].agrees is not None else "",
    }


def _strongest(points: Sequence[ScanPoint]) -> str:
    """Return the least of the limits of fits that passed, in words."""
    found = [(x.value, x.side, p.mass_mev) for p in points if p.fit.passed for x in p.limits]
    if not found:
        return "none"
    value, side, mass = min(found)
    return f"{value:.4g} ({side}) at {mass:g} MeV"
