"""What a machine has too little of, told from the errors that Python and libraries raise then."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bayes_cevns.errors import BayesCevnsError, ResourceError

_MEMORY = "memory on this machine: ask for more, or for fewer workers"
_FILES = "files that may be open: allow more (ulimit -n)"
_THREADS = "threads or processes: allow more (ulimit -u), or set OMP_NUM_THREADS=1"

_BY_NUMBER = {
    errno.ENOMEM: _MEMORY,
    errno.EMFILE: _FILES,
    errno.ENFILE: _FILES,
    errno.EAGAIN: _THREADS,
}

#: Words of libraries that have no error of their own for it: Rust, the linker, C++, Python.
_BY_WORDS = {
    "MemoryError": _MEMORY,
    "os error 12)": _MEMORY,
    "Cannot allocate memory": _MEMORY,
    "cannot allocate memory": _MEMORY,
    "failed to map segment": _MEMORY,
    "bad_alloc": _MEMORY,
    "os error 24)": _FILES,
    "Too many open files": _FILES,
    "os error 11)": _THREADS,
    "can't start new thread": _THREADS,
}

#: Characters of an error that are shown.
_SHOWN = 100

#: How near to its limit the memory of a process has to be for an error without words.
_NEAR = 0.75


@contextmanager
def in_one_line() -> Iterator[None]:
    """Context in which an error that comes from too little of something is one of this package.

    Raises
    ------
    ResourceError
        In place of it, with one line that says what there is too little of.
    """
    try:
        yield
    except BayesCevnsError:
        raise
    except Exception as error:
        missing = lacking(error)
        if missing is None:
            raise
        raise ResourceError(said(missing, error)) from error


def said(missing: str, error: BaseException) -> str:
    """Return the line about something that is missing."""
    first = " ".join(f"{type(error).__name__} {error}".split())[:_SHOWN]
    return f"too little {missing}; what is finished is kept ({first})"


def lacking(error: BaseException) -> str | None:
    """Return what there is too little of, and what to do; ``None`` if the error is another one."""
    for one in _chain(error):
        if isinstance(one, MemoryError):
            return _MEMORY
        if isinstance(one, OSError) and one.errno in _BY_NUMBER:
            return _BY_NUMBER[one.errno]
        if isinstance(one, RuntimeError | ImportError | OSError):
            text = str(one)
            for words, missing in _BY_WORDS.items():
                if words in text:
                    return missing
        # Where there is no memory for an error either, Python says that one is missing.
        if isinstance(one, SystemError | ImportError) and _is_near_limit():
            return _MEMORY
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error, and those that it came from."""
    seen: set[int] = set()
    found: BaseException | None = error
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        yield found
        found = found.__cause__ or found.__context__


def _is_near_limit() -> bool:
    """Return whether this process may have little more memory than it has, where Linux tells."""
    if sys.platform != "linux":
        return False
    import resource

    most = resource.getrlimit(resource.RLIMIT_AS)[0]
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except OSError:
        return False
    return most != resource.RLIM_INFINITY and pages * resource.getpagesize() > _NEAR * most
