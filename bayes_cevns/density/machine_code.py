"""The compiled functions for this processor: made once, kept in the cache folder, loaded."""

from __future__ import annotations

import hashlib
import logging
from contextlib import suppress
from ctypes.util import find_library
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock, Thread
from typing import Any

import llvmlite
import llvmlite.binding as llvm

from bayes_cevns.density.llvm_code import llvm_code
from bayes_cevns.density.names import C_LIBRARY, COPY, LOG_DENSITY
from bayes_cevns.errors import DataError, ResourceError
from bayes_cevns.storage.caches import cache_dir
from bayes_cevns.storage.kept_arrays import read_checked, write_checked

_log = logging.getLogger(__name__)

#: How hard LLVM tries, of 0 to 3, and what it does with loops. Level 3, and loops that are
#: unrolled, take a third longer to compile and are no faster.
_LEVEL = 2
_TUNING = {"loop_vectorization": True, "slp_vectorization": False, "loop_unrolling": False}

#: One thread at a time: a function is loaded once, and what owns it is never given up.
_LOCK = Lock()


@dataclass(frozen=True)
class Loaded:
    """A compiled function in memory.

    Attributes
    ----------
    address
        Where it is.
    kept
        Whether it came from the cache folder.
    engine
        What owns the memory.
    """

    address: int
    kept: bool
    engine: Any


def loaded(name: str) -> Loaded:
    """Return a function, one of `bayes_cevns.density.names.ALL`.

    A cache folder that cannot be read or written costs time and nothing else.
    """
    with _LOCK:
        return _loaded(name)


def load_ahead() -> None:
    """Begin to load what all fits need, in a thread: where nothing is kept, that takes seconds.

    LLVM leaves the interpreter to others meanwhile, who read tables or make them. An error is
    raised where the functions are needed; where no thread can be had, they are loaded there.
    """
    with suppress(RuntimeError, MemoryError):
        Thread(target=_load_common, name="machine code").start()


def _load_common() -> None:
    with suppress(Exception):
        for name in (LOG_DENSITY, COPY):
            loaded(name)


@cache
def _loaded(name: str) -> Loaded:
    return load(name, llvm_code(name))


def load(name: str, code: str) -> Loaded:
    """Return a function from code of LLVM.

    Parameters
    ----------
    name
        Of the function.
    code
        A module that has it, and needs nothing but the library of C.
    """
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    machine = _machine()
    place = _place(name, code)
    found = _kept(place)
    binary = _compiled(code, machine) if found is None else found
    if found is None:
        with suppress(OSError):
            write_checked(place, binary)
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
    _check_library()
    engine.add_object_file(llvm.ObjectFileRef.from_data(binary))
    engine.finalize_object()
    return Loaded(engine.get_function_address(name), found is not None, engine)


def _check_library() -> None:
    """Check that the library of C is there: LLVM ends the process when it misses a function.

    Raises
    ------
    ResourceError
        If it lacks a function.
    """
    missing = _missing()
    if missing and (library := find_library("m")) is not None:
        llvm.load_library_permanently(library)
        missing = _missing()
    if missing:
        raise ResourceError(
            f"the library of C of this Python lacks {', '.join(missing)}: use one that is linked "
            "with the C library of this system"
        )


def _missing() -> list[str]:
    """Return functions of C that LLVM does not find."""
    return [name for name in C_LIBRARY if not llvm.address_of_symbol(name)]


def _machine() -> Any:
    """Return this machine, for LLVM."""
    target = llvm.Target.from_triple(llvm.get_process_triple())
    return target.create_target_machine(
        cpu=llvm.get_host_cpu_name(),
        features=_features(),
        opt=_LEVEL,
        # On x86, code in memory needs static relocation since LLVM 7 (review D47211 of LLVM).
        reloc="static" if target.name.startswith("x86") else "default",
        jit=True,
    )


def _features() -> str:
    """Return what this processor can do; nothing beyond its name where LLVM cannot tell."""
    try:
        return str(llvm.get_host_cpu_features().flatten())
    except RuntimeError:
        return ""


def _place(name: str, code: str) -> Path:
    """Return where the machine code is kept: under a name that has all that it follows from."""
    follows = (code, llvm.get_host_cpu_name(), _features(), llvmlite.__version__, _LEVEL, _TUNING)
    digest = hashlib.sha256(repr(follows).encode()).hexdigest()
    return cache_dir() / "compiled" / f"{name}-{digest[:16]}.o"


def _kept(place: Path) -> bytes | None:
    """Return machine code from the cache; ``None`` if there is none, or none that is whole.

    What is loaded is run: one wrong bit computes other numbers or ends the process.
    """
    try:
        return read_checked(place)
    except FileNotFoundError:
        return None
    except (OSError, DataError) as damage:
        _log.info("machine code is made anew, the cache could not be used: %s", damage)
        return None


def _compiled(code: str, machine: Any) -> bytes:
    """Return machine code."""
    module = llvm.parse_assembly(code)
    tuning = llvm.create_pipeline_tuning_options(speed_level=_LEVEL)
    for option, value in _TUNING.items():
        setattr(tuning, option, value)
    builder = llvm.create_pass_builder(machine, tuning)
    builder.getModulePassManager().run(module, builder)
    return bytes(machine.emit_object(module))
