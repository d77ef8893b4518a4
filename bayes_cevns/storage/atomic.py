"""Atomic writing: a file is either complete or not there."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import rmtree

from bayes_cevns.storage.owner import host_name, is_running

_MARK = ".bayes-cevns-"

#: A temporary file of another host, of whose processes nothing is known, is kept for this long.
_FOREIGN_SECONDS = 86400.0


@contextmanager
def path(final: Path) -> Iterator[Path]:
    """Context with a temporary path in the same folder, renamed to `final` if the block succeeds.

    Content and folder are flushed to disk around the rename, so that the file outlives a power
    cut; when the block raises, the temporary file is removed and `final` is left as it was. The
    mode is that of any new file (0666 without the bits of the umask).
    """
    temporary = new_file(final)
    try:
        yield temporary
        with temporary.open("rb+") as stream:
            os.fsync(stream.fileno())
        temporary.replace(final)
        flush_folder(final.parent)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def new_folder(final: Path) -> Iterator[Path]:
    """Context with a temporary folder beside a new one, renamed to it if the block succeeds.

    The folder is whole or not there, also when the process is killed. What is written into it is
    to be flushed, as `path` does. Folders above it are made.

    Parameters
    ----------
    final
        The folder, which does not exist or is empty.

    Raises
    ------
    OSError
        If it cannot be written, or is not empty any more.
    """
    final.parent.mkdir(parents=True, exist_ok=True)
    remove_temporaries(final.parent)
    temporary = final.parent / _name("")
    temporary.mkdir()
    try:
        yield temporary
        flush_folder(temporary)
        temporary.replace(final)
        flush_folder(final.parent)
    finally:
        rmtree(temporary, ignore_errors=True)


def new_file(final: Path) -> Path:
    """Create an empty temporary file beside a path, named after this process."""
    while True:
        file = final.parent / _name(final.suffix)
        try:
            # The system takes the bits of the umask away; it cannot be asked for without a race.
            os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o666))
        except FileExistsError:
            continue
        return file


def _name(suffix: str) -> str:
    """Return a new name that says which process made it."""
    return f"{_MARK}{os.getpid()}-{secrets.token_hex(4)}@{host_name()}{suffix}"


def write_text(final: Path, text: str) -> None:
    """Write a text file atomically."""
    with path(final) as temporary:
        temporary.write_text(text, encoding="utf-8")


def replace_text(final: Path, text: str) -> None:
    """Write a text file that is whole or not there, but may be lost in a power cut: much quicker.

    For what is written often and can be done without.
    """
    temporary = new_file(final)
    try:
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(final)
    finally:
        temporary.unlink(missing_ok=True)


def write_bytes(final: Path, content: bytes | memoryview) -> None:
    """Write a file atomically."""
    with path(final) as temporary:
        temporary.write_bytes(content)


def make_folder(folder: Path) -> None:
    """Make a folder, if it is not there, in a way that outlives a power cut."""
    if not folder.is_dir():
        folder.mkdir(exist_ok=True)
        flush_folder(folder.parent)


def flush_folder(folder: Path) -> None:
    """Flush the names of files in a folder to disk, where the system can do this."""
    with suppress(OSError):  # Windows opens no folders; some network file systems refuse to flush
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def is_temporary(file: Path) -> bool:
    """Return whether a file is one that `path` has made and not yet renamed."""
    return file.name.startswith(_MARK)


def remove_temporaries(folder: Path) -> None:
    """Remove what processes that were killed have left of their temporary files and folders."""
    for file in folder.glob(f"{_MARK}*"):
        with suppress(FileNotFoundError):
            if not _is_left(file):
                continue
            if file.is_dir():
                rmtree(file)
            else:
                file.unlink()


def _is_left(file: Path) -> bool:
    """Return whether the process that made a temporary file has ended."""
    words, _, rest = file.name.removeprefix(_MARK).partition("@")
    pid, _, _ = words.partition("-")
    if not pid.isdecimal():
        return True  # of a version that did not name the process
    if rest.removesuffix(file.suffix) == host_name() or rest == host_name():
        return not is_running(int(pid))
    return time.time() - file.stat().st_mtime > _FOREIGN_SECONDS
