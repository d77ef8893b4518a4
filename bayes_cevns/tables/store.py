"""The disk cache of tables: named by the content of everything that goes into them."""

from __future__ import annotations

import hashlib
from dataclasses import fields
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np

from bayes_cevns.rates import Rate
from bayes_cevns.storage import kept_arrays
from bayes_cevns.storage.caches import cache_dir
from bayes_cevns.storage.resources import CHECKSUMS, data_dir
from bayes_cevns.tables.mass_axis import MassTable

#: The modules whose text decides what a table contains.
_SOURCES = (
    "physics",
    "sources",
    "detectors",
    "rates",
    "tables/quadrature.py",
    "tables/mass_axis.py",
)

#: Names of the arrays of an entry.
_PARTS = {field.name for field in fields(MassTable)}


def mass_table(rate: Rate, recoil_energy_kev: np.ndarray) -> MassTable:
    """Return the table of a rate, from the cache when it is there and intact.

    A damaged or unreadable cache entry is built anew; a cache that cannot be written costs
    time and nothing else. Tables of plug-ins are not kept: what their code says is not in the
    name of an entry.
    """
    if any(map(_is_foreign, rate.behind())):
        return MassTable.build(rate, recoil_energy_kev)
    path = cache_dir() / f"{content_hash(rate, recoil_energy_kev)}{kept_arrays.SUFFIX}"
    stored = kept_arrays.read(path)
    if stored is not None and stored.keys() == _PARTS:
        return MassTable.of_arrays(stored)
    table = MassTable.build(rate, recoil_energy_kev)
    kept_arrays.write(path, table.to_arrays())
    return table


def _is_foreign(part: object) -> bool:
    """Whether any code of the class of an object lies outside this package."""
    ours = (__name__.partition(".")[0], "abc", "typing")
    return any(kind.__module__.partition(".")[0] not in ours for kind in type(part).__mro__[:-1])


def content_hash(rate: Rate, recoil_energy_kev: np.ndarray) -> str:
    """Return a digest of a rate's inputs and of the code that integrates them."""
    digest = hashlib.sha256()
    digest.update(_code_digest().encode())
    digest.update(rate.digest().encode())
    digest.update(np.ascontiguousarray(recoil_energy_kev, dtype=float).tobytes())
    return digest.hexdigest()


@cache
def _code_digest() -> str:
    root = Path(str(files("bayes_cevns")))
    paths = [
        path
        for name in _SOURCES
        for path in ([root / name] if name.endswith(".py") else sorted((root / name).rglob("*.py")))
    ]
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    digest.update((data_dir() / CHECKSUMS).read_bytes())  # nuclei, spectra, atoms
    return digest.hexdigest()
