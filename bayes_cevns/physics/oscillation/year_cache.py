"""Tables of the Earth on disk: one small file a latitude, named by the code that computes it."""

from __future__ import annotations

import hashlib
import io
import os
from functools import cache
from pathlib import Path

import numpy as np
import platformdirs

from bayes_cevns.physics.oscillation.night import Year, computed_year
from bayes_cevns.storage.atomic import write_bytes
from bayes_cevns.storage.caches import CACHE_VARIABLE
from bayes_cevns.storage.resources import data_file


@cache
def year(latitude_deg: float) -> Year:
    """Return the table of a latitude, computed at its first use (ten seconds) and kept on disk.

    A file that cannot be read, or is damaged, is made anew; where none can be written, the table
    is computed once in each process.

    Raises
    ------
    ArgumentError
        If the latitude is not between -90 and 90 degrees.
    """
    path = _folder() / f"earth-{_digest(latitude_deg)}.npy"
    stored = _read(path)
    if stored is None:
        stored = computed_year(latitude_deg)
        buffer = io.BytesIO()
        np.save(buffer, stored)
        content = buffer.getvalue()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_bytes(path, hashlib.sha256(content).digest() + content)
        except OSError:
            pass
    stored.flags.writeable = False
    return Year(stored)


def _folder() -> Path:
    chosen = os.environ.get(CACHE_VARIABLE)
    return Path(chosen) if chosen else platformdirs.user_cache_path("bayes_cevns")


def _digest(latitude_deg: float) -> str:
    digest = hashlib.sha256(float(latitude_deg).hex().encode())
    for name in ("night.py", "earth.py"):
        digest.update(Path(__file__).with_name(name).read_bytes())
    digest.update(data_file("earth/prem.csv").read_bytes())
    return digest.hexdigest()[:32]


def _read(path: Path) -> np.ndarray | None:
    try:
        content = path.read_bytes()
    except OSError:
        return None
    length = hashlib.sha256().digest_size
    if hashlib.sha256(content[length:]).digest() != content[:length]:
        return None
    values: np.ndarray = np.load(io.BytesIO(content[length:]), allow_pickle=False)
    return values
