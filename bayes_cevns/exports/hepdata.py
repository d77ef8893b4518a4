"""The tables of a run as a submission to HEPData, checked before anything is written."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from bayes_cevns import __version__
from bayes_cevns.arguments import named
from bayes_cevns.errors import ArgumentError, DataError
from bayes_cevns.exports.columns import OF_COUPLING, column_of, unit_of
from bayes_cevns.exports.extras import needed, quiet
from bayes_cevns.exports.hepdata_layout import Dependent, Part, parts_of
from bayes_cevns.reports.account import Account
from bayes_cevns.reports.answers.catalogue import answer_of
from bayes_cevns.reports.data_sources import data_sources

#: Digits of all numbers, as in the tables of a run. hepdata_lib has five by default, for which
#: masses that are close to each other become the same.
_DIGITS = 10

#: What stands for a value that is not known: HEPData has no other word for it.
_UNKNOWN = "-"

#: Columns that qualify all numbers of a table, where they say the same in all rows.
_QUALIFIERS = (
    *("experiment", "interaction", "coupling", "data", "kind", "level", "side", "prior"),
    *("prior_text", "toys", "toys_failed", "toy_nuisances", "phase_convention", "method"),
)

#: Tables with several rows at one place: pieces of one region.
_SEVERAL = ("intervals.csv",)

LICENCES = {
    "CC0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/",
}


def hepdata_files(account: Account, licence: str = "CC0") -> dict[str, bytes]:
    """Return the files of a submission, name -> content: ``submission.yaml`` and the tables.

    Parameters
    ----------
    account
        The run.
    licence
        Name of the licence of the numbers, one of `LICENCES`; that of HEPData by default. What
        the data are under is named beside each of them.

    Raises
    ------
    UnknownNameError
        If there is no such licence.
    ArgumentError
        If hepdata_lib is not installed, or the run has no number that may be published: all of its
        fits failed.
    DataError
        If the submission is not as HEPData takes it, which is a fault of this package.
    """
    named(licence, "licence", LICENCES)
    library = needed("hepdata_lib", "--hepdata")
    found = [part for name, rows in account.rows.items() for part in parts_of(name, rows)]
    if not found:
        raise ArgumentError(
            f"{account.folder}: there is nothing for HEPData, the study {account.study.kind} has "
            "no number whose fit passed its gate"
        )
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "submission.yaml").write_text(_head(account, licence), encoding="utf-8")
        for part in found:
            _table(library, account, part).write_output(str(folder))
        check(folder, found)
        return {f"hepdata/{f.name}": f.read_bytes() for f in sorted(folder.iterdir())}


def _head(account: Account, licence: str) -> str:
    """Return the first document of the submission: comment, licence, where the data are."""
    answer = answer_of(account)
    comment = " ".join([answer.question, *answer.sentences, *answer.cautions])
    links = [
        {
            "description": f"{one.title}; licence: {one.licence}; {one.paper}",
            "location": f"https://doi.org/{one.doi}",
        }
        for one in data_sources(account.experiments)
        if one.doi
    ]
    document = {
        "comment": f"{comment} Written by bayes_cevns {__version__}; identity of the run: "
        f"{account.record['identity']}.",
        "data_license": {"name": licence, "url": LICENCES[licence]},
        **({"additional_resources": links} if links else {}),
    }
    return yaml.safe_dump(document, sort_keys=True, allow_unicode=True, explicit_start=True)


def _table(library: Any, account: Account, part: Part) -> Any:
    """Return a part as a table of hepdata_lib."""
    table = library.Table(part.name)
    left = f" {part.left_out} rows of fits that failed their gate are left out."
    table.description = f"{part.layout.words}.{left if part.left_out else ''}"
    table.location = f"{part.source} of the run"
    table.keywords["observables"] = ["CLS" if account.study.kind == "profile" else "LIMIT"]
    table.keywords["phrases"] = ["CEvNS", "Neutrino Interaction", account.study.kind]
    for column in part.along:
        table.add_variable(_variable(library, part, column, independent=True))
    for value in part.values:
        table.add_variable(_dependent(library, part, value))
    return table


def _variable(library: Any, part: Part, column: str, *, independent: bool) -> Any:
    unit = unit_of(column, part.source, part.rows)
    if column_of(column, part.source).unit == OF_COUPLING and unit == "1":
        unit = ""
    variable = library.Variable(
        _title(part, column),
        is_independent=independent,
        is_binned=False,
        units="" if unit in ("1", "see unit") else unit,
        zero_uncertainties_warning=False,
    )
    variable.digits = _DIGITS
    variable.values = [_plain(row[column]) for row in part.rows]
    return variable


def _title(part: Part, column: str) -> str:
    """Return the name of a variable: with the symbol of the coupling where it is one."""
    symbols = {str(row["coupling"]) for row in part.rows if row.get("coupling")}
    if column_of(column, part.source).unit == OF_COUPLING and len(symbols) == 1:
        return f"{column} on {symbols.pop()}" if column == "limit" else f"{column}, {symbols.pop()}"
    return column


def _dependent(library: Any, part: Part, value: Dependent) -> Any:
    variable = _variable(library, part, value.column, independent=False)
    for name in _QUALIFIERS:
        said = {row.get(name) for row in part.rows}
        if len(said) == 1 and name not in part.along and (word := said.pop()) not in (None, ""):
            variable.add_qualifier(name, _plain(word))
    if value.error and any(row.get(value.error) is not None for row in part.rows):
        error = library.Uncertainty(value.label, is_symmetric=True)
        error.values = [_error(row[value.error]) for row in part.rows]
        variable.add_uncertainty(error)
    for label, low, high in value.bands:
        if all(_has(row, value.column, low, high) for row in part.rows):
            band = library.Uncertainty(label, is_symmetric=False)
            band.values = [
                (row[low] - row[value.column], row[high] - row[value.column]) for row in part.rows
            ]
            variable.add_uncertainty(band)
    return variable


def _has(row: dict[str, Any], *columns: str) -> bool:
    return all(row[column] is not None for column in columns)


def _plain(value: Any) -> Any:
    """Return a value of a kind that YAML has without a tag; a dash for what is not known."""
    if value is None:
        return _UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    return float(value) if isinstance(value, float) else str(value)


def _error(value: float | None) -> float:
    """Return a standard error, zero where none is known."""
    return 0.0 if value is None else float(value)


def check(folder: Path, parts: Sequence[Part]) -> None:
    """Check a submission: with hepdata-validator, and for what it does not see.

    It passes errors that are negative, and values that were rounded to the same number.

    Raises
    ------
    DataError
        If anything is wrong.
    """
    validator = needed("hepdata_validator.full_submission_validator", "--hepdata")
    with quiet():
        full = validator.FullSubmissionValidator()
        valid = full.validate(directory=str(folder))
    if not valid:
        said = "; ".join(str(one) for each in full.get_messages().values() for one in each)
        raise DataError(f"the submission to HEPData is not valid: {said}: report this as a fault")
    documents = list(yaml.safe_load_all((folder / "submission.yaml").read_text(encoding="utf-8")))
    tables = {document["name"]: document for document in documents[1:]}
    if len(tables) != len(parts):
        raise DataError(f"HEPData has {len(tables)} tables of {len(parts)}: report this as a fault")
    for part in parts:
        content = yaml.safe_load((folder / tables[part.name]["data_file"]).read_text())
        wrong = _wrong(content, part)
        if wrong:
            raise DataError(f"HEPData, {part.name}: {wrong}: report this as a fault")


def _wrong(content: dict[str, Any], part: Part) -> str:
    """Return what is wrong with a table that was written; nothing if nothing is."""
    independent, dependent = content["independent_variables"], content["dependent_variables"]
    for variable in (*independent, *dependent):
        if len(variable["values"]) != len(part.rows):
            return f"{variable['header']['name']} has {len(variable['values'])} values"
    places = [
        tuple(v["values"][i].get("value") for v in independent) for i in range(len(part.rows))
    ]
    several = part.source in _SEVERAL
    if not several and len(set(places)) < len(places):
        return "two rows are at the same place"
    for value, variable in zip(part.values, dependent, strict=True):
        for row, written in zip(part.rows, variable["values"], strict=True):
            if not _same(row.get(value.column), written["value"]):
                return f"{value.column} is {written['value']}, not {row.get(value.column)}"
            for error in written.get("errors", ()):
                if not _is_error(error):
                    return f"the error {error} of {value.column} is none"
    return ""


def _same(value: object, written: object) -> bool:
    if isinstance(value, float) and isinstance(written, int | float):
        return math.isclose(value, written, rel_tol=1e-9)
    return bool(written == _plain(value))


def _is_error(error: dict[str, Any]) -> bool:
    """Return whether an error is not negative; or its minus not positive, its plus not negative."""
    if "symerror" in error:
        return bool(math.isfinite(error["symerror"]) and error["symerror"] >= 0.0)
    pair = error["asymerror"]
    ends = pair["minus"], pair["plus"]
    return all(map(math.isfinite, ends)) and ends[0] <= 0.0 <= ends[1]
