"""More than memory or a life holds is refused with a reason; NumPy numbers are plain ones."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import bayes_cevns as bc
from bayes_cevns.bounds import BOUNDS, MOST_DRAWS, within
from bayes_cevns.cli import main
from bayes_cevns.errors import ArgumentError
from bayes_cevns.inference.gate import Gate
from bayes_cevns.inference.profile.request import ProfileRequest
from bayes_cevns.physics.checks import decimal, real, whole
from bayes_cevns.storage.folder import RunFolder
from bayes_cevns.storage.record import read_run
from bayes_cevns.storage.values import plain
from bayes_cevns.studies.masses import check_scan_masses
from bayes_cevns.summary.draws import check_level, check_levels

XENON = ["xenonnt_cevns", "--interaction", "b-l"]


@pytest.mark.parametrize("name", BOUNDS)
def test_both_ends_are_allowed_and_what_is_beyond_has_a_reason(name: str) -> None:
    bound = BOUNDS[name]
    assert within(name, bound.most) == bound.most
    assert within(name, np.int64(bound.least)) == bound.least
    for more in (bound.most + 1, 10**40, 10**400):
        with pytest.raises(ArgumentError, match=f"<= {bound.most}") as caught:
            within(name, more)
        assert bound.why in str(caught.value)
        assert len(str(caught.value)) < 250
    for wrong in (bound.least - 1, 1.5, 1e40, np.float64(3.0), True, "3", np.timedelta64(3, "s")):
        with pytest.raises(ArgumentError, match="a whole number >="):
            within(name, wrong)


@pytest.mark.parametrize("name", ["draws", "tune", "chains", "cores", "retries"])
def test_settings_are_bounded(name: str) -> None:
    with pytest.raises(ArgumentError, match=f"expected {name}, a whole number"):
        bc.SamplerSettings(**{name: 10**9})  # type: ignore[arg-type]


def test_draws_of_all_chains_are_bounded_together() -> None:
    with pytest.raises(ArgumentError, match=r"chains x \(draws \+ tune\) <= 10,000,000"):
        bc.SamplerSettings(draws=10**6, tune=10**6, chains=100)
    assert bc.SamplerSettings(draws=MOST_DRAWS // 20, tune=MOST_DRAWS // 20, chains=10)


def test_rates_of_one_call_are_bounded() -> None:
    xenon = bc.rate(source="solar_8b", target="Xe", interaction="b-l")
    with pytest.raises(ArgumentError, match="ask for them in parts"):
        xenon.components(np.ones(10_000), np.ones(10_000))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["scan", *XENON, "--out", "x", "--masses", "1:100:1000000000"], "a number of masses"),
        (["profile", *XENON, "--masses", "1:100:" + "9" * 400], "a number of masses"),
        (["sensitivity", *XENON, "--out", "x", "--masses", "1:9:99999"], "a number of masses"),
        (["sample", *XENON, "--mass", "1", "--draws", "1000000000"], "expected draws"),
        (["sample", *XENON, "--mass", "1", "--draws", "1" + "0" * 40], "expected draws"),
        (["sample", *XENON, "--mass", "1", "--chains", "1000000"], "expected chains"),
        (["sample", *XENON, "--mass", "1", "--tune", "1000000000"], "expected tune"),
        (["sample", *XENON, "--mass", "1", "--cores", "1000000000"], "expected cores"),
        (["sample", *XENON, "--mass", "1", "--seed", "4294967296"], "expected a seed"),
        (["sample", *XENON, "--mass", "1", "--data", "toy:" + "9" * 60], "expected a seed"),
        (
            ["sensitivity", *XENON, "--out", "x", "--mass", "1", "--toys", "1000000000"],
            "a number of toys",
        ),
        (["profile", *XENON, "--mass", "1", "--toys", "1000000000"], "a number of toys"),
        (["calibrate", *XENON, "--out", "x", "--mass", "1", "--fits", "1" * 40], "number of fits"),
        (["coverage", *XENON, "--out", "x", "--mass", "1", "--toys", "9" * 40], "number of toys"),
        (
            ["couplings", "xenonnt_cevns", "--free", "ee_u", "--out", "x", "--chains", "1000000"],
            "expected chains",
        ),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
def test_the_command_line_refuses_at_once(
    words: list[str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["bayes-cevns", *words])
    with pytest.raises(SystemExit) as exit_:
        main()
    lines = capsys.readouterr().err.splitlines()
    assert exit_.value.code == 2
    assert len(lines) == 1
    assert said in lines[0]
    assert "<=" in lines[0]
    assert list(tmp_path.iterdir()) == []


def test_numbers_of_numpy_become_plain_ones() -> None:
    settings = bc.SamplerSettings(
        draws=np.int64(500),  # type: ignore[arg-type]
        target_accept=np.float32(0.9),  # type: ignore[arg-type]
        gate=Gate(ess_min=np.float32(0.1), divergences_max=np.uint8(3)),  # type: ignore[arg-type]
    )
    assert (type(settings.draws), settings.draws) == (int, 500)
    assert settings == bc.SamplerSettings(
        draws=500, target_accept=0.9, gate=Gate(ess_min=0.1, divergences_max=3)
    )
    request = ProfileRequest(
        np.float32(0.9),
        np.float16(2.7),
        "wilks",
        np.int32(500),
        np.int64(3),  # type: ignore[arg-type]
    )
    assert request == ProfileRequest(0.9, 2.7, "wilks", 500, 3)
    for value in (check_level(np.float32(0.9)), *check_levels(np.array([0.9], np.float32))):
        assert (type(value), value) == (float, 0.9)
    assert check_scan_masses(np.array([0.1, 1.1], np.float32)) == [0.1, 1.1]


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64, np.longdouble])
def test_a_number_is_the_shortest_decimal_that_rounds_to_it(kind: Any) -> None:
    """The slow twin: Python's own float of the text that NumPy prints."""
    for text in ("0.9", "0.1", "1e-05", "123.5", "0.0003"):
        assert real(kind(text), what="a number") == pytest.approx(float(text), rel=1e-15)
        assert decimal(np.array([text], kind))[0] == pytest.approx(float(text), rel=1e-15)
    assert np.isnan(real(kind("nan"), what="a number"))
    assert real(np.array(3), what="a number") == 3.0


def test_whole_numbers_are_plain() -> None:
    assert type(whole(np.uint16(7), what="a number")) is int


def test_a_run_with_numbers_of_numpy_is_written_and_is_the_run_with_plain_ones(
    tmp_path: Path,
) -> None:
    odd = {
        "seed": np.int64(3),
        "level": np.float32(0.9),
        "masses_mev": np.array([1.0, 10.0]),
        "nested": {"names": (np.str_("a"),), "flag": np.bool_(True), "path": tmp_path},
    }
    same = {
        "seed": 3,
        "level": 0.9,
        "masses_mev": [1.0, 10.0],
        "nested": {"names": ["a"], "flag": True, "path": str(tmp_path)},
    }
    assert plain(odd) == same
    with (
        RunFolder(tmp_path / "run", odd) as run,
        RunFolder(tmp_path / "other", same) as other,
    ):
        assert read_run(run.path)["request"] == same
        assert run.identity == other.identity
        assert tomllib.loads((run.path / "run.toml").read_text())["status"] == "running"
