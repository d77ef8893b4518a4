"""Marginal densities of several parameters, and of each pair of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from bayes_cevns.arrays import Array
from bayes_cevns.plots import style
from bayes_cevns.plots.canvas import Ax, canvas
from bayes_cevns.plots.frame import plain
from bayes_cevns.plots.layout import panel_size, wrapped

_BINS, _SMOOTH = 40, 1.8
_LEVELS = (0.68, 0.9, 0.95)
_PLAIN = 3  # numbers of so many digits stand as they are
_NARROW = 0.6  # inches, below which numbers of an axis have no room for more than two
_LEAST, _NAME = 1.1, 6.0  # width of a panel in inches, size of names


def corner(
    draws: Mapping[str, Array],
    *,
    title: str,
    subtitle: str,
    prior: Mapping[str, Array] | None = None,
    width_in: float = style.PAGE,
    ax: Ax = None,
) -> Figure:
    """Draw densities of parameters on the diagonal, and regions of pairs below.

    Parameters
    ----------
    draws
        Label of a parameter -> draws, shape (n,) each, all alike in weight.
    title, subtitle
        What was fitted.
    prior
        Label -> draws of the prior, drawn as lines on the diagonal.
    width_in
        Width of the figure in inches.
    ax
        Axes to draw into, one for each parameter and pair, row after row, in place of a new figure.

    Returns
    -------
    Figure
        Regions of highest density with 68, 90 and 95% of smoothed histograms.
    """
    powers = {name: _power(values) for name, values in draws.items()}
    draws = {name: values / 10.0 ** powers[name] for name, values in draws.items()}
    prior = {name: prior[name] / 10.0 ** powers[name] for name in draws} if prior else None
    names = list(draws)
    count = len(names)
    sheet = canvas(
        ax, count * (count + 1) // 2, lambda figure: _lower(figure, count), width_in=width_in,
        body_in=max(0.9 * width_in, count * _LEAST),
    )  # fmt: skip
    panels = iter(sheet.panels)
    edges = {
        name: np.linspace(values.min(), values.max(), _BINS + 1) for name, values in draws.items()
    }
    for row, below in enumerate(names):
        for column, left in enumerate(names[: row + 1]):
            axes = next(panels)
            if row == column:
                _density(axes, draws[left], edges[left], (prior or {}).get(left))
            else:
                _regions(axes, (draws[left], draws[below]), (edges[left], edges[below]))
                axes.set_ylim(edges[below][0], edges[below][-1])
            across, up = (_scaled(name, powers[name]) for name in (left, below))
            _label(axes, across, up, row, column, count)
            axes.set_xlim(edges[left][0], edges[left][-1])
    return sheet.finish(title, subtitle, _legend(has_prior=prior is not None))


def _power(values: Array) -> int:
    """Return the power of ten that stands in the label of an axis, of small and large numbers."""
    power = int(np.floor(np.log10(np.max(np.abs(values)))))
    return power if abs(power) > _PLAIN else 0


def _scaled(name: str, power: int) -> str:
    return f"{name} / $10^{{{power}}}$" if power else name


def _lower(figure: Figure, count: int) -> list[Axes]:
    grid = figure.subplots(count, count, squeeze=False)
    for row in range(count):
        for column in range(row + 1, count):
            grid[row, column].set_visible(False)
    return [grid[row, column] for row in range(count) for column in range(row + 1)]


def _label(axes: Axes, left: str, below: str, row: int, column: int, count: int) -> None:
    plain(axes)
    axes.tick_params(labelsize=6.0)
    for axis, size in zip((axes.xaxis, axes.yaxis), panel_size(axes), strict=True):
        axis.set_major_locator(MaxNLocator(3 if size > _NARROW else 2))
    axes.tick_params(axis="x", labelrotation=40)
    if row == count - 1:
        axes.set_xlabel(_broken(left, panel_size(axes)[0]), fontsize=_NAME)
    else:
        axes.tick_params(labelbottom=False)
    if column == 0 and row > 0:
        axes.set_ylabel(_broken(below, panel_size(axes)[1]), fontsize=_NAME)
    elif row == column:
        axes.set_yticks([])
    else:
        axes.tick_params(labelleft=False)


def _broken(name: str, room_in: float) -> str:
    return "\n".join(wrapped(name, room_in, _NAME))


def _density(axes: Axes, values: Array, edges: Array, prior: Array | None) -> None:
    counts = np.histogram(values, edges, density=True)[0]
    axes.stairs(counts, edges, fill=True, color=style.SHADES[1], alpha=0.6)
    if prior is not None:
        inside = np.histogram(prior, edges)[0] / prior.size / np.diff(edges)
        axes.stairs(inside, edges, color=style.INK, linestyle="--", linewidth=0.9)
    axes.set_ylim(bottom=0.0)


def _regions(axes: Axes, pair: Sequence[Array], edges: Sequence[Array]) -> None:
    from scipy.ndimage import gaussian_filter

    counts = gaussian_filter(
        np.histogram2d(pair[0], pair[1], bins=[edges[0], edges[1]])[0], _SMOOTH
    )
    falling = np.sort(counts.ravel())[::-1]
    shares = np.cumsum(falling) / falling.sum()
    cuts = [float(falling[np.searchsorted(shares, level)]) for level in _LEVELS]
    middles = [0.5 * (each[1:] + each[:-1]) for each in edges]
    levels = [*sorted(set(cuts)), 1.001 * float(counts.max())]
    shades = list(reversed(style.SHADES[: len(levels) - 1]))
    axes.contourf(*middles, counts.T, levels=levels, colors=shades)
    axes.contour(*middles, counts.T, levels=levels[:-1], colors=style.EDGE, linewidths=0.6)


def _legend(*, has_prior: bool) -> list[tuple[Artist, str]]:
    entries: list[tuple[Artist, str]] = [
        (Patch(facecolor=shade, edgecolor=style.EDGE), f"{100 * level:.4g}% credible")
        for shade, level in zip(style.SHADES, _LEVELS, strict=True)
    ]
    if has_prior:
        entries.append((Line2D([], [], color=style.INK, linestyle="--"), "prior"))
    return entries
