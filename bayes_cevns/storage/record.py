"""The record of a run, ``run.toml``: what was asked for, with which data and versions."""

from __future__ import annotations

import hashlib
import json
import platform
import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import tomlkit

from bayes_cevns import __version__
from bayes_cevns.errors import DataError, shown
from bayes_cevns.storage import atomic
from bayes_cevns.storage.resources import CHECKSUMS, data_dir, recorded_checksums
from bayes_cevns.storage.values import plain

RUN_FILE = "run.toml"

RUNNING, INTERRUPTED, COMPLETE = "running", "interrupted", "complete"

_PACKAGES = (
    *("pymc", "pytensor", "nutpie", "iminuit", "numba", "arviz", "numpy", "scipy", "xarray"),
)
_TABLES = ("request", "report", "data", "versions", "products")

#: Key of a request: the data files that it uses.
DATA_USED = "data_used"

#: Files that say of which raw releases data were made: the data themselves are compared.
_INPUTS = "/inputs.toml"

#: Entries that are not compared between two records.
_INCIDENTAL = ("written", "versions")


def identity(request: Mapping[str, Any]) -> str:
    """Return a digest of a request, of the data that it uses and of the package's version."""
    return _digest(plain(request), data_of(request), __version__)


def data_of(request: Mapping[str, Any]) -> dict[str, str]:
    """Return the digests of the data files that a request uses: those that it names, or all.

    Parameters
    ----------
    request
        What was asked for. Its `DATA_USED` is a list of files below `data/`, and of folders, which
        end in ``/``; without it all data are meant.
    """
    listed = used_checksums()
    if DATA_USED not in request:
        return listed
    named = [str(name) for name in request[DATA_USED]]
    folders = tuple(name for name in named if name.endswith("/"))
    return {
        file: digest
        for file, digest in listed.items()
        if file in named or (file.startswith(folders) and not file.endswith(_INPUTS))
    }


def used_checksums() -> dict[str, str]:
    """Return the digests of the data files, those of texts about them left out."""
    listed = recorded_checksums(data_dir())
    return {k: v for k, v in listed.items() if k != CHECKSUMS and not k.endswith("REFERENCE")}


def read_run(folder: Path) -> dict[str, Any]:
    """Read the record of a run.

    Raises
    ------
    DataError
        If there is none, it cannot be read, or it is not as it was written: what it says of the
        request, of data or version is not what its identity was made of.
    """
    try:
        record = tomllib.loads((folder / RUN_FILE).read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(
            f"{folder} holds no readable {RUN_FILE} ({error.strerror or error}): give the folder "
            "that a command has written with --out"
        ) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"{folder} holds no readable {RUN_FILE}: {error}") from None
    wrong = _wrong(record)
    if wrong:
        raise DataError(
            f"{folder / RUN_FILE} was altered or damaged ({wrong}): give the command of the run "
            "again, which writes it anew, or restore it"
        )
    return record


def difference(
    there: Mapping[str, Any],
    asked: Mapping[str, Any],
    *,
    first: str = "there",
    second: str = "asked for",
) -> str:
    """Return the first difference between two requests, in words, and where each value is."""
    for name in dict.fromkeys([*asked, *there]):
        old, new = there.get(name), asked.get(name)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            if old != new:
                return f"{name}.{difference(old, new, first=first, second=second)}"
        elif old != new:
            return f"{name}: {shown(old)} {first}, {shown(new)} {second}"
    return "of other data or of another version of the package"


def _wrong(record: Mapping[str, Any]) -> str:
    """Return what is wrong with a record, in words; empty if nothing is."""
    if not isinstance(record.get("identity"), str):
        return "it has no identity"
    if record.get("status") not in (RUNNING, INTERRUPTED, COMPLETE):
        return f"it has the status {record.get('status')!r}"
    for name in _TABLES:
        if not isinstance(record.get(name, {}), dict):
            return f"{name} is no table but {record[name]!r}"
    digest = _digest(
        record.get("request"),
        record.get("data"),
        record.get("versions", {}).get("bayes_cevns"),
    )
    if digest != record["identity"]:
        return "its request, data or version are not those of its identity"
    return ""


def _digest(request: Any, data: Any, package: Any) -> str:
    content = {"request": request, "data": data, "version": package}
    text = json.dumps(content, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def write_run(
    folder: Path,
    request: Mapping[str, Any],
    status: str,
    *,
    report: Mapping[str, Any] | None = None,
    products: Mapping[str, str] | None = None,
) -> None:
    """Write the record of a run, unless the one that is there says the same.

    Parameters
    ----------
    folder, request
        The run and what was asked for.
    status
        ``"running"``, ``"interrupted"`` or ``"complete"``.
    report
        What came out, in a few words.
    products
        Name -> SHA-256 of the files that follow from what the run keeps.
    """
    record = {
        "identity": identity(request),
        "status": status,
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "request": plain(request),
        "report": plain(report or {}),
        "products": dict(products or {}),
        "data": data_of(request),
        "versions": versions(),
    }
    try:
        same = _lasting(read_run(folder)) == _lasting(record)
    except DataError:
        same = False
    if not same:
        atomic.write_text(folder / RUN_FILE, tomlkit.dumps(record))


def versions() -> dict[str, str]:
    """Return the versions of the package, of Python and of what results depend on."""
    own = {"bayes_cevns": __version__, "python": platform.python_version()}
    return own | _installed()


@cache
def _installed() -> dict[str, str]:
    """Return the versions of other packages, which files of their metadata say."""
    return {name: version(name) for name in _PACKAGES}


def _lasting(record: Mapping[str, Any]) -> str:
    """Return what a record says as a text, in which one NaN is equal to another."""
    said = {key: value for key, value in record.items() if key not in _INCIDENTAL}
    return json.dumps(said, sort_keys=True, default=str)
