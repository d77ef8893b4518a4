"""Files for others have the numbers of the run, with units, errors and qualifiers."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from shutil import copytree
from typing import Any

import jsonschema
import numpy as np
import pytest
import yaml
from examples import EXAMPLES

import bayes_cevns as bc
from bayes_cevns.cli import main
from bayes_cevns.errors import ArgumentError, DataError, OutputError, UnknownNameError
from bayes_cevns.exports import extras, hepdata
from bayes_cevns.exports.columns import column_of, unit_of
from bayes_cevns.exports.csv_files import csv_files
from bayes_cevns.exports.export import FORMATS, export
from bayes_cevns.exports.hepdata import hepdata_files
from bayes_cevns.exports.hepdata_layout import LAYOUTS, parts_of
from bayes_cevns.exports.json_file import content, json_files
from bayes_cevns.exports.latex import latex_files
from bayes_cevns.reports.account import read_account

type Runs = Callable[[str], Path]

SCHEMA = json.loads(Path(hepdata.__file__).with_name("export.schema.json").read_text())
#: Those that quote no number.
WORDLESS = ("calibrate", "calibrate-couplings", "coverage", "coverage-couplings")


@pytest.mark.parametrize("kind", [*EXAMPLES, "standard-model", "joint", "failed", "projected"])
def test_every_table_as_csv_and_json(kind: str, run_of: Runs) -> None:
    account = read_account(run_of(kind))
    files = csv_files(account)
    for name, rows in account.rows.items():
        head, *lines = csv.reader(files[f"csv/{name}"].decode().splitlines())
        assert [column.partition(" [")[0] for column in head] == list(rows[0])
        assert len(lines) == len(rows)
        first = dict(zip(rows[0], lines[0], strict=True))
        for column, value in rows[0].items():
            if isinstance(value, float):
                assert float(first[column]) == pytest.approx(value, rel=1e-9)
    found = json.loads(json_files(account)["run.json"])
    jsonschema.validate(found, SCHEMA)
    assert found == json.loads(json.dumps(content(account)))
    assert found["provenance"]["identity"] == account.record["identity"]
    assert set(found["tables"]) == set(account.rows)


def test_the_schema_refuses_what_is_not_so(run_of: Runs) -> None:
    found = json.loads(json_files(read_account(run_of("scan")))["run.json"])
    for change in ({"quoted": [{"type": "QuotedLimit"}]}, {"schema": "another/1"}, {"extra": 1}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**found, **change}, SCHEMA)


def test_units_stand_in_headers(run_of: Runs) -> None:
    text = csv_files(read_account(run_of("scan")))["csv/limits.csv"].decode()
    head = text.splitlines()[0]
    assert "mass_mev [MeV]" in head
    assert "limit [1]" in head
    assert ",side," in head
    rows = [{"coupling": "mu_nu", "unit": "mu_B", "limit": 1e-11}]
    assert unit_of("limit", "limits.csv", rows) == "mu_B"
    other = [*rows, {"coupling": "r2_nu_e", "unit": "1e-32 cm^2", "limit": 1.0}]
    assert unit_of("limit", "limits.csv", other) == "see unit"
    assert unit_of("observed", "checks.csv", rows) == "1"
    with pytest.raises(DataError, match="the unit is not known"):
        column_of("nonsense", "limits.csv")


@pytest.mark.parametrize("kind", [*EXAMPLES, "standard-model", "joint", "projected"])
def test_hepdata_of_every_study(kind: str, run_of: Runs) -> None:
    account = read_account(run_of(kind))
    files = hepdata_files(account)
    head, *tables = yaml.safe_load_all(files["hepdata/submission.yaml"])
    assert head["data_license"]["name"] == "CC0"
    assert account.record["identity"] in head["comment"]
    parts = [part for name, rows in account.rows.items() for part in parts_of(name, rows)]
    assert [table["name"] for table in tables] == [part.name for part in parts]
    assert {f"hepdata/{t['data_file']}" for t in tables} | {"hepdata/submission.yaml"} == set(files)
    for table, part in zip(tables, parts, strict=True):
        found = yaml.safe_load(files[f"hepdata/{table['data_file']}"])
        for variable in found["dependent_variables"]:
            assert len(variable["values"]) == len(part.rows)
            names = {each["name"] for each in variable["qualifiers"]}
            assert {"data", "kind"} <= names | set(part.along)


def test_hepdata_has_errors_doi_and_licences(run_of: Runs) -> None:
    account = read_account(run_of("scan"))
    files = hepdata_files(account, "CC-BY-4.0")
    head, *_ = yaml.safe_load_all(files["hepdata/submission.yaml"])
    assert head["data_license"]["url"] == "https://creativecommons.org/licenses/by/4.0/"
    (link,) = head["additional_resources"]
    assert link["location"] == "https://doi.org/10.5281/zenodo.14522706"
    assert "licence" in link["description"]
    found = yaml.safe_load(files["hepdata/limits_side_upper.yaml"])
    (mass,), (limit,) = found["independent_variables"], found["dependent_variables"]
    assert mass["header"] == {"name": "mass_mev", "units": "MeV"}
    rows = account.rows["limits.csv"]
    assert [value["value"] for value in limit["values"]] == [row["limit"] for row in rows]
    errors = [value["errors"] for value in limit["values"]]
    assert errors == [[{"label": "Monte-Carlo", "symerror": row["mc_error"]}] for row in rows]
    with pytest.raises(UnknownNameError, match="unknown licence 'mine'"):
        hepdata_files(account, "mine")


def test_bands_of_toys_are_errors_about_the_median() -> None:
    row = {
        **dict.fromkeys(["observed", "observed_error", "asimov", "asimov_error"]),
        "mass_mev": 1.0,
        "side": "upper",
        "coupling": "g_BL",
        "unit": "1",
        "median": 3.0,
        "median_error": 0.1,
        "minus_1_sigma": 2.5,
        "plus_1_sigma": 4.0,
        "minus_2_sigma": 2.0,
        "plus_2_sigma": 5.0,
    }
    (part,) = parts_of("sensitivity.csv", [row])
    hepdata_lib = extras.needed("hepdata_lib", "a test")
    variable = hepdata._dependent(hepdata_lib, part, part.layout.values[2]).make_dict()
    assert variable["values"][0]["errors"] == [
        {"label": "number of toys", "symerror": 0.1},
        {"label": "1 sigma of toys", "asymerror": {"minus": -0.5, "plus": 1.0}},
        {"label": "2 sigma of toys", "asymerror": {"minus": -1.0, "plus": 2.0}},
    ]


def test_masses_that_are_close_stay_apart() -> None:
    rows = [
        {
            "mass_mev": 1000.0 + 0.01 * n,
            "limit": 1e-5 + 1e-12 * n,
            "mc_error": 1e-7,
            "side": "upper",
        }
        for n in range(30)
    ]
    (part,) = parts_of("limits.csv", [{**r, "coupling": "g", "unit": "1"} for r in rows])
    hepdata_lib = extras.needed("hepdata_lib", "a test")

    def different(variable: Any) -> int:
        return len({value["value"] for value in variable.make_dict()["values"]})

    theirs = hepdata_lib.Variable("mass", is_independent=True, is_binned=False)
    theirs.values = [row["mass_mev"] for row in rows]
    assert different(theirs) < 30, "five digits, as hepdata_lib writes everything"
    ours = hepdata._variable(hepdata_lib, part, "mass_mev", independent=True)
    assert different(ours) == 30


def test_numbers_of_numpy_are_written_as_numbers(run_of: Runs) -> None:
    """A qualifier of hepdata_lib that is a number of NumPy makes a file that no reader takes."""
    account = read_account(run_of("scan"))
    rows = account.rows["limits.csv"]
    of_numpy = [
        {k: np.float64(v) if isinstance(v, float) else v for k, v in r.items()} for r in rows
    ]
    assert any(isinstance(value, np.float64) for value in of_numpy[0].values())
    hepdata_lib = extras.needed("hepdata_lib", "a test")

    def kinds(value: Any) -> set[type]:
        if isinstance(value, dict):
            value = list(value.values())
        return set().union(*map(kinds, value)) if isinstance(value, list) else {type(value)}

    part = next(iter(parts_of("limits.csv", of_numpy)))
    found = hepdata._dependent(hepdata_lib, part, part.layout.values[0]).make_dict()
    assert kinds(found) == {str, float}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda v: v["values"][0]["errors"][0].update(symerror=-1e-7), "the error"),
        (lambda v: v["values"][0].update(value=2e-6), "limit is 2e-06, not"),
        (lambda v: v["values"].pop(), "has 1 values"),
    ],
)
def test_what_the_validator_does_not_see(
    change: Callable[[dict[str, Any]], object], said: str, run_of: Runs, tmp_path: Path
) -> None:
    account = read_account(run_of("scan"))
    for name, text in hepdata_files(account).items():
        (tmp_path / Path(name).name).write_bytes(text)
    parts = [part for name, rows in account.rows.items() for part in parts_of(name, rows)]
    hepdata.check(tmp_path, parts)
    file = tmp_path / "limits_side_upper.yaml"
    found = yaml.safe_load(file.read_text())
    change(found["dependent_variables"][0])
    file.write_text(yaml.safe_dump(found))
    with pytest.raises(DataError, match=said if "has 1" not in said else "not valid|has 1 values"):
        hepdata.check(tmp_path, parts)


def test_numbers_of_failed_fits_are_left_out(run_of: Runs) -> None:
    account = read_account(run_of("failed"))
    with pytest.raises(ArgumentError, match="no number whose fit passed its gate"):
        hepdata_files(account)
    with pytest.raises(ArgumentError, match="no number to quote"):
        latex_files(account)
    rows = [dict(account.rows["limits.csv"][0]), dict(account.rows["limits.csv"][0], passed=True)]
    (part,) = parts_of("limits.csv", rows)
    assert (len(part.rows), part.left_out) == (1, 1)
    assert all(row["passed"] is False for row in account.rows["limits.csv"])


@pytest.mark.parametrize("kind", [k for k in EXAMPLES if k not in WORDLESS] + ["standard-model"])
def test_latex_of_every_study(kind: str, run_of: Runs) -> None:
    files = {name: text.decode() for name, text in latex_files(read_account(run_of(kind))).items()}
    numbers, table = files["latex/numbers.tex"], files["latex/table.tex"]
    macros = re.findall(r"\\newcommand\{\\([^}]*)\}", numbers)
    assert macros
    assert len(set(macros)) == len(macros)
    assert all(name.isalpha() and name.isascii() for name in macros)
    for text in files.values():
        assert text.count("{") == text.count("}")
        assert text.count("$") % 2 == 0
    rows = re.findall(r"(?m)^(.*) \\\\$", table)
    columns = len(re.search(r"tabular\}\{(l+)\}", table)[1])  # type: ignore[index]
    assert all(len(re.findall(r"(?<!\\)&", row)) == columns - 1 for row in rows)
    for key in re.findall(r"\\cite\{([^}]*)\}", table):
        assert bc.bibtex(key.split(","))


def test_a_macro_is_the_number_of_the_table(run_of: Runs) -> None:
    account = read_account(run_of("joint"))
    numbers = latex_files(account)["latex/numbers.tex"].decode()
    found = re.search(r"\\LimitBLOneZeroMeVUpper\}\{\\ensuremath\{(.*)\}\}", numbers)
    assert found
    mantissa, power = re.fullmatch(r"(.*) \\times 10\^\{(.*)\}", found[1]).groups()  # type: ignore[union-attr]
    assert float(f"{mantissa}e{power}") == pytest.approx(
        account.rows["limits.csv"][0]["limit"], rel=5e-3
    )


def test_every_table_has_a_layout(run_of: Runs) -> None:
    known = {name for kind in EXAMPLES for name in read_account(run_of(kind)).rows}
    assert known | {"parameters.csv"} == set(LAYOUTS)


def test_a_package_that_is_missing(run_of: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Any:
        raise ModuleNotFoundError(name=name)

    monkeypatch.setattr(extras, "import_module", missing)
    with pytest.raises(ArgumentError, match=r"pip install 'bayes-cevns\[export\]'"):
        export(run_of("scan"), "hepdata")
    with pytest.raises(ArgumentError, match="--pyhf needs the package pyhf"):
        export(run_of("scan"), "pyhf")


def test_what_cannot_be_exported(run_of: Runs, tmp_path: Path) -> None:
    folder = copytree(run_of("failed"), tmp_path / "run")
    with pytest.raises(ArgumentError, match="name what is to be written: hepdata, latex"):
        export(folder, [])
    with pytest.raises(UnknownNameError, match="unknown format 'hepdat'; did you mean 'hepdata'"):
        export(folder, ["csv", "hepdat"])
    with pytest.raises(ArgumentError, match="no number"):
        export(folder, ["csv", "hepdata"])
    assert not (folder / "export").exists(), "nothing is half-written"
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot write to"):
        export(folder, "csv", out=tmp_path / "file")


def test_the_command(
    run_of: Runs,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    flags = [f"--{name}" for name in FORMATS]
    monkeypatch.setattr(
        sys, "argv", ["bayes-cevns", "export", str(run_of("scan")), *flags, "--out", str(tmp_path)]
    )
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 0
    written = capsys.readouterr().out.split()
    assert sorted(map(Path, written)) == sorted(p for p in tmp_path.rglob("*") if p.is_file())
    assert {Path(p).relative_to(tmp_path).parts[0] for p in written} == {
        *("hepdata", "latex", "csv", "run.json", "pyhf")
    }
