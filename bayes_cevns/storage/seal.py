"""Sealed files: a last line names the run that the file belongs to, with a digest of the content.

HDF5, and so netCDF, ignores what follows its end. It reads damaged content without an error, or
hangs, so that the seal is checked before the content is read.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

_SEAL = re.compile(rb"\n# bayes-cevns run ([0-9a-f]{64}) (complete|interrupted) ([0-9a-f]{64})\n\Z")
_LONGEST = 256


@dataclass(frozen=True)
class Sealed:
    """The content of a file, and what its seal says.

    Attributes
    ----------
    content
        The bytes before the seal.
    identity
        Of the run.
    complete
        Whether the run was complete.
    """

    content: bytes
    identity: str
    complete: bool

    def to_bytes(self) -> bytes:
        """Return content and seal."""
        status = "complete" if self.complete else "interrupted"
        stated = f"\n# bayes-cevns run {self.identity} {status} ".encode()
        return self.content + stated + _digest(self.content, stated) + b"\n"


def read_sealed(path: Path) -> Sealed | None:
    """Read a sealed file; ``None`` if it has no seal, or one that is not that of its content.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    whole = path.read_bytes()
    found = _SEAL.search(whole, max(0, len(whole) - _LONGEST))
    if found is None:
        return None
    content, stated = whole[: found.start()], whole[found.start() : found.start(3)]
    if _digest(content, stated) != found[3]:
        return None
    return Sealed(content, found[1].decode(), found[2] == b"complete")


def _digest(content: bytes, stated: bytes) -> bytes:
    digest = hashlib.sha256(content)
    digest.update(stated)
    return digest.hexdigest().encode()
