"""The data folder: written atomically, listed with checksums, verified."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from bayes_cevns.errors import DataError, OutputError
from bayes_cevns.storage.resources import CHECKSUMS, recorded_checksums, sha256


def write(files: Mapping[str, bytes], *, targets: Collection[str], out_dir: Path) -> list[Path]:
    """Write the files of rebuilt targets and the new checksum list, or nothing.

    Every file is first written in full beside its destination; only then are all of them
    renamed, the checksum list last, so that an interruption cannot go unnoticed.

    Parameters
    ----------
    files
        POSIX path below the data folder -> content.
    targets
        The targets (first parts of the paths) to which the files belong: their old entries in
        the checksum list are dropped, all others are kept.
    out_dir
        The data folder; made if it does not exist.

    Returns
    -------
    list of Path
        The files written, the checksum list last.

    Raises
    ------
    OutputError
        If the folder cannot be written.
    """
    content = {**files, CHECKSUMS: _checksum_list(files, targets=targets, out_dir=out_dir)}
    with output_errors(out_dir):
        staged: dict[Path, Path] = {}
        try:
            for relative, data in content.items():
                path = out_dir / relative
                path.parent.mkdir(parents=True, exist_ok=True)
                staged[path] = path.with_name(f".{path.name}.{os.getpid()}.tmp")
                _write_synced(staged[path], data)
            for path, temporary in staged.items():
                temporary.replace(path)
        finally:
            for temporary in staged.values():
                with suppress(OSError):
                    temporary.unlink(missing_ok=True)
    return list(staged)


def verify(data_dir: Path) -> dict[str, str]:
    """Compare every file of a data folder with the checksum list.

    Returns
    -------
    dict
        POSIX path below the folder -> ``"ok"``, or what is wrong with the file. The checksum
        list itself is exempt.

    Raises
    ------
    DataError
        If it is no folder, or the checksum list is missing or is not valid TOML.

    Examples
    --------
    >>> from bayes_cevns.storage.resources import data_dir
    >>> set(verify(data_dir()).values())
    {'ok'}
    """
    if not data_dir.is_dir():
        raise DataError(f"expected a data folder with a {CHECKSUMS}, got {data_dir}, which is none")
    recorded = recorded_checksums(data_dir)
    present = {p.relative_to(data_dir).as_posix() for p in data_dir.rglob("*") if p.is_file()}
    paths = (recorded.keys() | present) - {CHECKSUMS}
    return {path: _verdict(data_dir / path, recorded.get(path)) for path in sorted(paths)}


def _verdict(path: Path, expected: str | None) -> str:
    if expected is None:
        return f"not listed: {path} has no entry in {CHECKSUMS}; delete it or rebuild the tables"
    if not path.is_file():
        return f"missing: expected {path}; rebuild it with 'bayes-cevns data build'"
    found = sha256(path)
    if found != expected:
        return (
            f"altered: expected SHA-256 {expected[:12]}..., found {found[:12]}... at {path}; "
            "restore it or rebuild it with 'bayes-cevns data build'"
        )
    return "ok"


def _checksum_list(files: Mapping[str, bytes], *, targets: Collection[str], out_dir: Path) -> bytes:
    old = recorded_checksums(out_dir) if (out_dir / CHECKSUMS).exists() else {}
    kept = {path: digest for path, digest in old.items() if path.split("/")[0] not in targets}
    new = {path: hashlib.sha256(data).hexdigest() for path, data in files.items()}
    merged = kept | new
    head = "# SHA-256 of every data file. Written by 'bayes-cevns data build'.\n"
    return (head + "".join(f'"{path}" = "{merged[path]}"\n' for path in sorted(merged))).encode()


def _write_synced(path: Path, data: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


@contextmanager
def output_errors(folder: Path) -> Iterator[None]:
    """Turn an ``OSError`` of the block into an ``OutputError`` that names the file or folder."""
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"cannot write {error.filename or folder} ({error.strerror or error}): "
            "expected a writable folder with enough space; choose another one"
        ) from error
