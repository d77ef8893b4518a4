"""Unpack a downloaded zip archive without trusting the names in it."""

from __future__ import annotations

import shutil
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from bayes_cevns.errors import DataError, shown

#: The largest release known here has 6923 files, at most 4 folders deep; more is not a release.
_MOST_FILES, _DEEPEST = 100_000, 20

#: Bit of a member's flags that says that it is encrypted (PKWARE's APPNOTE, 4.4.4).
_ENCRYPTED = 0x1

#: What `zipfile` raises for an archive that it cannot read.
_UNREADABLE = (
    zipfile.BadZipFile,  # no archive, or a wrong checksum
    zlib.error,  # a damaged member
    EOFError,  # a member that ends early
    NotImplementedError,  # a compression method that `zipfile` cannot undo
)


def unpack(archive: Path, *, destination: Path, source: str, most_bytes: int) -> None:
    """Unpack a zip archive into a folder, without its one top folder if it has one.

    Parameters
    ----------
    archive
        The zip file.
    destination
        The folder to fill; made if it does not exist.
    source
        Where the archive came from, for error messages.
    most_bytes
        What all files together may have.

    Raises
    ------
    DataError
        If it is not a zip archive, is damaged or too large, or has a member that would be
        written outside the folder.
    """
    try:
        with zipfile.ZipFile(archive) as content:
            members = [member for member in content.infolist() if not member.is_dir()]
            if any(member.flag_bits & _ENCRYPTED for member in members):
                raise DataError(
                    f"{source}: expected an open zip archive, found one with a password: no "
                    "public release has one, check the address"
                )
            paths = [_safe_path(member, source) for member in members]
            # What a member says of its size is what `zipfile` reads of it at most.
            size = sum(member.file_size for member in members)
            if not 0 < len(members) <= _MOST_FILES or size > most_bytes:
                raise DataError(
                    f"{source}: expected 1 to {most_bytes} bytes of files in the archive, and "
                    f"{_MOST_FILES} files at most, found {size} in {len(members)}: check the "
                    "address"
                )
            tops = {path.parts[0] for path in paths if len(path.parts) > 1}
            strip = 1 if len(tops) == 1 and all(len(path.parts) > 1 for path in paths) else 0
            for member, path in zip(members, paths, strict=True):
                target = destination.joinpath(*path.parts[strip:])
                target.parent.mkdir(parents=True, exist_ok=True)
                with content.open(member) as packed, target.open("wb") as unpacked:
                    shutil.copyfileobj(packed, unpacked)
    except _UNREADABLE as error:
        raise DataError(
            f"{source}: expected a zip archive, found a damaged or other file ({error}): "
            "download it again"
        ) from error


def _safe_path(member: zipfile.ZipInfo, source: str) -> PurePosixPath:
    """Return the path of a member, or raise if it could lead out of a folder."""
    path = PurePosixPath(member.filename)
    link = stat.S_ISLNK(member.external_attr >> 16)
    strange = not path.parts or any(c in member.filename for c in ":\\")
    deep = len(path.parts) > _DEEPEST
    if link or strange or deep or path.is_absolute() or ".." in path.parts:
        raise DataError(
            f"{source}: expected plain files, {_DEEPEST} folders deep at most, below one folder, "
            f"found {shown(member.filename)}: do not use this archive"
        )
    return path
