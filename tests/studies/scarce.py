"""What a machine may lack while a study runs: disk, memory, handles, a home, the right time.

Each is a context for a copy of this process. While it lasts, the run ends with the right numbers or
with one line of the package; when it is over, the same run goes on to the right numbers.
"""

from __future__ import annotations

import builtins
import errno
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any, Self
from unittest.mock import patch

from bayes_cevns.storage.caches import CACHE_VARIABLE

type Cause = Callable[[], AbstractContextManager[None]]

#: What changes the names or the content of files.
_WRITING = ("fsync", "replace", "link", "mkdir")
_REMOVING = ("unlink", "rmdir")


@contextmanager
def _limited(kind: int, most: int) -> Iterator[None]:
    """Context with a lower limit of a resource, which is raised again at its end."""
    soft, hard = resource.getrlimit(kind)
    resource.setrlimit(kind, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(kind, (soft, hard))


def files_of(most_bytes: int) -> Cause:
    """No file may be longer: a write ends with EFBIG, in the middle of a file."""
    return lambda: _limited(resource.RLIMIT_FSIZE, most_bytes)


def handles(more: int) -> Cause:
    """Only so many more files may be open than there are."""

    def cause() -> AbstractContextManager[None]:
        # The number of a handle is what is limited, and the lowest free one is taken.
        free = sorted(set(range(4096)) - {int(one.name) for one in Path("/proc/self/fd").iterdir()})
        return _limited(resource.RLIMIT_NOFILE, free[more] if more else free[0])

    return cause


def memory(more_mb: float) -> Cause:
    """Only so much more memory may be had than is used."""

    def cause() -> AbstractContextManager[None]:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * resource.getpagesize() + int(more_mb * 2**20)
        return _limited(resource.RLIMIT_AS, most)

    return cause


def failing(code: int, moment: int) -> Cause:
    """From some call that changes files on, all of them fail, those that remove only if read-only.

    It is what a full disk or one that became read-only does, also where none can be mounted.
    """

    @contextmanager
    def cause() -> Iterator[None]:
        count = 0

        def failed() -> bool:
            nonlocal count
            count += 1
            return count >= moment

        def watched(real: Callable[..., Any]) -> Callable[..., Any]:
            def call(*given: Any, **named: Any) -> Any:
                if failed():
                    raise OSError(code, os.strerror(code))
                return real(*given, **named)

            return call

        def opened(path: Any, flags: int, *given: Any, **named: Any) -> int:
            if flags & (os.O_CREAT | os.O_WRONLY | os.O_RDWR) and failed():
                raise OSError(code, os.strerror(code), path)
            return real_open(path, flags, *given, **named)

        def opened_as_text(file: Any, mode: str = "r", *given: Any, **named: Any) -> Any:
            if set(mode) & set("wax+") and failed():
                raise OSError(code, os.strerror(code), file)
            return real_text(file, mode, *given, **named)

        real_open, real_text = os.open, builtins.open
        names = (*_WRITING, *(_REMOVING if code == errno.EROFS else ()))
        with ExitStack() as stack:
            for name in names:
                stack.enter_context(patch.object(os, name, watched(getattr(os, name))))
            stack.enter_context(patch.object(os, "open", opened))
            stack.enter_context(patch.object(builtins, "open", opened_as_text))
            stack.enter_context(patch("io.open", opened_as_text))
            yield

    return cause


@contextmanager
def no_home() -> Iterator[None]:
    """Context in which neither a home nor a cache folder can be written."""
    names = (CACHE_VARIABLE, "XDG_CACHE_HOME")
    kept = {key: value for key, value in os.environ.items() if key not in names}
    with patch.dict(os.environ, {**kept, "HOME": "/dev/null"}, clear=True):
        yield


def clock(hours: float, moment: int = 0) -> Cause:
    """The clock is wrong by some hours, from its nth reading on."""

    @contextmanager
    def cause() -> Iterator[None]:
        count = 0

        def shift() -> float:
            nonlocal count
            count += 1
            return 3600.0 * hours if count > moment else 0.0

        real, real_ns = time.time, time.time_ns

        class Moved(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> Self:
                return cls.fromtimestamp(real() + shift(), tz)

        modules = [
            module
            for name, module in list(sys.modules.items())
            if name.startswith("bayes_cevns") and getattr(module, "datetime", None) is datetime
        ]
        with ExitStack() as stack:
            stack.enter_context(patch.object(time, "time", lambda: real() + shift()))
            stack.enter_context(
                patch.object(time, "time_ns", lambda: real_ns() + int(1e9 * shift()))
            )
            for module in modules:
                stack.enter_context(patch.object(module, "datetime", Moved))
            yield

    return cause


class SmallDisk:
    """A file system in memory of some size, where this process may mount one.

    Parameters
    ----------
    folder
        Where it is mounted.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)

    def mount(self, size_kb: int) -> bool:
        """Mount it empty, and return whether that was possible."""
        options = f"size={size_kb}k,nr_inodes=1000"
        call = ["mount", "-t", "tmpfs", "-o", options, "bayes-cevns-faults", str(self.folder)]
        try:
            return subprocess.run(call, capture_output=True, check=False).returncode == 0
        except OSError:
            return False

    def change(self, options: str) -> None:
        """Mount it with other options: another size, or read-only."""
        subprocess.run(["mount", "-o", f"remount,{options}", str(self.folder)], check=True)

    def unmount(self) -> None:
        """Throw it away with all that is on it."""
        subprocess.run(["umount", "--lazy", str(self.folder)], check=True)
