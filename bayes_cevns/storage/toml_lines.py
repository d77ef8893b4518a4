"""On which line of a TOML file a key stands, for messages."""

from __future__ import annotations

import re
from collections.abc import Sequence

#: Characters of a name that a message shows.
_SHOWN = 60

_HEADER = re.compile(r"^\s*\[{1,2}([^\[\]]+)\]{1,2}\s*(#.*)?$")
_KEY = re.compile(r"^\s*([\w.\"'-]+)\s*=")


def place(location: Sequence[str], text: str) -> str:
    """Return "line N, key", without the line if no part of the key is in the text."""
    line = _line_of(location, text)
    key = ".".join(part if len(part) <= _SHOWN else f"{part[:_SHOWN]}..." for part in location)
    return (f"line {line}, " if line else "") + key


def _line_of(location: Sequence[str], text: str) -> int | None:
    """Return the line on which the longest part of a location that is in the text stands."""
    found, depth, table = None, 0, []
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            path = table = _parts(header[1])
        elif key := _KEY.match(line):
            path = [*table, *_parts(key[1])]
        else:
            continue
        if len(path) > depth and list(location[: len(path)]) == path:
            found, depth = number, len(path)
    return found


def _parts(key: str) -> list[str]:
    return [part.strip().strip("\"'") for part in key.split(".")]
