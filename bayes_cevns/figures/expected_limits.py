"""The figure of expected limits."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from matplotlib.figure import Figure

from bayes_cevns.arguments import of_kind
from bayes_cevns.arrays import Array
from bayes_cevns.errors import ArgumentError
from bayes_cevns.figures.captions import (
    axis_of,
    coupling_of,
    data_text,
    data_words,
    interaction_title,
    prior_caption,
    titled,
)
from bayes_cevns.plots.canvas import Ax
from bayes_cevns.plots.expected_limits import ASIMOV, OBSERVED, ExpectedCurve, sensitivity
from bayes_cevns.plots.style import PAGE, Rc, applied
from bayes_cevns.studies.sensitivity.result import Sensitivity
from bayes_cevns.summary.limits import Limit
from bayes_cevns.summary.quantiles_of_limits import SIGMAS, ExpectedLimit


def sensitivity_figure(
    result: Sensitivity,
    *,
    width_in: float = PAGE,
    ax: Ax = None,
    style: Rc = None,
) -> Figure:
    """Draw expected limits as bands, with the observed and the Asimov limit.

    Raises
    ------
    ArgumentError
        If the interaction has no mediator, whose mass is the horizontal axis.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> found = bc.sensitivity("xenonnt_2024_s2", interaction="b-l", masses_mev=[1.0, 10.0], toys=0)
    >>> bc.sensitivity_figure(found).savefig("expected.png")
    """
    of_kind(result, Sensitivity, what="what bayes_cevns.sensitivity returns")
    title = interaction_title(result.spec)
    if result.masses == [None]:
        raise ArgumentError(f"{title} has no mediator mass to draw limits over")
    toys = max(point.toys + point.toys_failed for point in result.points())
    kind = {"prior": "prior-predictive", "nominal": "nominal"}[result.toy_nuisances]
    with applied(style):
        return sensitivity(
            [expected_curve(result, side) for side in result.sides],
            title=titled(f"{title}, expected limits", result.experiments),
            subtitle=f"{data_text(result.experiments)}; prior {prior_caption(result.spec)}"
            + (f"; {toys} {kind} toys" if toys else ""),
            level=result.level,
            coupling=coupling_of(result.spec),
            mass_label=axis_of(result.spec).label,
            data=data_words(result.experiments),
            width_in=width_in,
            ax=ax,
        )


def expected_curve(result: Sensitivity, side: str) -> ExpectedCurve:
    """Return the expected limits of one side, as they are drawn."""
    points = [point for point in result.points() if point.side == side]

    def values(found: Iterable[ExpectedLimit]) -> Array:
        return np.array([limit.value for limit in found])

    def limits(found: Iterable[Limit | None], *, is_open: bool = False) -> Array:
        return np.array(
            [
                np.nan if x is None or (x.ends.high.kind == "range") != is_open else x.value
                for x in found
            ]
        )

    observed, expected = [p.observed for p in points], [p.asimov for p in points]
    return ExpectedCurve(
        side,
        axis_of(result.spec).drawn([np.nan if p.mass_mev is None else p.mass_mev for p in points]),
        {sigma: values(p.expected[i] for p in points) for i, sigma in enumerate(SIGMAS)},
        observed=limits(observed),
        asimov=limits(expected),
        open_ends={
            OBSERVED: limits(observed, is_open=True),
            ASIMOV: limits(expected, is_open=True),
        },
    )


def figures(result: Sensitivity, *, width_in: float | None = None) -> dict[str, Figure]:
    """Return the figure of expected limits; none without a mediator mass to draw them over."""
    if result.masses == [None]:
        return {}
    return {"sensitivity": sensitivity_figure(result, width_in=width_in or PAGE)}
