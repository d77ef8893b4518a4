"""The plane of mediator mass and coupling, on which limits are drawn."""

from __future__ import annotations

import re

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

type Array = NDArray[np.float64]


def frame(
    axes: Axes,
    masses_mev: Array,
    *,
    bottom: float,
    top: float,
    coupling_label: str,
) -> None:
    """Make both axes logarithmic, with their labels, ends and grid.

    Parameters
    ----------
    axes
        Where limits are drawn.
    masses_mev
        Mediator masses, shape (n,), that the horizontal axis reaches.
    bottom, top
        Ends of the vertical axis.
    coupling_label
        Label of the vertical axis.
    """
    low, high = float(masses_mev.min()), float(masses_mev.max())
    axes.set(
        xscale="log",
        yscale="log",
        xlim=(low, high) if low < high else (low / 2.0, high * 2.0),
        ylim=(bottom, top),
        xlabel="mediator mass [MeV]",
        ylabel=coupling_label,
    )
    axes.grid(which="major", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)


def heading(axes: Axes, title: str, subtitle: str, *, width: int = 92) -> None:
    """Write a title above smaller, grey lines that say what data and prior.

    Parameters
    ----------
    axes
        Below the heading.
    title, subtitle
        The subtitle is broken after semicolons and plus signs.
    width
        Characters that a line of the subtitle has at most, if it can be broken.
    """
    lines = [""]
    for part in re.split(r"(?<=;) |(?<= \+) ", subtitle):
        joined = f"{lines[-1]} {part}".strip()
        if len(re.sub(r"[$_]|\\nu", "", joined)) <= width or not lines[-1]:
            lines[-1] = joined
        else:
            lines.append(part)
    axes.set_title(title, loc="left", fontsize=12, pad=10 + 12 * len(lines))
    text = axes.text(
        0.0, 1.02, "\n".join(lines), transform=axes.transAxes, fontsize=8.5, color="#444444"
    )
    # What is too long is cut off; it must not leave the axes without room.
    text.set_in_layout(False)


def alone(limit: Array) -> NDArray[np.bool_]:
    """Return which points have no neighbours, so that a line cannot show them."""
    finite = np.concatenate([[False], np.isfinite(limit), [False]])
    return np.asarray(finite[1:-1] & ~finite[:-2] & ~finite[2:])
