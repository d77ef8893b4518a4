"""Messages between processes: eight bytes of length, then so many bytes."""

from __future__ import annotations

from typing import IO

_LENGTH = 8


def write_frame(stream: IO[bytes], content: bytes) -> None:
    """Write a message.

    Raises
    ------
    OSError
        If nobody reads.
    """
    stream.write(len(content).to_bytes(_LENGTH, "big") + content)
    stream.flush()


def read_frame(stream: IO[bytes]) -> bytes | None:
    """Return the next message; ``None`` if the one who writes has ended, in its middle as well."""
    try:
        head = stream.read(_LENGTH)
        if len(head) < _LENGTH:
            return None
        length = int.from_bytes(head, "big")
        content = stream.read(length)
    except (OSError, ValueError):  # closed while it is read
        return None
    return content if len(content) == length else None
