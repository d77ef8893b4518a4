"""The parts of a model as a drawing: parameters, components, expected counts, data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from bayes_cevns.cards import Experiment
from bayes_cevns.cards.experiment import Signal, Template
from bayes_cevns.reports.answers.answer import data_words
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.variables import nuisance_name

#: Columns from left to right.
_PARAMETER, _COMPONENT, _EXPECTED, _DATA = range(4)
_TITLES = ("parameters", "components", "expected counts", "data")

#: Sizes in units of the drawing: a box, the space between columns and rows, the least margin.
_WIDTH, _HEIGHT, _GAP, _ROW, _MARGIN, _HEAD = 196, 30, 74, 40, 8, 28
#: The most letters that stand in a box.
_LETTERS = 25


@dataclass(frozen=True)
class Box:
    """One part of the model.

    Attributes
    ----------
    text, kind
        What stands in it, and what it is: ``"coupling"``, ``"nuisance"``, ``"signal"``,
        ``"background"``, ``"expected"`` or ``"data"``.
    x, y, width, height
        Place and size.
    """

    text: str
    kind: str
    x: float
    y: float
    width: float = _WIDTH
    height: float = _HEIGHT

    @property
    def shown(self) -> str:
        """The text, cut to what fits."""
        return self.text if len(self.text) <= _LETTERS else f"{self.text[: _LETTERS - 1]}…"


@dataclass(frozen=True)
class Graph:
    """The drawing of a model.

    Attributes
    ----------
    boxes
        Its parts.
    lines
        Curves from one part to the next, as paths of SVG.
    heads
        Title of each column, and where it stands.
    width, height
        Size of the drawing.
    words
        The same as a text, for those who cannot see it.
    """

    boxes: tuple[Box, ...]
    lines: tuple[str, ...]
    heads: tuple[tuple[str, float], ...]
    width: float
    height: float
    words: str


@dataclass
class _Columns:
    """Parts by column, in their order, and what goes into what."""

    parts: tuple[dict[str, tuple[str, str]], ...] = field(
        default_factory=lambda: tuple({} for _ in _TITLES)
    )
    edges: dict[tuple[str, str], None] = field(default_factory=dict)

    def add(self, column: int, key: str, text: str, kind: str) -> str:
        self.parts[column].setdefault(key, (text, kind))
        return key


def model_graph(spec: ModelSpec) -> Graph:
    """Return the drawing of a model: which parameter acts on which component of which data."""
    columns = _Columns()
    new = _new_parameters(spec, columns)
    for experiment in spec.experiments:
        expected = columns.add(
            _EXPECTED, f"expected {experiment.name}", experiment.name, "expected"
        )
        data = columns.add(_DATA, f"data {experiment.name}", _data_text(experiment), "data")
        columns.edges[expected, data] = None
        for part in experiment.components:
            key = _component(columns, experiment, part)
            columns.edges[key, expected] = None
            if isinstance(part, Signal):
                columns.edges |= {(name, key): None for name in new}
            for name in _nuisances(part):
                columns.edges[nuisance_name(experiment, name), key] = None
    return _placed(columns)


def _new_parameters(spec: ModelSpec, columns: _Columns) -> list[str]:
    names = list(spec.couplings.names) if spec.couplings is not None else []
    if spec.interaction is not None:
        names = [spec.interaction.coupling.symbol]
    found = [columns.add(_PARAMETER, name, name, "coupling") for name in names]
    for experiment in spec.experiments:
        for name in experiment.nuisances():
            full = nuisance_name(experiment, name)
            columns.add(_PARAMETER, full, full, "nuisance")
    return found


def _component(columns: _Columns, experiment: Experiment, part: Template) -> str:
    key = f"component {experiment.name}.{part.name}"
    if isinstance(part, Signal):
        text = (
            f"{part.name}: {part.source.name}"
            if part.name != part.channel
            else (f"{part.channel} of {part.source.name}")
        )
        return columns.add(_COMPONENT, key, text, "signal")
    return columns.add(_COMPONENT, key, f"background {part.name}", "background")


def _nuisances(part: Template) -> Iterator[str]:
    yield from part.scaled_by
    yield from (axis.name for axis in part.axes)
    if isinstance(part, Signal):
        yield from (axis.name for axis in part.theory_axes)
        yield from part.states_by


def _data_text(experiment: Experiment) -> str:
    runs, bins = experiment.observed.shape
    number = runs * bins
    return f"{number} bin{'s' if number > 1 else ''}, {data_words(experiment.data)}"


def _placed(columns: _Columns) -> Graph:
    rows = max(len(column) for column in columns.parts)
    height = _HEAD + rows * _ROW + _MARGIN
    places: dict[str, Box] = {}
    for number, column in enumerate(columns.parts):
        x = _MARGIN + number * (_WIDTH + _GAP)
        top = _HEAD + 0.5 * (rows - len(column)) * _ROW
        for row, (key, (text, kind)) in enumerate(column.items()):
            places[key] = Box(text, kind, x, top + row * _ROW)
    lines = tuple(_curve(places[one], places[two]) for one, two in columns.edges)
    heads = tuple(
        (title, _MARGIN + number * (_WIDTH + _GAP)) for number, title in enumerate(_TITLES)
    )
    width = 2 * _MARGIN + len(_TITLES) * _WIDTH + (len(_TITLES) - 1) * _GAP
    return Graph(tuple(places.values()), lines, heads, width, height, _words(columns, places))


def _curve(one: Box, two: Box) -> str:
    x0, y0 = one.x + one.width, one.y + one.height / 2
    x1, y1 = two.x, two.y + two.height / 2
    bend = (x1 - x0) / 2
    return f"M{x0:g} {y0:g} C{x0 + bend:g} {y0:g} {x1 - bend:g} {y1:g} {x1:g} {y1:g}"


def _words(columns: _Columns, places: dict[str, Box]) -> str:
    """Return what goes into what, a sentence a component and an experiment."""
    found = []
    for key in (*columns.parts[_COMPONENT], *columns.parts[_EXPECTED]):
        given = [places[one].text for one, two in columns.edges if two == key]
        found.append(f"{places[key].text} depends on {', '.join(given) or 'no parameter'}.")
    return " ".join(found)
