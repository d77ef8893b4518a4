"""Files that are either whole or not there."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def path(final: Path) -> Iterator[Path]:
    """Give a temporary path in the same folder that becomes `final` when the block succeeds.

    The content is flushed to disk before the rename; when the block raises, the temporary
    file is removed and `final` is left as it was.
    """
    handle, name = tempfile.mkstemp(dir=final.parent, prefix=f".{final.stem}-", suffix=final.suffix)
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
