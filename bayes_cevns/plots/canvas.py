"""Where a figure is drawn: on a new one, with heading and legend, or into axes of a user."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bayes_cevns.errors import ArgumentError, shown
from bayes_cevns.plots import style
from bayes_cevns.plots.layout import blank, finish

#: What a user gives to draw into: axes, one for each panel; ``None`` for a new figure.
type Ax = Axes | Sequence[Axes] | None


@dataclass(frozen=True)
class Canvas:
    """The panels of a figure.

    Attributes
    ----------
    figure
        What they are on.
    panels
        One or several.
    is_own
        Whether the figure is new. Otherwise nothing but the panels is touched.
    """

    figure: Figure
    panels: list[Axes]
    is_own: bool

    def finish(
        self, title: str, subtitle: str = "", legend: Sequence[tuple[Artist, str]] = ()
    ) -> Figure:
        """Add heading and legend around the panels; to those of a user, the legend in the last.

        Returns
        -------
        Figure
            The one that was drawn on.
        """
        if self.is_own:
            return finish(self.figure, title, subtitle, legend)
        if legend:
            self.panels[-1].legend(
                [artist for artist, _ in legend],
                [words for _, words in legend],
                fontsize=style.SMALL,
                framealpha=0.8,
            )
        return self.figure


def canvas(
    ax: Ax,
    count: int,
    make: Callable[[Figure], Sequence[Axes]],
    *,
    width_in: float,
    body_in: float = 1.0,
) -> Canvas:
    """Return the panels of a user, or of a new figure.

    Parameters
    ----------
    ax
        Axes to draw into, as many as there are panels; ``None`` for a new figure.
    count
        How many panels there are.
    make
        Returns them, given a new figure.
    width_in, body_in
        Size of a new figure in inches, without heading and legend.

    Raises
    ------
    ArgumentError
        If the axes of a user are others, or not as many; or if the width is too small.
    """
    if ax is None:
        figure = blank(width_in, body_in)
        made = list(make(figure))
        for unused in made[count:]:
            unused.set_visible(False)
        return Canvas(figure, made[:count], is_own=True)
    panels = [ax] if isinstance(ax, Axes) else ax
    is_sequence = isinstance(panels, Sequence) or hasattr(panels, "ravel")
    given = list(panels.ravel() if hasattr(panels, "ravel") else panels) if is_sequence else []
    if len(given) != count or not all(isinstance(each, Axes) for each in given):
        got = f"{len(given)}" if given else shown(ax)
        what = "one matplotlib Axes" if count == 1 else f"{count} matplotlib Axes, one a panel"
        raise ArgumentError(f"expected ax: {what}, got {got}; leave it out for a new figure")
    figure = given[0].get_figure(root=True)
    assert isinstance(figure, Figure)
    return Canvas(figure, given, is_own=False)


def one_panel(ax: Ax, width_in: float, body_in: float) -> Canvas:
    """Return a canvas with one panel; as `canvas`, with the same errors."""
    return canvas(ax, 1, lambda figure: [figure.subplots()], width_in=width_in, body_in=body_in)


def grid_of(
    ax: Ax, count: int, rows: int, columns: int, *, width_in: float, body_in: float, **shared: bool
) -> Canvas:
    """Return a canvas with panels on a grid, row after row, of which the first ones are used.

    Parameters
    ----------
    ax, count, width_in, body_in
        As of `canvas`, with the same errors.
    rows, columns
        Of a new figure.
    **shared
        ``sharex`` and ``sharey``: whether panels have their axes in common.
    """
    return canvas(
        ax,
        count,
        lambda figure: figure.subplots(rows, columns, squeeze=False, **shared).ravel(),
        width_in=width_in,
        body_in=body_in,
    )
