"""Files of a cache folder: a digest, and the bytes that it is of, such as those of arrays.

netCDF takes ten times as long to write and read a table of this size as it takes to compute it.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.errors import DataError
from bayes_cevns.storage.atomic import remove_temporaries, write_bytes

#: What the name of such a file ends with.
SUFFIX = ".arrays"

_DIGEST = hashlib.sha256


def read_checked(path: Path) -> bytes:
    """Return what `write_checked` has written.

    Raises
    ------
    OSError
        If the file cannot be read.
    DataError
        If it is not as it was written.
    """
    content = path.read_bytes()
    length = _DIGEST().digest_size
    digest, rest = content[:length], content[length:]
    if _DIGEST(rest).digest() != digest:
        raise DataError(f"{path} was altered or damaged: remove it")
    return rest


def write_checked(path: Path, content: bytes) -> None:
    """Write a file atomically, behind its digest, and remove what a killed process has left there.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(path, _DIGEST(content).digest() + content)
    remove_temporaries(path.parent)


def read(path: Path) -> dict[str, Array] | None:
    """Return the arrays of a file by name; ``None`` if it is missing, unreadable or damaged."""
    try:
        content = read_checked(path)
    except (OSError, DataError):
        return None
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return dict(arrays)


def write(path: Path, arrays: Mapping[str, ArrayLike]) -> None:
    """Write arrays atomically, if that is possible: a cache that cannot be written costs time."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **{name: np.asarray(v) for name, v in arrays.items()})
    with suppress(OSError):
        write_checked(path, buffer.getvalue())
