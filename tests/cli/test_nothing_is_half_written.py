"""A command that is refused has written nothing, whatever is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bayes_cevns.cli import main

SMALL = "xenonnt_2024_s2"
ONE_MASS = ["--interaction", "scalar-universal", "--mass", "10"]

#: A right command of each kind, but for what a test adds.
COMMANDS = {
    "sample": ["sample", SMALL, *ONE_MASS],
    "scan": ["scan", SMALL, "--interaction", "scalar-universal", "--masses", "1,10"],
    "profile": ["profile", SMALL, "--interaction", "scalar-universal", "--masses", "1,10"],
    "sensitivity": ["sensitivity", SMALL, *ONE_MASS, "--toys", "0"],
    "compare": ["compare", SMALL, "--interactions", "scalar-universal", "--mass", "10"],
    "prior-sensitivity": ["prior-sensitivity", SMALL, *ONE_MASS],
    "calibrate": ["calibrate", SMALL, *ONE_MASS],
    "coverage": ["coverage", SMALL, *ONE_MASS],
    "nsi": ["nsi", "xenonnt_cevns", "--parameters", "ee_u"],
}

#: What is wrong -> the commands that have no such option.
WRONG = {
    ("--prior", "nope"): ("profile", "nsi"),
    ("--interaction", "nope"): ("compare", "nsi"),
    ("--interactions", "nope"): (*(set(COMMANDS) - {"compare"}),),
    ("--mass", "1e9"): ("scan", "nsi"),
    ("--mass", "-1"): ("scan", "nsi"),
    ("--masses", "1e9"): (*(set(COMMANDS) - {"scan", "profile", "sensitivity"}),),
    ("--level", "1.5"): ("compare", "calibrate", "coverage", "nsi"),
    ("--levels", "1.5"): (*(set(COMMANDS) - {"coverage", "nsi"}),),
    ("--nuisance", "flux_8b=nope"): (),
    ("--nuisance", "nope=nope"): (),
    ("--form-factor", "nope"): (),
    ("--seed", "-1"): (),
    ("--seed", "99999999999"): ("profile",),
    ("--draws", "0"): ("profile",),
    ("--chains", "1"): ("profile",),
    ("--source", "nope"): (),
    ("--runs", "nope"): (),
    ("--data", "nope"): ("sensitivity",),
    ("--truths", "1.0"): (*(set(COMMANDS) - {"coverage"}),),
    ("--toys", "-1"): (*(set(COMMANDS) - {"sensitivity", "coverage"}),),
    ("--fits", "1"): (*(set(COMMANDS) - {"calibrate"}),),
    ("--reach", "-1"): (*(set(COMMANDS) - {"calibrate"}),),
    ("--parameters", "nope"): (*(set(COMMANDS) - {"nsi"}),),
    ("--bounds", "ee_u=1:-1"): (*(set(COMMANDS) - {"nsi"}),),
    ("--detection", "nope"): (*(set(COMMANDS) - {"nsi"}),),
    ("--solar", "nope"): (*(set(COMMANDS) - {"nsi"}),),
    ("--pairs", "ee_u:nope"): (*(set(COMMANDS) - {"nsi"}),),
    ("--max-coupling", "inf"): (*(set(COMMANDS) - {"compare"}),),
    ("--calibrate", "nope"): (*(set(COMMANDS) - {"profile"}),),
    ("--toy-nuisances", "nope"): (*(set(COMMANDS) - {"sensitivity"}),),
}
CASES = [
    (command, option, value)
    for (option, value), without in WRONG.items()
    for command in COMMANDS
    if command not in without
]


@pytest.mark.parametrize(("command", "option", "value"), CASES)
def test_a_wrong_argument_leaves_nothing_behind(
    command: str,
    option: str,
    value: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "deep" / "out"
    words = [*COMMANDS[command]]
    if option in words:
        words[words.index(option) + 1] = value
    else:
        words += [option, value]
    claimed = []
    real = Path.mkdir

    def seen(self: Path, *args: Any, **options: Any) -> None:
        if self.is_relative_to(tmp_path):
            claimed.append(self)
        real(self, *args, **options)

    monkeypatch.setattr(Path, "mkdir", seen)
    monkeypatch.setattr("sys.argv", ["bayes-cevns", *words, "--out", str(out)])
    with pytest.raises(SystemExit) as exit_:
        main()
    error = capsys.readouterr().err
    assert exit_.value.code == 2, error
    assert error.strip().splitlines()[-1].startswith("bayes-cevns: ")
    assert "Traceback" not in error
    assert claimed == [], "refused before anything is written"
    assert list(tmp_path.iterdir()) == []
