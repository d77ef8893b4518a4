"""Several results in one figure, by their kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure

from bayes_cevns.errors import ArgumentError
from bayes_cevns.figures.overlay import overlay_figure
from bayes_cevns.figures.planes import common_pairs, planes_figure
from bayes_cevns.studies.coupling_fits import CouplingFits
from bayes_cevns.studies.study import Result


def together(
    results: Sequence[Result],
    *,
    labels: Sequence[str] | None = None,
    published: str | Sequence[str] = (),
    mixed: bool = False,
    width_in: float | None = None,
) -> Mapping[str, Figure]:
    """Return the figures of several results: limits over a mass, or planes of two couplings.

    Parameters
    ----------
    results, labels, published, mixed, width_in
        As `overlay_figure` and `planes_figure` have them.

    Raises
    ------
    ArgumentError
        As they do; or if couplings have no common pair, or published limits are asked for there.
    """
    options: dict[str, Any] = {"labels": labels, "mixed": mixed}
    if width_in is not None:
        options["width_in"] = width_in
    planes = [result for result in results if isinstance(result, CouplingFits)]
    if len(planes) < len(results) or not planes:
        return {"overlay": overlay_figure(results, published=published, **options)}  # type: ignore[arg-type]
    if published:
        raise ArgumentError("published limits are drawn over a mediator mass, not over couplings")
    pairs = common_pairs(planes)
    if not pairs:
        raise ArgumentError(
            "these runs have no pair of couplings in common that was free together and passed its "
            "gate: draw them apart"
        )
    return {f"plane_{one}_{two}": planes_figure(planes, one, two, **options) for one, two in pairs}
