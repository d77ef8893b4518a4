"""What the numbers of a process depend on besides the request: versions, code, data, processor."""

from __future__ import annotations

import hashlib
import json
import platform
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Self

from bayes_cevns.storage.record import used_checksums, versions

#: What is compared of `bayes_cevns.storage.record.versions`; Python itself computes no number.
_NOT_COMPARED = ("python",)
_DIGITS = 12


@dataclass(frozen=True)
class Environment:
    """What the numbers of a process depend on.

    Attributes
    ----------
    versions
        Name of a package -> its version.
    source
        Digest of the Python files of this package: a copy that was edited has the same version.
    data
        Digest of the checksums of the tables.
    processor
        Name of the processor. Another one may differ in the last digit.
    """

    versions: dict[str, str]
    source: str
    data: str
    processor: str

    @classmethod
    def here(cls) -> Self:
        """Return that of this process."""
        return cls(*_here())

    def difference(self, other: Environment, *, one: str = "here", two: str = "there") -> str:
        """Return how another environment differs, with both values; empty if it does not.

        The processor is not compared.
        """
        found = [
            f"{name} {self.versions.get(name, 'missing')} {one}, "
            f"{other.versions.get(name, 'missing')} {two}"
            for name in dict.fromkeys([*self.versions, *other.versions])
            if self.versions.get(name) != other.versions.get(name)
        ]
        if not found and self.source != other.source:
            own = self.versions.get("bayes_cevns")
            found.append(
                f"bayes_cevns {own} with the code {self.source} {one}, {other.source} {two}"
            )
        if self.data != other.data:
            found.append(f"the tables {self.data} {one}, {other.data} {two}")
        return "; ".join(found)


@cache
def _here() -> tuple[dict[str, str], str, str, str]:
    compared = {name: one for name, one in versions().items() if name not in _NOT_COMPARED}
    return compared, _source(), _data(), _processor()


def _processor() -> str:
    from llvmlite.binding import get_host_cpu_name

    return f"{platform.machine()} {get_host_cpu_name()}"


def _source() -> str:
    root = Path(str(files("bayes_cevns")))
    digest = hashlib.sha256()
    for file in sorted(root.rglob("*.py")):
        digest.update(file.relative_to(root).as_posix().encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:_DIGITS]


def _data() -> str:
    text = json.dumps(used_checksums(), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]
