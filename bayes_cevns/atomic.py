"""Files that are either whole or not there."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_MARK = ".bayes-cevns-"


@contextmanager
def path(final: Path) -> Iterator[Path]:
    """Give a temporary path in the same folder that becomes `final` when the block succeeds.

    The content is flushed to disk before the rename; when the block raises, the temporary
    file is removed and `final` is left as it was.
    """
    handle, name = tempfile.mkstemp(dir=final.parent, prefix=_MARK, suffix=final.suffix)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb+") as stream:
            os.fsync(stream.fileno())
        temporary.chmod(0o644)
        temporary.replace(final)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(final: Path, text: str) -> None:
    """Write a text file atomically."""
    with path(final) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_bytes(final: Path, content: bytes | memoryview) -> None:
    """Write a file atomically."""
    with path(final) as temporary:
        temporary.write_bytes(content)


def is_temporary(file: Path) -> bool:
    """Return whether a file is one that `path` has made and not yet renamed."""
    return file.name.startswith(_MARK)


def remove_temporaries(folder: Path) -> None:
    """Remove what a process that was killed has left of its temporary files."""
    for file in folder.glob(f"{_MARK}*"):
        file.unlink(missing_ok=True)
