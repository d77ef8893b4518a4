"""A machine with too little memory, or files that may be open: one line, and what is kept stays."""

from __future__ import annotations

import errno
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import bayes_cevns as bc
from bayes_cevns import cli
from bayes_cevns.errors import BayesCevnsError, ResourceError
from bayes_cevns.shortage import in_one_line, lacking
from bayes_cevns.studies.profile import ProfileStudy

SCARCE: dict[str, tuple[Callable[[], BaseException], str]] = {
    "memory": (MemoryError, "memory"),
    "memory, of the system": (lambda: OSError(errno.ENOMEM, "no memory"), "memory"),
    "memory, in Rust": (
        lambda: RuntimeError("Failed to start\n\nCaused by:\n MemoryError:"),
        "mem",
    ),
    "memory, of the linker": (lambda: ImportError("x.so: failed to map segment"), "memory"),
    "handles": (lambda: OSError(errno.EMFILE, "Too many open files", "x"), "files that may be"),
    "handles, in Rust": (lambda: RuntimeError("Too many open files (os error 24)"), "files"),
    "threads": (lambda: RuntimeError("can't start new thread"), "threads"),
}
#: Errors that are something else, and are not hidden.
OTHERS = (ValueError("MemoryError"), RuntimeError("wrong"), SystemError("wrong"), OSError(2, "x"))


@pytest.mark.parametrize("case", SCARCE)
def test_what_is_lacking_is_told(case: str) -> None:
    make, said = SCARCE[case]
    with pytest.raises(ResourceError, match=f"too little .*{said}") as caught:
        _raised(make())
    assert "\n" not in str(caught.value)


@in_one_line()
def _raised(error: BaseException) -> None:
    """Raise an error, as libraries do, from which another one comes."""
    try:
        raise error
    except Exception as one:
        raise KeyError("of a library") from one


@pytest.mark.parametrize("error", OTHERS, ids=repr)
def test_another_error_stays(error: Exception) -> None:
    assert lacking(error) is None
    with pytest.raises(type(error)) as caught, in_one_line():
        raise error
    assert caught.value is error


def test_a_refusal_of_the_package_stays() -> None:
    own = BayesCevnsError("mine")
    own.__context__ = MemoryError()
    with pytest.raises(BayesCevnsError, match="mine") as caught, in_one_line():
        raise own
    assert type(caught.value) is BayesCevnsError


@pytest.fixture
def _no_memory_at_the_second_mass(monkeypatch: pytest.MonkeyPatch) -> None:
    real = ProfileStudy.compute

    def compute(self: ProfileStudy, number: int) -> object:
        if number == 1:
            raise MemoryError
        return real(self, number)

    monkeypatch.setattr(ProfileStudy, "compute", compute)


@pytest.mark.usefixtures("_no_memory_at_the_second_mass")
def test_a_study_without_memory_keeps_what_is_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {"interaction": "b-l", "masses_mev": [1.0, 10.0], "out": tmp_path / "out"}
    with pytest.raises(ResourceError, match="too little memory"):
        bc.profile_scan("xenonnt_2024_s2", **asked)
    with pytest.warns(bc.errors.UnfinishedWarning, match="1 of 2 points"):
        assert len(bc.load(tmp_path / "out").points) == 1
    monkeypatch.undo()
    whole = bc.profile_scan("xenonnt_2024_s2", **asked)
    assert [point.mass_mev for point in whole.points] == [1.0, 10.0]


def test_a_command_without_memory_ends_with_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def compute(self: ProfileStudy, number: int) -> object:
        del self, number
        raise MemoryError

    monkeypatch.setattr(ProfileStudy, "compute", compute)
    words = ["profile", "xenonnt_2024_s2", "--interaction", "b-l", "--mass", "10", "--quiet"]
    monkeypatch.setattr(sys, "argv", ["bayes-cevns", *words])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("bayes-cevns: too little memory on this machine: ask for more")


@pytest.mark.skipif(sys.platform != "linux", reason="a limit of handles as Linux has it")
@pytest.mark.parametrize("handles", [6, 10])
def test_a_command_with_few_handles_ends_with_one_line(handles: int, tmp_path: Path) -> None:
    program = f"""
import resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, ({handles}, {handles}))
sys.argv = ["bayes-cevns", "profile", "xenonnt_2024_s2", "--interaction", "b-l", "--mass", "10",
            "--quiet", "--out", {str(tmp_path / "out")!r}]
from bayes_cevns.cli import main
main()
"""
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] > handles
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 2, done.stderr
    assert done.stderr.splitlines()[-1].startswith("bayes-cevns: ")
    assert "Too many open files" in done.stderr
    assert "Traceback" not in done.stderr
