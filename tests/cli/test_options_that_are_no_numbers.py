"""Every option of every study that is a number refuses what is none, before anything is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from bayes_cevns.cli import main
from bayes_cevns.studies.catalogue import STUDIES, study_class
from bayes_cevns.studies.options import flags_of

EXPERIMENT = "xenonnt_2024_s2"

#: A right command of each study but for its experiment, where it needs more than an interaction.
NEEDED = {
    "scan": ["--masses", "1,10"],
    "preview": ["--masses", "1,10"],
    "profile": ["--masses", "1,10"],
    "sensitivity": ["--masses", "10"],
    "compare": ["--interactions", "b-l", "--mass", "10"],
    "couplings": ["--free", "ee_u"],
    "calibrate-couplings": ["--free", "ee_u"],
    "coverage-couplings": ["--free", "ee_u"],
}
ONE_MASS = ["--mass", "10"]


def number_options(kind: str) -> list[str]:
    """Return the options of a study that are numbers, and those of its experiments."""
    study = study_class(kind)
    options = {name: study.option(name) for name in study.model_fields}
    own = [
        flags_of(name, option)[0]
        for name, option in options.items()
        if option is not None and option.kind in (float, int)
    ]
    changes = {"exposure_scale": "--exposure-scale", "threshold_kev": "--threshold"}
    return own + [flag for name, flag in changes.items() if name in study.experiment_changes]


def command(kind: str) -> list[str]:
    """Return a right command of a study."""
    words = [kind, EXPERIMENT, *NEEDED.get(kind, ONE_MASS)]
    if "interaction" in study_class(kind).model_fields:
        words += ["--interaction", "scalar-universal"]
    return words


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e999", "0x10", "", "1,5"])
@pytest.mark.parametrize("kind", STUDIES)
def test_no_option_takes_what_is_no_number(
    kind: str,
    value: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    flags = number_options(kind)
    assert "--seed" in flags
    for flag in flags:
        words = command(kind)
        if flag in words:
            del words[words.index(flag) : words.index(flag) + 2]
        out = tmp_path / "out"
        words += [f"{flag}={value}", "--out", str(out)]
        monkeypatch.setattr("sys.argv", ["bayes-cevns", *words])
        with pytest.raises(SystemExit) as exit_:
            main()
        error = capsys.readouterr().err
        assert exit_.value.code == 2, (words, error)
        assert error.strip().splitlines()[-1].startswith("bayes-cevns: "), (words, error)
        assert len(error.strip().splitlines()) == 1, (words, error)
        assert not out.exists(), words
