"""The published limits that there are, read from ``data/published_limits``."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from itertools import groupby

import numpy as np

from bayes_cevns.arguments import named
from bayes_cevns.errors import ArgumentError
from bayes_cevns.physics.interactions import Interaction
from bayes_cevns.physics.interactions import interaction as find
from bayes_cevns.published.limit import PublishedLimit
from bayes_cevns.published.models import MODELS
from bayes_cevns.storage.resources import data_file

_FOLDER = "published_limits"


def published_limits(interaction: Interaction | str | None = None) -> list[PublishedLimit]:
    """Return the limits that others have published on mediators.

    Parameters
    ----------
    interaction
        An interaction or its name: those that can be converted to its coupling exactly, converted.
        By default all limits, each on the coupling of its own model.

    Returns
    -------
    list of PublishedLimit
        In alphabetical order; empty where no conversion is exact.

    Examples
    --------
    >>> [limit.name for limit in published_limits("vector-universal")]
    ['b-l.borexino_2018', 'b-l.charm_ii_2018', 'b-l.texono_2018']
    """
    every = [_all()[name] for name in sorted(_all())]
    if interaction is None:
        return every
    wanted = find(interaction)
    return [found for limit in every if (found := _converted(limit, wanted)) is not None]


def published_limit(name: str) -> PublishedLimit:
    """Return one published limit, on the coupling of its own model.

    Parameters
    ----------
    name
        Model and search, such as ``"b-l.na64_2019"``.

    Raises
    ------
    UnknownNameError
        If there is none of this name.

    Examples
    --------
    >>> limit = published_limit("b-l.na64_2019")
    >>> float(limit.mass_mev[0]), float(limit.lower[0]), limit.reference
    (1.0, 2.273e-06, 'arXiv:1906.00176, recast by arXiv:1801.04847')
    """
    return _all()[named(name, "published limit", _all())]


def _converted(limit: PublishedLimit, wanted: Interaction) -> PublishedLimit | None:
    try:
        return limit.quoted_for(wanted)
    except ArgumentError:
        return None


@cache
def _all() -> dict[str, PublishedLimit]:
    points = {
        name: [
            [float(row[key] or "inf") for key in ("part", "mass_mev", "lower", "upper")]
            for row in rows
        ]
        for name, rows in groupby(_rows("points.csv"), key=lambda row: row["curve"])
    }
    return {row["name"]: _limit(row, np.array(points[row["name"]])) for row in _rows("curves.csv")}


def _limit(row: dict[str, str], points: np.ndarray) -> PublishedLimit:
    """Return a limit of a row of the table of curves, with NaN between its parts."""
    breaks = np.flatnonzero(np.diff(points[:, 0])) + 1
    mass, lower, upper = np.insert(points[:, 1:], breaks, np.nan, axis=0).T
    model = MODELS[row["model"]]
    own = {key: row[key] for key in ("name", "title", "model", "process", "published_for")}
    paper = {key: row[key] for key in ("statement", "key", "arxiv", "doi", "licence")}
    return PublishedLimit(
        **own,
        **paper,
        symbol=model.symbol,
        definition=model.definition,
        interaction=model.interaction,
        mass_mev=mass,
        lower=lower,
        upper=upper,
    )


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = data_file(f"{_FOLDER}/{name}").read_text(encoding="utf-8")
    yield from csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
