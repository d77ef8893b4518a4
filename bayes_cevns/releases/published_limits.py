"""Published limits on mediators, as they are drawn beside ours: a table of curves, one of points.

A curve keeps the coupling of its source. Left out are bands that are preferred and no limits,
results that the same collaboration has replaced, couplings above 1, and masses at which a source
has no bound (1e5 in the files of DarkCast).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.releases.columns import csv_text
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.product import Files, RawRelease, builder
from bayes_cevns.releases.published_curves import (
    NEUTRINO_ELECTRON,
    RECAST_MODELS,
    SEARCHES,
    STELLAR,
    Model,
    Search,
    Star,
)
from bayes_cevns.releases.reading import read_columns

ORIGIN = "from the sources in data/published_limits/REFERENCE"
DARKCAST = RawRelease("theory/limits_darkcast", ORIGIN)
AXION_LIMITS = RawRelease("theory/limits_axionlimits", ORIGIN)

#: Couplings above this one are not drawn: perturbation theory and recasts end.
LARGEST = 1.0
#: A point is left out where the line between its neighbours is this close, in ln(coupling).
TOLERANCE = 0.03

_MEV_PER_GEV, _MEV_PER_EV = 1e3, 1e-6
_DARKCAST_MODEL = re.compile(r'darkcast\.Model\("([^"]+)"')


@dataclass(frozen=True)
class _Source:
    """What the notes of a curve say: the model that it was published for, and where."""

    model: str
    key: str
    arxiv: str
    doi: str


@builder(DARKCAST, AXION_LIMITS)
def build(darkcast: RawFolder, axion_limits: RawFolder) -> Files:
    """Build ``curves.csv``, a row a curve, and ``points.csv``, a row a mass."""
    curves: list[list[str]] = []
    points: list[list[str]] = []
    for search in SEARCHES:
        source = _source(darkcast, search)
        for model in RECAST_MODELS:
            found = _points(darkcast, f"{model.folder}/{search.file}.lmt", model.folder)
            if found:
                curves.append(_darkcast_row(search, model, source))
                points += _rows(f"{model.name}.{search.name}", found)
    for star in STELLAR:
        curves.append(list(star.row()))
        points += _rows(f"{star.model}.{star.name}", [_star(axion_limits, star)])
    comment = "Limits as published, or recast by DarkCast; see REFERENCE."
    return {
        "curves.csv": csv_text([comment], CURVE_COLUMNS, curves),
        "points.csv": csv_text([comment], ["curve", "part", "mass_mev", "lower", "upper"], points),
    }


CURVE_COLUMNS = [
    "name",
    "title",
    "model",
    "process",
    "published_for",
    "statement",
    "key",
    "arxiv",
    "doi",
    "licence",
]


def _darkcast_row(search: Search, model: Model, source: _Source) -> list[str]:
    process = NEUTRINO_ELECTRON if search.is_neutrino_electron else ""
    return [
        f"{model.name}.{search.name}",
        search.title,
        model.name,
        process,
        next(each.name for each in RECAST_MODELS if each.folder == source.model),
        search.statement,
        source.key,
        source.arxiv,
        source.doi,
        "GPL-2.0-or-later",
    ]


def _star(raw: RawFolder, star: Star) -> Array:
    """Return a curve of AxionLimits, shape (n, 3), without rows that go back in mass: slips."""
    table = read_columns(raw, star.file, star.columns)
    good = len(table) > 1 and table.min() > 0
    raw.expect(star.file, good, "two or more rows of positive masses and couplings")
    before = np.maximum.accumulate(table[:, 0])
    table = table[np.append(True, table[1:, 0] > before[:-1])]
    upper = np.full(len(table), np.inf)
    return np.column_stack([table[:, 0] * _MEV_PER_EV, table[:, 1], upper])


def _source(raw: RawFolder, search: Search) -> _Source:
    """Read the model and the identifiers of the paper in the notes of a curve."""
    relative = f"notes/{search.file}.notes.txt"
    text = raw.read_text(relative, group="notes")
    models = set(_DARKCAST_MODEL.findall(text))
    known = {model.folder for model in RECAST_MODELS}
    good = len(models) == 1 and models <= known
    raw.expect(relative, good, f"one model of {', '.join(sorted(known))}, found {models or 'none'}")

    def entry(key: str) -> str:
        found = re.search(rf"\b{key}\s*=\s*[\"{{]+([^\"}}]+)", text)
        return found[1].strip() if found else ""

    key = re.search(r"@\w+\{\s*([^,\s]+)", text)
    raw.expect(relative, key is not None, "the BibTeX entry of a paper")
    assert key is not None
    return _Source(models.pop(), key[1], entry("eprint"), entry("doi"))


def _points(raw: RawFolder, relative: str, group: str) -> list[Array]:
    """Return the parts of a curve between masses without a bound, each of shape (n, 3).

    Columns are mass in MeV, and the least and the largest coupling that is excluded; infinite where
    the source has no upper end. Where two rows have the same mass, the first one stays.
    """
    text = raw.read_text(relative, group=group)
    lines = [line.split() for line in text.splitlines() if line.strip() and line[0] != "#"]
    if not lines:
        return []
    with raw.parsing(relative, "rows of mass, coupling and perhaps a larger coupling"):
        rows = np.array([[float(cell) for cell in line] for line in lines], dtype=float)
    good = rows.shape[1] in (2, 3) and rows.min() > 0 and np.all(np.diff(rows[:, 0]) >= 0)
    raw.expect(relative, good, "two or three columns of positive numbers, masses increasing")
    upper = rows[:, 2] if rows.shape[1] == 3 else np.full(len(rows), np.inf)
    raw.expect(relative, np.all(upper >= rows[:, 1]), "upper ends above the lower ones")
    table = np.column_stack([rows[:, 0] * _MEV_PER_GEV, rows[:, 1], upper])
    table = table[np.append(True, np.diff(table[:, 0]) > 0)]
    return [thinned(part) for part in _parts(table) if len(part) > 1]


def _parts(table: Array) -> Iterator[Array]:
    """Yield the rows between those without a bound."""
    bound = table[:, 1] <= LARGEST
    edges = np.flatnonzero(np.diff(np.concatenate([[False], bound, [False]]).astype(int)))
    for begin, end in edges.reshape(-1, 2):
        yield table[begin:end]


def thinned(part: Array, tolerance: float = TOLERANCE) -> Array:
    """Return the rows that a curve needs (Ramer, Douglas and Peucker, along the coupling).

    Parameters
    ----------
    part
        Mass, lower and upper end, shape (n, 3).
    tolerance
        Largest distance in ln(coupling) of a row that is left out from the line in log-log between
        those that stay.
    """
    log = np.log(np.where(np.isfinite(part), part, 1.0))
    keep = np.zeros(len(part), dtype=bool)
    keep[[0, -1]] = True
    spans = [(0, len(part) - 1)]
    while spans:
        begin, end = spans.pop()
        if end - begin < 2:
            continue
        share = (log[begin : end + 1, :1] - log[begin, 0]) / (log[end, 0] - log[begin, 0])
        line = log[begin] + share * (log[end] - log[begin])
        away = np.abs(log[begin : end + 1] - line)[:, 1:].max(axis=1)
        worst = int(away.argmax())
        if away[worst] > tolerance:
            keep[begin + worst] = True
            spans += [(begin, begin + worst), (begin + worst, end)]
    return part[keep]


def _rows(name: str, parts: list[Array]) -> list[list[str]]:
    """Return the rows of a curve; an upper end that is infinite is an empty cell."""
    return [
        [
            name,
            str(number),
            f"{mass:.7g}",
            *(f"{end:.4g}" if math.isfinite(end) else "" for end in ends),
        ]
        for number, part in enumerate(parts)
        for mass, *ends in part
    ]
