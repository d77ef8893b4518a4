"""Tables of the Earth on disk: one small file a latitude, named by the code that computes it."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from bayes_cevns.physics.oscillation.night import Year, computed_year
from bayes_cevns.storage import kept_arrays
from bayes_cevns.storage.caches import cache_dir
from bayes_cevns.storage.resources import data_file


@cache
def year(latitude_deg: float) -> Year:
    """Return the table of a latitude, computed at its first use (seconds) and kept on disk.

    A file that cannot be read, or is damaged, is made anew; where none can be written, the table
    is computed once in each process.

    Raises
    ------
    ArgumentError
        If the latitude is not between -90 and 90 degrees.
    """
    path = cache_dir() / f"earth-{_digest(latitude_deg)}{kept_arrays.SUFFIX}"
    stored = kept_arrays.read(path)
    values = computed_year(latitude_deg) if stored is None else stored["values"]
    if stored is None:
        kept_arrays.write(path, {"values": values})
    values.flags.writeable = False
    return Year(values)


def _digest(latitude_deg: float) -> str:
    digest = hashlib.sha256(float(latitude_deg).hex().encode())
    for name in ("night.py", "earth.py"):
        digest.update(Path(__file__).with_name(name).read_bytes())
    digest.update(data_file("earth/prem.csv").read_bytes())
    return digest.hexdigest()[:32]
