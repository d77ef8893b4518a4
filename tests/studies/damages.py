"""What befalls a file."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def _empty(file: Path) -> None:
    file.write_bytes(b"")


def _zero(file: Path) -> None:
    file.write_bytes(bytes(file.stat().st_size))


def _flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    if content:
        place = random.Random(str(file)).randrange(len(content))
        content[place] ^= 1 << random.Random(place).randrange(8)
    file.write_bytes(bytes(content))


def _remove(file: Path) -> None:
    with suppress(FileNotFoundError):
        file.unlink()


#: By what is said of it.
DAMAGES: dict[str, Callable[[Path], None]] = {
    "cut to its half": _cut,
    "empty": _empty,
    "all zeros": _zero,
    "a flipped bit": _flip,
    "removed": _remove,
}
