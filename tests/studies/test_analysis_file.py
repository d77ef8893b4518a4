"""Analysis files that ask for what cannot be: one line, which names file, line and key."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from examples import EXAMPLES, example

from bayes_cevns.errors import ArgumentError
from bayes_cevns.studies.analysis_file import read_analysis, to_toml

#: What is edited in the file of an example, the key that is named, and what is said of it.
EDITS = {
    "a typo in a key": ("form_factor =", "form_facto =", "form_facto", "did you mean"),
    "a typo in a name": ('"standard"', '"stndard"', "form_factor", "did you mean 'standard'"),
    "a study that is none": ("^study = .*", 'study = "scann"', "study", "did you mean 'scan'"),
    "several studies": ("^study = .*", 'study = ["scan"]', "study", "unknown study"),
    "a wrong type": ("^seed = .*", 'seed = "one"', "seed", "a whole number"),
    "a date": ("^seed = .*", "seed = 2020-01-01", "seed", "a whole number"),
    "a number below its range": ("^seed = .*", "seed = -1", "seed", "got -1"),
    "a flag that is none": ("^allow_overlap = .*", "allow_overlap = 3", "allow_overlap", "True"),
    "masses as texts": (r"^(mass\w+) = .*", r'\1 = ["1", "ten"]', "mass\\w*", "a real number"),
    "a mass without a meaning": (r"^(mass\w+) = .*", r"\1 = [-1.0]", "mass\\w*", "positive"),
    "no experiment": ("^experiments = .*", "experiments = []", "experiments", "list of names"),
    "an unknown experiment": ("^experiments = .*", 'experiments = ["x"]', "experiments", "unknown"),
    "a typo in a table": ("^draws = ", "drws = ", "settings.drws", "did you mean 'draws'"),
    "a wrong value in a table": ("^draws = .*", "draws = -7", "settings.draws", "got -7"),
    "a wrong value further in": ("^rhat_max = .*", 'rhat_max = "a"', "settings.gate.rhat_max", "a"),
    "changed in no list": ("^study", "changed = 3\nstudy", "changed", "got 3"),
}


@pytest.mark.parametrize("kind", EXAMPLES)
def test_a_mistake_is_named_with_its_line_and_key(kind: str, tmp_path: Path) -> None:
    written = to_toml(example(kind))
    tried = 0
    for what, (old, new, key, said) in EDITS.items():
        text = re.sub(old, new, written, count=1, flags=re.MULTILINE)
        if text == written:
            continue  # this study has no such option
        file = tmp_path / "analysis.toml"
        file.write_text(text)
        with pytest.raises(ArgumentError) as caught:
            read_analysis(file).check()
        message = str(caught.value)
        found = re.match(rf"{re.escape(str(file))}, line (\d+), {key}: .*{said}", message)
        assert found, (what, message)
        assert "\n" not in message
        assert re.search(key.rpartition(".")[2], text.splitlines()[int(found[1]) - 1]), what
        tried += 1
    assert tried > 8


def test_an_option_of_another_study_is_named(tmp_path: Path) -> None:
    file = tmp_path / "analysis.toml"
    file.write_text(to_toml(example("scan")).replace('"scan"', '"profile"'))
    with pytest.raises(ArgumentError, match=r"line 12, prior: profile has no option 'prior'"):
        read_analysis(file)


def test_a_file_without_a_study_says_what_is_missing(tmp_path: Path) -> None:
    file = tmp_path / "analysis.toml"
    file.write_text("seed = 1\n")
    with pytest.raises(ArgumentError, match='expected a line study = "NAME", one of'):
        read_analysis(file)
