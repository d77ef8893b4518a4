"""Raw input files, with a digest of everything that was read, and checks that name the file."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from bayes_cevns.errors import DataError

INPUTS = "inputs.toml"


class RawFolder:
    """A raw release on disk that remembers the digest of each file read from it.

    Parameters
    ----------
    root
        Folder of the release.
    origin
        Where a user gets the release, for error messages.

    Raises
    ------
    DataError
        If the folder does not exist.
    """

    def __init__(self, root: Path, *, origin: str) -> None:
        self.root = root
        self.origin = origin
        self._lines: dict[str, list[str]] = {}
        if not root.is_dir():
            raise DataError(f"expected the raw release at {root}, found no folder: get it {origin}")

    def read(self, relative: str, *, group: str) -> bytes:
        """Return the content of a file and enter its digest into a group.

        Raises
        ------
        DataError
            If the file is missing or cannot be read.
        """
        content = self.content(relative)
        digest = hashlib.sha256(content).hexdigest()
        self._lines.setdefault(group, []).append(f"{digest}  {relative}\n")
        return content

    def content(self, relative: str) -> bytes:
        """Return the content of a file; its digest is not entered.

        Raises
        ------
        DataError
            If the file is missing or cannot be read.
        """
        try:
            return (self.root / relative).read_bytes()
        except FileNotFoundError:
            raise self.error(relative, "expected a file, found none") from None
        except OSError as error:
            raise self.error(relative, f"cannot be read ({error.strerror})") from error

    def read_text(self, relative: str, *, group: str) -> str:
        """Return the content of a UTF-8 text file; otherwise as ``read``."""
        content = self.read(relative, group=group)
        try:
            return content.decode()
        except UnicodeDecodeError:
            raise self.error(relative, "expected text, found other bytes") from None

    def error(self, relative: str, problem: str) -> DataError:
        """Return an error about one file of the release that also says what to do."""
        return DataError(f"{self.root / relative}: {problem}; get the release again {self.origin}")

    def expect(self, relative: str, good: bool | np.bool, what: str) -> None:
        """Raise an error about one file if it is not good: what was expected of it."""
        if not good:
            raise self.error(relative, f"expected {what}")

    @contextmanager
    def parsing(self, relative: str, what: str, *others: type[Exception]) -> Iterator[None]:
        """Turn what a block raises about content, and `others`, into an error about the file."""
        content = (AttributeError, IndexError, KeyError, TypeError, ValueError)
        try:
            yield
        except content + others as error:
            reason = " ".join(f"{type(error).__name__}: {error}".split())
            raise self.error(relative, f"expected {what} ({reason})") from None

    def digests(self) -> dict[str, str]:
        """Return, per group, the SHA-256 of its lines as ``sha256sum`` prints them.

        The lines, ``<digest>  <path below the release>``, are sorted by digest. A file that was
        read twice has two of them.
        """
        return {
            group: hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()
            for group, lines in sorted(self._lines.items())
        }


def inputs_toml(inputs: Mapping[str, str]) -> bytes:
    """Return the digests of the raw inputs as a TOML file."""
    head = "# Raw inputs: SHA-256 of the sorted lines of sha256sum, per group of files.\n"
    lines = [f"{json.dumps(group)} = {json.dumps(inputs[group])}\n" for group in sorted(inputs)]
    return (head + "".join(lines)).encode()


def check_unchanged(recorded: Path, inputs: Mapping[str, str], *, remedy: str) -> None:
    """Compare digests of raw inputs with those recorded beside an earlier table.

    Parameters
    ----------
    recorded
        An ``inputs.toml``; without this file there is nothing to compare with.
    inputs
        Group of raw input files -> digest, as found now.
    remedy
        What to do about a difference, for the error message.

    Raises
    ------
    DataError
        If a group differs, or if the file is not valid TOML.
    """
    if not recorded.is_file():
        return
    try:
        expected = tomllib.loads(recorded.read_text())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError(f"{recorded} is not valid TOML ({error}): restore or delete it") from None
    groups = sorted(expected.keys() | inputs.keys())
    changed = [group for group in groups if expected.get(group) != inputs.get(group)]
    if changed:
        raise DataError(
            f"raw inputs {', '.join(changed)} are not those recorded in {recorded}: {remedy}"
        )
