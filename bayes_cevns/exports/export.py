"""A run as files for others, whole or not at all: `bayes-cevns export FOLDER --csv`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from bayes_cevns.arguments import named, names, out_folder, path_of
from bayes_cevns.errors import ArgumentError, OutputError
from bayes_cevns.exports.csv_files import csv_files
from bayes_cevns.exports.hepdata import LICENCES, hepdata_files
from bayes_cevns.exports.json_file import json_files
from bayes_cevns.exports.latex import latex_files
from bayes_cevns.exports.pyhf_workspace import pyhf_files
from bayes_cevns.reports.account import Account, read_account
from bayes_cevns.storage import atomic

#: Name of the folder of exports in that of a run.
EXPORT_FOLDER = "export"

#: Format -> what it writes, name of a file below the folder -> content.
FORMATS: dict[str, Callable[[Account], dict[str, bytes]]] = {
    "hepdata": hepdata_files,
    "latex": latex_files,
    "csv": csv_files,
    "json": json_files,
    "pyhf": pyhf_files,
}


def export(
    folder: Path | str,
    formats: Iterable[str] | str,
    *,
    out: Path | str | None = None,
    licence: str = "CC0",
) -> list[Path]:
    """Write a run as files for others.

    Parameters
    ----------
    folder
        The folder of a run.
    formats
        One or some of ``"hepdata"`` (a submission, checked with hepdata-validator), ``"latex"`` (a
        table and a macro for each number), ``"csv"`` (the tables with units in their headers),
        ``"json"`` (everything, by the schema ``exports/export.schema.json``) and ``"pyhf"`` (a
        workspace with the same likelihood at a fixed mass).
    out
        Where to: ``export`` in the folder by default.
    licence
        Of the numbers in HEPData: ``"CC0"`` or ``"CC-BY-4.0"``.

    Returns
    -------
    list of Path
        The files. All of them are made before the first one is written.

    Raises
    ------
    ArgumentError, UnknownNameError
        If there is no such format, the run has nothing for it, or a package that it needs is not
        installed.
    DataError
        If there is no run, its files were altered, or its data, its cards or the package have
        changed since.
    OutputError
        If the files cannot be written.

    Examples
    --------
    >>> import bayes_cevns as bc
    >>> found = bc.scan(
    ...     "conus_plus", interaction="b-l", masses_mev=[10.0], seed=1, out="b-l"
    ... )
    >>> [file.name for file in bc.export("b-l", ["csv", "json"], out="exported")]
    ['limits.csv', 'bands.csv', 'run.json']
    """
    path = path_of(folder, what="the folder of a run")
    wanted = names(formats, what=f"a list of formats ({', '.join(FORMATS)})")
    if not wanted:
        raise ArgumentError(f"name what is to be written: {', '.join(FORMATS)}")
    for name in wanted:
        named(name, "format", FORMATS)
    named(licence, "licence", LICENCES)
    place = out_folder(out) or path / EXPORT_FOLDER
    account = read_account(path)
    files: dict[str, bytes] = {}
    for name in wanted:
        files |= hepdata_files(account, licence) if name == "hepdata" else FORMATS[name](account)
    return _written(place, files)


def _written(place: Path, files: dict[str, bytes]) -> list[Path]:
    """Write files below a folder, each whole or not at all."""
    found = []
    try:
        for name, content in files.items():
            file = place / name
            file.parent.mkdir(parents=True, exist_ok=True)
            atomic.write_bytes(file, content)
            found.append(file)
    except OSError as error:
        raise OutputError(f"cannot write to {place}: {error.strerror or error}") from None
    return found
