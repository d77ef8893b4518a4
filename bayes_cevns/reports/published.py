"""Limits of a run beside those that others have published on the same coupling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.published.limit import PublishedLimit
from bayes_cevns.published.table import published_limits
from bayes_cevns.reports.account import Account
from bayes_cevns.reports.answers.limits import headline
from bayes_cevns.reports.quoted import DATA, QuotedLimit, limits_among, quoted
from bayes_cevns.reports.sections import Line
from bayes_cevns.reports.voices import Plain

#: Masses at which limits are compared, besides those of the strongest; and curves at each.
_MASSES, _AT_A_MASS = 4, 3

COLUMNS = (
    "Curve",
    "Search",
    "Mass [MeV]",
    "Side",
    "Excluded there",
    "This run",
    "Ratio",
    "Reference",
)


@dataclass(frozen=True)
class Beside:
    """What is said of published limits: in words, and in a table."""

    words: str
    columns: tuple[str, ...]
    rows: tuple[Line, ...]


def beside_published(account: Account) -> Beside | None:
    """Return limits of a run beside the strongest published ones at the same masses.

    Those of failed fits have none; nothing is compared of a run that limits no mediator.
    """
    new = account.spec.interaction
    ours = [one for one in limits_among(quoted(account.result)) if one.passed and one.of == DATA]
    if new is None or not new.has_mass or not ours:
        return None
    curves = published_limits(new)
    if not curves:
        return Beside(f"None of the published limits is on {new.coupling.symbol}.", COLUMNS, ())
    rows = [_line(curve, one) for one in _chosen(ours) for curve in _strongest(curves, one)]
    kind = "credible limits" if ours[0].kind == "credible" else "limits at a confidence level"
    words = (
        f"The {_AT_A_MASS} strongest published limits on {new.coupling.symbol} at some masses of "
        f"this run. Theirs are as their papers state them, those of this run are {kind}: credible "
        "and confidence levels are different statements."
    )
    if not rows:
        words = (
            f"There are {len(curves)} published limits on {new.coupling.symbol}, none at these "
            "masses and of this sign."
        )
    return Beside(words, COLUMNS, tuple(rows))


def _chosen(ours: Sequence[QuotedLimit]) -> list[QuotedLimit]:
    """Return the strongest limits of a run and some others, from the first mass to the last."""
    places = np.unique(np.linspace(0, len(ours) - 1, _MASSES).astype(int))
    kept = [id(one) for one in (*headline(ours), *(ours[place] for place in places))]
    return [one for one in ours if id(one) in kept]


def _strongest(curves: Sequence[PublishedLimit], one: QuotedLimit) -> list[PublishedLimit]:
    """Return the strongest curves at the mass of a limit, from the strongest on."""
    there = [curve for curve in curves if _meets(curve, one)]
    return sorted(there, key=lambda curve: at_mass(curve, one.mass_mev))[:_AT_A_MASS]


def _meets(curve: PublishedLimit, one: QuotedLimit) -> bool:
    """Return whether a curve has a limit at the mass, and of the sign, of ours."""
    return curve.side == one.side and np.isfinite(at_mass(curve, one.mass_mev))


def at_mass(curve: PublishedLimit, mass_mev: float | None) -> float:
    """Return the least coupling that a curve excludes at a mass; NaN where it has none.

    Between its points in the logarithms of both, within a part of the curve.
    """
    if mass_mev is None:
        return np.nan
    return _between(curve, curve.lower, mass_mev)


def _between(curve: PublishedLimit, values: Array, mass_mev: float) -> float:
    """Return a value of a curve at a mass, infinite where it is so at a point next to it."""
    masses = curve.mass_mev
    part = np.cumsum(np.isnan(masses))
    for number in np.unique(part):
        own = (part == number) & np.isfinite(masses)
        nodes, levels = masses[own], values[own]
        if own.any() and nodes[0] <= mass_mev <= nodes[-1]:
            ends = np.searchsorted(nodes, mass_mev, "right") - 1, np.searchsorted(nodes, mass_mev)
            if np.isinf(levels[list(ends)]).any():
                return np.inf
            known = np.isfinite(levels)
            logs = np.interp(np.log(mass_mev), np.log(nodes[known]), np.log(levels[known]))
            return float(np.exp(logs))
    return np.nan


def _line(curve: PublishedLimit, one: QuotedLimit) -> Line:
    theirs, voice = at_mass(curve, one.mass_mev), Plain()
    assert one.value is not None, "a limit that passed has a value"
    assert one.mass_mev is not None, "a curve has masses"
    far = _between(curve, curve.upper, one.mass_mev)
    first = voice.number(theirs)
    there = f"above {first}" if np.isinf(far) else f"{first} to {voice.number(far)}"
    title = f"{curve.title}{f', {curve.statement}' if curve.statement else ''}"
    return Line(
        (
            curve.name,
            title,
            voice.given(one.mass_mev),
            one.side,
            there,
            voice.number(one.value, one.mc_error),
            f"{one.value / theirs:.3g}",
            curve.reference,
        )
    )
