"""The figure of the weak mixing angle against the scale."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from bayes_cevns.errors import ArgumentError, shown
from bayes_cevns.physics.running import running_mixing_angle
from bayes_cevns.plots.canvas import Ax
from bayes_cevns.plots.mixing_angle import MeasuredAngle, mixing_angles
from bayes_cevns.plots.style import PAGE, Rc, applied

_SCALE_MEV = np.geomspace(0.03, 1e3, 200)


def mixing_angle_figure(
    measured: Sequence[MeasuredAngle],
    *,
    title: str = "Weak mixing angle at low momentum transfer",
    subtitle: str = "",
    width_in: float = PAGE,
    ax: Ax = None,
    style: Rc = None,
) -> Figure:
    """Draw measurements of sin^2 theta_W beside its running in the Standard Model.

    Parameters
    ----------
    measured
        The measurements (`bayes_cevns.plots.mixing_angle.MeasuredAngle`).
    title, subtitle
        What is measured, and at which confidence.
    width_in
        Width of the figure in inches.
    ax
        Axes to draw into, one, in place of a new figure.
    style
        A style of matplotlib or parameters of it, over those of this package.

    Notes
    -----
    The running is that of `bayes_cevns.physics.running`.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> own = bc.MeasuredAngle("an experiment of mine", (20.0, 40.0, 60.0), 0.24, 0.21, 0.27)
    >>> figure = bc.mixing_angle_figure([own])
    """
    given = list(measured) if isinstance(measured, Sequence) else []
    if not given or not all(isinstance(each, MeasuredAngle) for each in given):
        raise ArgumentError(f"expected a list of MeasuredAngle, got {shown(measured)}")
    with applied(style):
        return mixing_angles(
            given,
            momentum_transfer_mev=_SCALE_MEV,
            standard_model=running_mixing_angle(_SCALE_MEV),
            title=title,
            subtitle=subtitle,
            width_in=width_in,
            ax=ax,
        )
