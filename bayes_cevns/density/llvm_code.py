"""The compiled functions as code of LLVM: for all processors of a kind, and without Numba.

Numba takes ten seconds and more to write it. It is therefore written once, when the functions
change, and comes with the package (`folder`); ``python -m bayes_cevns.density.llvm_code`` writes
it anew. On another kind of machine, or with another text of the functions, a process of its own
writes it (`bayes_cevns.density.from_numba`), and the cache folder keeps it.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import logging
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import llvmlite.binding as llvm

from bayes_cevns.density.names import ALL
from bayes_cevns.errors import DataError, ResourceError
from bayes_cevns.storage.caches import cache_dir
from bayes_cevns.storage.kept_arrays import read_checked, write_checked

_log = logging.getLogger(__name__)

#: The parts of the package whose text decides what is compiled.
_SOURCES = ("density", "tables", "couplings", "cards/densities", "cards/likelihoods", "physics")

#: The file that says what comes with the package (`Record`).
_RECORD = "record.json"

#: Code for any processor of a kind, since what comes with the package was written on another one:
#: calls are put in place, and nothing is done that depends on the processor.
_SETTINGS = {
    "NUMBA_CPU_NAME": "generic",
    "NUMBA_CPU_FEATURES": "",
    "NUMBA_OPT": "1",
    "NUMBA_LOOP_VECTORIZE": "0",
    "NUMBA_SLP_VECTORIZE": "0",
}


@cache
def stamp() -> str:
    """Return a name for the text of everything that is compiled."""
    digest = hashlib.sha256()
    package = files("bayes_cevns")
    for folder in _SOURCES:
        root = Path(str(package.joinpath(folder)))
        for file in sorted(root.rglob("*.py")):
            digest.update(f"{file.relative_to(root).as_posix()}".encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def llvm_code(name: str) -> str:
    """Return the code of a function, one of `bayes_cevns.density.names.ALL`.

    Raises
    ------
    ResourceError
        If it has to be written, and the process that does so fails.
    """
    found = _shipped(name) or _kept(name)
    if found is not None:
        return found
    _log.info("the code of %s is written, which takes a minute at most", name)
    code = written(name)
    with suppress(OSError):  # a cache that cannot be written costs time and nothing else
        write_checked(_place(name), _packed(code))
    return code


def written(name: str) -> str:
    """Return the code of a function, written by a process of its own.

    Raises
    ------
    ResourceError
        If the process fails.
    """
    environment = {k: v for k, v in os.environ.items() if not k.startswith("NUMBA_")}
    paths = [str(Path(str(files("bayes_cevns"))).parent), *filter(None, sys.path)]
    environment |= _SETTINGS | {"PYTHONPATH": os.pathsep.join(paths)}
    command = [sys.executable, "-P", "-m", "bayes_cevns.density.from_numba", name]
    try:
        done = subprocess.run(command, env=environment, capture_output=True, check=False)
    except OSError as error:
        raise ResourceError(_refusal(command, str(error))) from None
    if done.returncode != 0:
        last = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise ResourceError(_refusal(command, last or f"exit status {done.returncode}"))
    of, _, code = done.stdout.decode().partition("\n")
    if of != stamp():
        raise ResourceError(_refusal(command, "the text of the package has changed meanwhile"))
    return code


def _refusal(command: Sequence[str], why: str) -> str:
    return (
        f"the log-density could not be compiled, by {' '.join(command)}: {why}; "
        "that takes one more process, half a GB of memory, and a text that stays as it is"
    )


def _packed(code: str) -> bytes:
    return gzip.compress(code.encode(), mtime=0)


def _unpacked(packed: bytes) -> str:
    return gzip.decompress(packed).decode()


def folder() -> Path:
    """Return the folder of the code that comes with the package."""
    return Path(str(files("bayes_cevns").joinpath("density", "llvm")))


@dataclass(frozen=True)
class Record:
    """What comes with the package.

    Attributes
    ----------
    stamp
        The `stamp` of the text that it was written from.
    compiler
        Who wrote it.
    llvm
        The version of LLVM that can read it, or a later one.
    digests
        Name of a file -> digest of its bytes.
    """

    stamp: str
    compiler: str
    llvm: int
    digests: Mapping[str, str]


def record() -> Record | None:
    """Return what comes with the package; ``None`` if nothing does, or nothing is said of it."""
    try:
        said = json.loads((folder() / _RECORD).read_text(encoding="utf-8"))
        return Record(**said)
    except (OSError, ValueError, TypeError):
        return None


def compiler() -> str:
    """Return which compiler writes code."""
    return f"numba {version('numba')}, llvmlite {version('llvmlite')}"


def _shipped(name: str) -> str | None:
    """Return the code that comes with the package; ``None`` if it is for others than this."""
    own = record()
    if own is None or own.stamp != stamp() or own.llvm > llvm.llvm_version_info[0]:
        return None
    file = folder() / f"{name}.ll.gz"
    try:
        packed = file.read_bytes()
    except OSError:
        return None
    if own.digests.get(file.name) != hashlib.sha256(packed).hexdigest():
        return None
    code = _unpacked(packed)
    return code if f'target triple = "{llvm.get_process_triple()}"' in code else None


def _place(name: str) -> Path:
    """Return where code is kept that has been written here."""
    by = hashlib.sha256(f"{compiler()} {llvm.get_process_triple()} {stamp()}".encode()).hexdigest()
    return cache_dir() / "compiled" / f"{name}-{by[:16]}.ll.gz"


def _kept(name: str) -> str | None:
    """Return the code that is kept; ``None`` if there is none that is whole."""
    try:
        return _unpacked(read_checked(_place(name)))
    except (OSError, DataError):
        return None


def main() -> None:
    """Write the code that comes with the package."""
    packed = {f"{name}.ll.gz": _packed(written(name)) for name in ALL}
    digests = {name: hashlib.sha256(each).hexdigest() for name, each in packed.items()}
    found = Record(stamp(), compiler(), llvm.llvm_version_info[0], digests)
    folder().mkdir(exist_ok=True)
    (folder() / _RECORD).unlink(missing_ok=True)  # what a write that stops leaves is never used
    for name, each in packed.items():
        (folder() / name).write_bytes(each)
    (folder() / _RECORD).write_text(json.dumps(asdict(found), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
