"""Arrays in a cache folder: one file, a digest and what `numpy.savez` writes.

netCDF takes ten times as long to write and read a table of this size as it takes to compute it.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from bayes_cevns.arrays import Array
from bayes_cevns.storage.atomic import write_bytes

#: What the name of such a file ends with.
SUFFIX = ".arrays"

_DIGEST = hashlib.sha256


def read(path: Path) -> dict[str, Array] | None:
    """Return the arrays of a file by name; ``None`` if it is missing, unreadable or damaged."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    length = _DIGEST().digest_size
    digest, rest = content[:length], content[length:]
    if _DIGEST(rest).digest() != digest:
        return None
    with np.load(io.BytesIO(rest), allow_pickle=False) as arrays:
        return dict(arrays)


def write(path: Path, arrays: Mapping[str, ArrayLike]) -> None:
    """Write arrays atomically, if that is possible: a cache that cannot be written costs time."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **{name: np.asarray(v) for name, v in arrays.items()})
    content = buffer.getvalue()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, _DIGEST(content).digest() + content)
    except OSError:
        pass
