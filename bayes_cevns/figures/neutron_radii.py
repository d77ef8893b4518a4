"""The figure of radii of neutrons."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from bayes_cevns.errors import ArgumentError, shown
from bayes_cevns.plots.canvas import Ax
from bayes_cevns.plots.neutron_radii import MeasuredRadius, neutron_radii
from bayes_cevns.plots.style import PAGE, Rc, applied


def radius_figure(
    measured: Sequence[MeasuredRadius],
    *,
    title: str = "Radii of neutrons in nuclei",
    subtitle: str = "",
    width_in: float = PAGE,
    ax: Ax = None,
    style: Rc = None,
) -> Figure:
    """Draw radii of neutrons with their intervals, one below another.

    Parameters
    ----------
    measured
        The radii (`bayes_cevns.plots.neutron_radii.MeasuredRadius`).
    title, subtitle
        What is measured, and at which confidence.
    width_in
        Width of the figure in inches.
    ax
        Axes to draw into, one, in place of a new figure.
    style
        A style of matplotlib or parameters of it, over those of this package.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> own = bc.MeasuredRadius("an experiment of mine", "CsI", 5.5, 5.1, 5.9)
    >>> figure = bc.radius_figure([own])
    """
    given = list(measured) if isinstance(measured, Sequence) else []
    if not given or not all(isinstance(each, MeasuredRadius) for each in given):
        raise ArgumentError(f"expected a list of MeasuredRadius, got {shown(measured)}")
    with applied(style):
        return neutron_radii(given, title=title, subtitle=subtitle, width_in=width_in, ax=ax)
