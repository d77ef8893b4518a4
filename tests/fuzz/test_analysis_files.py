"""Analysis files and grids that were right before they were edited, run as a command."""

from __future__ import annotations

import pytest
from fuzzing import command, edited, empty_folder, fuzzed
from hypothesis import given
from hypothesis import strategies as st

import bayes_cevns as bc
from bayes_cevns.studies.analysis_file import to_toml
from bayes_cevns.studies.catalogue import STUDIES, study_class

EXPERIMENT = "xenonnt_2024_s2"
SCALAR = {"interaction": "scalar-universal"}

#: What each study needs besides its experiments.
NEEDED = {
    **{kind: {**SCALAR, "mass_mev": 10.0} for kind in STUDIES},
    **{
        kind: {**SCALAR, "masses_mev": [1.0, 10.0]}
        for kind in ("scan", "preview", "profile", "sensitivity")
    },
    "compare": {"interactions": ["scalar-universal"], "mass_mev": 10.0},
    **{kind: {"couplings": ["ee_u", "ee_d"]} for kind in ("couplings", "calibrate-couplings")},
    "coverage-couplings": {"couplings": ["ee_u", "ee_d"], "truths": {"some": {"ee_u": 0.1}}},
}
TEXTS = {
    kind: to_toml(study_class(kind)(experiments=[EXPERIMENT], **NEEDED[kind])) for kind in STUDIES
}
GRID = TEXTS["preview"].replace('"scalar-universal"', '["scalar-universal", "b-l"]')


@fuzzed(40)
@given(st.sampled_from([*TEXTS.values(), GRID]).flatmap(edited), st.booleans())
def test_an_analysis_that_was_edited_runs_or_is_refused_in_one_line(text: str, dry: bool) -> None:
    with empty_folder() as folder:
        (folder / "my.toml").write_text(text, encoding="utf-8")
        more = ["--dry-run"] if dry else ["--out", "out"]
        command(["run", "my.toml", *more], folder)


@pytest.mark.parametrize("kind", STUDIES)
def test_what_is_edited_is_right(kind: str) -> None:
    with empty_folder() as folder:
        (folder / "my.toml").write_text(TEXTS[kind], encoding="utf-8")
        assert bc.read_analysis(folder / "my.toml").kind == kind
