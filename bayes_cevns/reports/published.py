"""Limits of a run beside those that others have published on the same coupling."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bayes_cevns.published.limit import PublishedLimit
from bayes_cevns.published.table import published_limits
from bayes_cevns.reports.account import Account
from bayes_cevns.reports.answers.limits import headline
from bayes_cevns.reports.quoted import DATA, QuotedLimit, limits_among, quoted
from bayes_cevns.reports.sections import Line
from bayes_cevns.reports.voices import Plain

COLUMNS = ("Curve", "Search", "Mass [MeV]", "Side", "Published", "This run", "Ratio", "Reference")


@dataclass(frozen=True)
class Beside:
    """What is said of published limits: in words, and in a table."""

    words: str
    columns: tuple[str, ...]
    rows: tuple[Line, ...]


def beside_published(account: Account) -> Beside | None:
    """Return the strongest limits of a run beside published ones at the same mass.

    Those of failed fits have none; nothing is compared of a run that limits no mediator.
    """
    new = account.spec.interaction
    ours = [one for one in limits_among(quoted(account.result)) if one.passed and one.of == DATA]
    if new is None or not new.has_mass or not ours:
        return None
    curves = published_limits(new)
    if not curves:
        return Beside(f"None of the published limits is on {new.coupling.symbol}.", COLUMNS, ())
    rows = [_line(curve, one) for one in headline(ours) for curve in curves if _meets(curve, one)]
    kind = "credible limits" if ours[0].kind == "credible" else "limits at a confidence level"
    words = (
        f"Published limits on {new.coupling.symbol} at the mass of the strongest limit of this "
        f"run. Theirs are as their papers state them, those of this run are {kind}: credible and "
        "confidence levels are different statements."
    )
    if not rows:
        words = (
            f"There are {len(curves)} published limits on {new.coupling.symbol}, none at the "
            "masses and the sign of the strongest limits of this run."
        )
    return Beside(words, COLUMNS, tuple(rows))


def _meets(curve: PublishedLimit, one: QuotedLimit) -> bool:
    """Return whether a curve has a limit at the mass, and of the sign, of ours."""
    return curve.side == one.side and np.isfinite(at_mass(curve, one.mass_mev))


def at_mass(curve: PublishedLimit, mass_mev: float | None) -> float:
    """Return the least coupling that a curve excludes at a mass; NaN where it has none.

    Between its points in the logarithms of both, within a part of the curve.
    """
    if mass_mev is None:
        return np.nan
    masses, lower = curve.mass_mev, curve.lower
    part = np.cumsum(np.isnan(masses))
    for number in np.unique(part):
        own = (part == number) & np.isfinite(masses)
        if own.any() and masses[own][0] <= mass_mev <= masses[own][-1]:
            logs = np.interp(np.log(mass_mev), np.log(masses[own]), np.log(lower[own]))
            return float(np.exp(logs))
    return np.nan


def _line(curve: PublishedLimit, one: QuotedLimit) -> Line:
    theirs, voice = at_mass(curve, one.mass_mev), Plain()
    assert one.value is not None, "a limit that passed has a value"
    assert one.mass_mev is not None, "a curve has masses"
    title = f"{curve.title}{f', {curve.statement}' if curve.statement else ''}"
    return Line(
        (
            curve.name,
            title,
            voice.given(one.mass_mev),
            one.side,
            voice.number(theirs),
            voice.number(one.value, one.mc_error),
            f"{one.value / theirs:.3g}",
            curve.reference,
        )
    )
