"""XLZD as arXiv:2411.14206 projects it: 200 t yr above 0.1 keV.

Its limits are where new physics makes 2.71 events; its curves are figures only, its text states
their size relative to today's. Beside them stand limits of a likelihood that has the
Standard-Model events, too.
"""

from __future__ import annotations

import numpy as np
from benchmarks_000 import MASS_MEV, PAPER, XENONNT_LIMIT, Counts
from projected_limits import components, credible_limits, profile_limit, text
from rows import Row, number

NAME = "xlzd"
EVENTS = 2.71
MASSES_MEV = (1.0, 10.0, 100.0)
#: Interaction -> sign of x that the paper's figure 3 has, and side of the credible limit.
INTERACTIONS = {"scalar-universal": (1.0, "upper"), "vector-universal": (-1.0, "negative")}
#: Standard-Model events per tonne year above 0.1 keV, by quadrature of the rate itself.
REFERENCE_SM = 767.18


def rows() -> list[Row]:
    """Return the expectation and the projected limits."""
    sm = float(components(NAME, "scalar-universal", 1.0)[0].sum())
    found = [
        number(
            "Standard-Model 8B events per tonne year above 0.1 keV",
            "integral of dR/dT without bins",
            REFERENCE_SM,
            sm / 200.0,
            f"{sm:.0f} in 200 t yr",
        )
    ]
    return [*found, *(row for name in INTERACTIONS for row in _limits(name))]


def counting_limit(name: str, mass_mev: float) -> float:
    """Return g at which new physics adds 2.71 events above the threshold."""
    _, linear, quadratic = components(NAME, name, mass_mev).sum(axis=-1)
    return _coupling(abs(linear), quadratic, EVENTS)


def _without_interference(today: Counts) -> float:
    """Return the ratio of the vector limits at 1 MeV by the terms of g^4 alone."""
    quadratic = components(NAME, "vector-universal", MASS_MEV).sum(axis=-1)[2]
    old = _coupling(0.0, today.quadratic, XENONNT_LIMIT)
    return old / _coupling(0.0, float(quadratic), EVENTS)


def _coupling(linear: float, quadratic: float, events: float) -> float:
    """Return g at which linear g^2 + quadratic g^4 is this number of events."""
    x = (-linear + np.sqrt(linear**2 + 4.0 * quadratic * events)) / (2.0 * quadratic)
    return float(np.sqrt(x))


def _limits(name: str) -> list[Row]:
    sign, side = INTERACTIONS[name]
    masses = " / ".join(f"{mass:g}" for mass in MASSES_MEV)
    today = Counts.of_xenonnt(name)
    limit_today = _coupling(abs(today.linear), today.quadratic, XENONNT_LIMIT)
    return [
        Row(
            f"{name}: limit of XENONnT ({XENONNT_LIMIT} events) over that of XLZD at 1 MeV",
            f"{PAPER}, section 3.1",
            "about one order of magnitude",
            f"{limit_today / counting_limit(name, MASS_MEV):.1f}",
            "on g; the rule of 2.71 events above the Standard Model"
            + (
                ""
                if sign > 0
                else f"; {_without_interference(today):.1f} without interference"
                ", which turns 2.71 of 153,000 events into a shift of the amplitude of 1e-5"
            ),
        ),
        Row(
            f"{name}: g of 2.71 events at {masses} MeV",
            f"{PAPER}, fig. 3",
            "figure only",
            text([counting_limit(name, mass) for mass in MASSES_MEV]),
            "as published: no background, perfect knowledge of the flux"
            + ("; constructive interference" if sign < 0 else ""),
        ),
        Row(
            f"{name}: 90% CL of Asimov data at {masses} MeV",
            "here",
            "not published",
            text([profile_limit(NAME, name, mass, sign) for mass in MASSES_MEV]),
            "40 bins, 8B flux of 12% profiled: weaker, as the Standard Model makes 153,000 events "
            "above this threshold, of which the paper's rule takes no account",
        ),
        Row(
            f"{name}: 90% credible limit of Asimov data at {masses} MeV",
            "here",
            "not published",
            text(credible_limits(NAME, name, MASSES_MEV, side)),
            "flat prior in x" + (", of the negative side" if sign < 0 else ""),
        ),
    ]
