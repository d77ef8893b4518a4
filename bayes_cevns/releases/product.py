"""What a builder makes of a raw release, and what all builders have in common."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import wraps
from pathlib import Path

from bayes_cevns.errors import DataError
from bayes_cevns.releases.columns import Table, netcdf
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.wheels import Wheel
from bayes_cevns.storage.resources import data_dir

REFERENCE = "REFERENCE"


@dataclass(frozen=True)
class Product:
    """The tables of one target, not yet written.

    Attributes
    ----------
    files
        File name in the target's folder -> content.
    inputs
        Group of raw input files -> digest, as ``RawFolder.digests`` gives it.
    """

    files: Mapping[str, bytes]
    inputs: Mapping[str, str]


#: Derives a product from the folder that holds the raw releases. Writes nothing. Raises
#: ``DataError`` if an input is missing, damaged, or does not fit the others.
type Builder = Callable[[Path], Product]

#: What a builder returns: file name -> a netCDF table, or text.
type Files = Mapping[str, Table | str]


@dataclass(frozen=True)
class RawRelease:
    """Where a raw release is.

    Attributes
    ----------
    folder
        Its folder below that of all raw releases.
    origin
        Where a user gets it, for error messages.
    prefix
        Before the names of its groups of files, where two releases have the same ones.
    """

    folder: str
    origin: str
    prefix: str = ""

    def open(self, releases_dir: Path) -> RawFolder:
        """Return its folder, to be read.

        Raises
        ------
        DataError
            If it does not exist.
        """
        return RawFolder(releases_dir / self.folder, origin=self.origin)


def builder(
    *releases: RawRelease | Wheel,
    doi: str | None = None,
    licence: str | None = None,
    paper: str | None = None,
    unread: Collection[str] = (),
) -> Callable[[Callable[..., Files]], Builder]:
    """Make a builder of a function that takes raw folders and returns the content of files.

    The target is called as the module of the function. Its ``REFERENCE`` is written by hand, in
    the package's data folder: the builder copies it, and its first line is the title of the tables.

    Parameters
    ----------
    *releases
        What the function reads, one argument each.
    doi, licence, paper
        Attributes of the tables.
    unread
        Tables into which no raw file goes, beside others.
    """
    given = {"doi": doi, "licence": licence, "paper": paper}

    def decorate(function: Callable[..., Files]) -> Builder:
        target = function.__module__.rpartition(".")[2]

        @wraps(function)
        def build(releases_dir: Path) -> Product:
            raw = [each.open(releases_dir) for each in releases]
            contents = function(*raw)
            inputs = {
                f"{release.prefix}{group}": digest
                for release, folder in zip(releases, raw, strict=True)
                for group, digest in folder.digests().items()
            }
            text = reference(target)
            title = text.partition("\n")[0]
            attributes = {"title": title, **{key: note for key, note in given.items() if note}}
            files = {REFERENCE: text.encode()}
            for name, content in contents.items():
                if isinstance(content, str):
                    files[name] = content.encode()
                else:
                    read = {} if name in unread else inputs
                    files[name] = netcdf(content, attributes, read if releases else None)
            return Product(files=files, inputs=inputs)

        return build

    return decorate


def reference(target: str) -> str:
    """Return what stands beside the tables of a target: source, licence, derivation, checks.

    Raises
    ------
    DataError
        If it has not been written.
    """
    path = data_dir() / target / REFERENCE
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise DataError(
            f"expected {path}, found none: write it first, or restore it; its first line is the "
            "title of the tables, then come source, licence, what was derived and how, and numbers "
            "to check"
        ) from None
