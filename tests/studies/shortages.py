"""Studies on machines that lack something, for a while."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from accidents import Accidents, Tally
from copies import FINISHED, REFUSED, End, done
from scarce import (
    Cause,
    SmallDisk,
    clock,
    failing,
    files_of,
    handles,
    memory,
    no_home,
)
from verdict import running

#: Kilobytes of a disk, and of the longest file; more files that may be open; megabytes.
DISKS_KB = (4, 8, 16, 24, 32, 48, 64, 96)
FILES_KB = (0, 1, 2, 4, 8, 16, 32, 64)
HANDLES = (0, 1, 2, 3, 4, 6)
MEMORY_MB = (0.0, 0.06, 0.12, 0.18, 0.25, 0.35, 0.5, 2.0, 8.0, 32.0)
HOURS = (-30.0, -5.0, 5.0, 30.0)
#: The calls from which on a disk is full, or read-only, or fails.
CALLS = (1, 3, 7, 14, 30, 60)
CODES = {"ENOSPC": errno.ENOSPC, "EROFS": errno.EROFS, "EIO": errno.EIO}


def causes() -> Mapping[str, Mapping[str, Cause]]:
    """Return all that may be lacking for a whole run: kind -> in words -> the cause."""
    return {
        "no long files (RLIMIT_FSIZE)": {f"{kb} kB": files_of(kb * 1024) for kb in FILES_KB},
        "few handles (RLIMIT_NOFILE)": {f"{more} more": handles(more) for more in HANDLES},
        "low memory (RLIMIT_AS)": {f"{mb:g} MB more": memory(mb) for mb in MEMORY_MB},
        "writes fail from a call on": {
            f"{name} from call {call}": failing(code, call)
            for name, code in CODES.items()
            for call in CALLS
        },
        "no home, no cache": {"": no_home},
        "a wrong clock": {f"{hours:+g} h": clock(hours) for hours in HOURS},
        "a clock that jumps": {f"{h:+g} h at reading 3": clock(h, 3) for h in HOURS},
    }


def without(own: Accidents, lacking: Mapping[str, Cause]) -> Tally:
    """Run a study where something is lacking, and go on with it where it is not.

    Every other accident is of a run that was killed in its middle, and the rest are of a new one.
    """
    tally = Tally()
    for place, (words, cause) in enumerate(lacking.items()):
        out = own.folder / f"{own.kind}-without"
        if place % 2:
            shutil.copytree(own.stopped(), out)
        end = done(_within(cause, own.kind, out), own.note)
        _count(own, tally, out, end, f"{words}, {'gone on' if place % 2 else 'anew'}")
    return tally


def _within(cause: Cause, kind: str, out: Path) -> Callable[[], None]:
    def work() -> None:
        with cause():
            running(kind, out)()

    return work


def _count(own: Accidents, tally: Tally, out: Path, end: End, words: str) -> None:
    """Count how it ended while something was lacking, and how it goes on."""
    wrong = "" if end.how in (FINISHED, REFUSED) else f"ended: {end.how} {end.text}"
    badly, refusal = own.undisturbed.afterwards(out)
    wrong = wrong or badly or refusal
    tally.count(wrong and f"{own.kind}, {words}: {wrong}".replace(str(out), "FOLDER"))
    shutil.rmtree(out, ignore_errors=True)


@contextmanager
def disk(folder: Path, size_kb: int) -> Iterator[SmallDisk | None]:
    """Context with a disk of some size, if one may be mounted."""
    found = SmallDisk(folder)
    if not found.mount(size_kb):
        yield None
        return
    try:
        yield found
    finally:
        found.unmount()


def on_full_disks(own: Accidents, sizes_kb: Iterable[int] = DISKS_KB) -> Tally:
    """Run a study on a disk that is full before its end, and go on when there is more place."""
    tally = Tally()
    for size in sizes_kb:
        with disk(own.folder / "disk", size) as found:
            if found is None:
                return tally
            out = found.folder / "out"
            end = done(running(own.kind, out), own.note)
            found.change("size=65536k")
            _count(own, tally, out, end, f"a disk of {size} kB")
    return tally


def on_read_only_disks(own: Accidents) -> Tally:
    """Run a study where nothing may be written, and go on when it may.

    A new one is refused, one that was stopped too, and a finished one is read.
    """
    tally = Tally()
    for state in (None, own.stopped(), own.whole):
        with disk(own.folder / "disk", 65536) as found:
            if found is None:
                return tally
            out = found.folder / "out"
            if state is not None:
                shutil.copytree(state, out)
            found.change("ro")
            end = done(running(own.kind, out), own.note)
            expected = FINISHED if state == own.whole else REFUSED
            if end.how in (FINISHED, REFUSED) and end.how != expected:
                end = End("not expected", f"{end.how} {end.text}")
            found.change("rw")
            _count(own, tally, out, end, f"read-only, {'new' if state is None else state.name}")
    return tally
