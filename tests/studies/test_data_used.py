"""The identity of a run covers the data that it uses, and no others."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable

import pytest

import bayes_cevns as bc
from bayes_cevns.specification.data_used import data_used
from bayes_cevns.storage import record
from bayes_cevns.studies.analysis_file import study_of

#: Runs a preview or a fit of couplings in a new process, and prints what was read of data/.
SCRIPT = """
import json, sys, tempfile
from bayes_cevns.storage import resources
read, check = set(), resources.check_file
resources.check_file = lambda folder, name: (read.add(name), check(folder, name))[1]
import bayes_cevns as bc
from bayes_cevns.studies.analysis_file import study_of
study = study_of(json.loads(sys.argv[1]))
study.check()
for table in study.spec.tables():
    table.nominal(getattr(study, "masses", [None])[0])
print(json.dumps(sorted(read)))
"""

CASES = {
    "nuclei and the Sun": {"experiments": ["xenonnt_2024_s2"], "interaction": "b-l"},
    "spins": {"experiments": ["xenonnt_2024_s2"], "interaction": "axial"},
    "electrons": {"experiments": ["lz_er"], "interaction": "magnetic-moment", "masses_mev": None},
    "stopped pions": {"experiments": ["coherent_ge_counts"], "interaction": "scalar-universal"},
    "a reactor": {"experiments": ["conus_plus"], "interaction": "vector-universal"},
    "everything": {"experiments": ["xlzd"], "interaction": "b-l", "data": "asimov"},
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_read_is_in_the_identity(case: str) -> None:
    words = {"study": "preview", "masses_mev": [10.0], **CASES[case]}
    words = {key: value for key, value in words.items() if value is not None}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SCRIPT, json.dumps(words)],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    read = set(json.loads(done.stdout))
    assert read
    covered = set(record.data_of(study_of(words).request()))
    assert read <= covered, f"read, but not in the identity: {read - covered}"
    assert not any(name.startswith(("published_limits/", "yields/")) for name in covered)
    tables = {name for name in covered if name.endswith(".nc")}
    assert tables == {bc.experiment(name).card.table for name in words["experiments"]}


def _changed(names: Callable[[str], bool], monkeypatch: pytest.MonkeyPatch) -> None:
    listed = record.used_checksums()
    other = {k: "0" * 64 if names(k) else v for k, v in listed.items()}
    assert other != listed
    monkeypatch.setattr(record, "used_checksums", lambda: other)


def test_other_data_do_not_change_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    request = study_of(
        {
            "study": "preview",
            "experiments": ["xenonnt_2024_s2"],
            "interaction": "b-l",
            "masses_mev": [10.0],
        }
    ).request()
    before = record.identity(request)
    with monkeypatch.context() as patch:
        _changed(
            lambda name: name.startswith(("published_limits/", "coherent_", "reactor/")), patch
        )
        assert record.identity(request) == before
    for used in ("xenonnt_2024/response_s2.nc", "nuclei/isotopes.csv", "solar/fluxes.toml"):
        with monkeypatch.context() as patch:
            _changed(lambda name, used=used: name == used, patch)
            assert record.identity(request) != before, used
    assert record.data_of({}) == record.used_checksums()


def test_a_source_of_no_catalogue_may_use_all() -> None:
    one = bc.experiment("conus_plus")
    other = bc.source("reactor")
    unknown = one.with_source(type(other)("mine", other.fluxes))
    assert {"solar/", "reactor/", "pion_decay/", "atmospheric/"} <= set(data_used([unknown]))
    assert "solar/" not in data_used([one])
