"""Compiled functions that are kept on disk: compiled once on a machine, for all models.

Numba keeps compiled code beside the file of a function and looks at the date of that file alone,
not at those of the functions that it calls. Here code is kept in the cache folder of the package,
under a name that changes with the text of everything that is compiled, and with the versions of the
compiler. Numba loads what is in a file as it is: machine code with one wrong bit computes other
numbers or ends the process. Here each file begins with a digest of the rest, and one that is not
as it was written is not loaded.
"""

from __future__ import annotations

import hashlib
import logging
import pickle
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Self

import llvmlite
import numba
from numba.core.caching import CompileResultCacheImpl, FunctionCache, IndexDataCacheFile
from numba.core.ccallback import CFunc
from numba.core.errors import NumbaError
from numba.core.serialize import dumps

from bayes_cevns.storage.kept_arrays import read_checked, write_checked
from bayes_cevns.tables.store import cache_dir

_log = logging.getLogger(__name__)

#: The packages whose text decides what is compiled.
_SOURCES = ("density", "tables", "couplings", "cards/densities", "cards/likelihoods", "physics")


@cache
def stamp() -> str:
    """Return a name for the text of everything that is compiled, and for the compiler."""
    digest = hashlib.sha256(f"{numba.__version__} {llvmlite.__version__}".encode())
    package = files("bayes_cevns")
    for folder in _SOURCES:
        root = Path(str(package.joinpath(folder)))
        for file in sorted(root.rglob("*.py")):
            digest.update(f"{file.relative_to(root)}".encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


class _Locator:
    """Where Numba keeps the code of a function."""

    def get_cache_path(self) -> str:
        """Return the folder."""
        return str(cache_dir() / "compiled")

    def ensure_cache_path(self) -> None:
        """Make the folder."""
        Path(self.get_cache_path()).mkdir(parents=True, exist_ok=True)

    def get_source_stamp(self) -> str:
        """Return what changes when code that was kept is no longer right."""
        return stamp()

    def get_disambiguator(self) -> str:
        """Return a part of the file name."""
        return stamp()

    @classmethod
    def from_function(cls, function: Any, file: Any) -> Self:
        """Return the locator of any function."""
        del function, file
        return cls()


class _CheckedFiles(IndexDataCacheFile):
    """The files of one function: its index, and compiled code, each behind a digest of itself."""

    def _load_index(self) -> dict[Any, str]:
        try:
            version, stamp, names = pickle.loads(read_checked(Path(self._index_path)))
        except FileNotFoundError:
            return {}
        known: dict[Any, str] = names
        return known if (version, stamp) == (self._version, self._source_stamp) else {}

    def _save_index(self, overloads: dict[Any, str]) -> None:
        content = dumps((self._version, self._source_stamp, overloads))
        write_checked(Path(self._index_path), content)

    def _load_data(self, name: str) -> Any:
        return pickle.loads(read_checked(Path(self._data_path(name))))

    def _save_data(self, name: str, data: Any) -> None:
        write_checked(Path(self._data_path(name)), dumps(data))


class _Cache(FunctionCache):
    """The cache of one function, by a name: what it closes over has no place in its key."""

    def __init__(self, function: Any, name: str) -> None:
        class Implementation(CompileResultCacheImpl):
            _locator_classes = (_Locator,)

            def get_filename_base(self, fullname: str, abiflags: str) -> str:
                del fullname
                return f"{name}-{self.locator.get_disambiguator()}{abiflags}"

        self._impl_class = Implementation
        super().__init__(function)
        locator = self._impl.locator
        self._cache_file = _CheckedFiles(
            locator.get_cache_path(), self._impl.filename_base, locator.get_source_stamp()
        )

    def _index_key(self, signature: Any, codegen: Any) -> Any:
        return signature, codegen.magic_tuple()


def compiled(function: Callable[..., Any], signature: Any, name: str) -> Any:
    """Return a function compiled for C, from the cache where it is there and intact.

    A cache that cannot be read or written costs time and nothing else.
    """
    try:
        return _compiled(function, signature, name)
    except NumbaError:
        raise
    except Exception as damage:  # what a damaged file may raise has no end
        _log.info("compiled code is made anew, the cache could not be used: %s", damage)
    try:
        for file in (cache_dir() / "compiled").glob(f"{name}-{stamp()}*"):
            file.unlink(missing_ok=True)  # another process may do the same
        return _compiled(function, signature, name)
    except OSError:
        return _compiled(function, signature, None)


def _compiled(function: Callable[..., Any], signature: Any, name: str | None) -> Any:
    """Return a compiled function, from a cache if there is a name for it."""
    options = {"nopython": True, "error_model": "numpy"}
    found: Any = CFunc(function, (signature.args, signature.return_type), {}, options)
    if name is not None:
        found._cache = _Cache(function, name)  # as CFunc.enable_caching does
    found.compile()
    return found
