"""Checkpoints: one file for each finished point, with the identity of its run in a header."""

from __future__ import annotations

import json
import tokenize
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bayes_cevns.storage import atomic

FOLDER = "points"
_HEADER = "header"

#: What NumPy, zip and JSON raise on files that are damaged or not ours.
_DAMAGE = (
    *(OSError, ValueError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error),
    *(KeyError, TypeError, AttributeError, NotImplementedError),
    *(SyntaxError, tokenize.TokenError, MemoryError),  # of the header of an array
)


@dataclass(frozen=True, eq=False)
class Point:
    """What is kept of a finished point.

    Attributes
    ----------
    identity, number
        Identity of its run, and its number in the run.
    content
        Values as JSON has them.
    arrays
        Arrays by name.
    """

    identity: str
    number: int
    content: dict[str, Any]
    arrays: Mapping[str, np.ndarray]


def save_point(folder: Path, point: Point) -> None:
    """Write a point into a folder of a run, whole or not at all.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    header = {"identity": point.identity, "number": point.number, "content": point.content}
    atomic.make_folder(folder / FOLDER)
    with atomic.path(folder / FOLDER / f"{point.number:04d}.npz") as temporary:
        arrays: dict[str, Any] = {_HEADER: np.array(json.dumps(header)), **point.arrays}
        np.savez(temporary, **arrays)


def load_point(folder: Path, identity: str, number: int) -> Point | None:
    """Return a point of a run if it is there, intact, and this point of this run."""
    found = _read(folder / FOLDER / f"{number:04d}.npz")
    if found is None or (found.identity, found.number) != (identity, number):
        return None
    return found


def identities(folder: Path) -> Iterator[str]:
    """Yield the identity of the run of every point that is intact."""
    for path in sorted((folder / FOLDER).glob("*.npz")):
        found = _read(path)
        if found is not None:
            yield found.identity


def has_points(folder: Path) -> bool:
    """Return whether there are files of points in a folder of a run."""
    return any((folder / FOLDER).glob("*.npz"))


def remove_points(folder: Path) -> None:
    """Remove all points, and their folder if nothing else is in it.

    Raises
    ------
    OSError
        If they cannot be removed.
    """
    points = folder / FOLDER
    if points.is_dir():
        for path in points.glob("*.npz"):
            path.unlink()
        if not any(points.iterdir()):
            points.rmdir()


def _read(path: Path) -> Point | None:
    if not path.is_file():
        return None
    try:
        # NumPy itself leaves the file open when it is no zip archive.
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            header = json.loads(str(stored[_HEADER]))
            arrays = {key: stored[key] for key in stored.files if key != _HEADER}
        content = header["content"]
        return Point(header["identity"], header["number"], dict(content), arrays)
    except _DAMAGE:
        return None
