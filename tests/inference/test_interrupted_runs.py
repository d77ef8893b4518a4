"""Runs that are stopped: what is finished stays, and the same call goes on."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from bayes_cevns.errors import OutputError
from bayes_cevns.experiments import Experiment
from bayes_cevns.inference import engine as engine_module
from bayes_cevns.inference.engine import SamplerSettings
from bayes_cevns.inference.scan import Scan, scan
from bayes_cevns.results import read_run

QUICK = SamplerSettings(draws=200, tune=100, retries=0)
MASSES = [1.0, 10.0, 100.0]
_MAIN = "from bayes_cevns.cli import main; main()"


def run(experiment: Experiment, out: Path | None, **more: object) -> Scan:
    options = {"masses_mev": MASSES, "settings": QUICK, "seed": 7, "out": out, **more}
    return scan([experiment], interaction="b-l", **options)


def limits_of(out: Path) -> list[str]:
    return (out / "limits.csv").read_text().splitlines()[1:]


def stop_after(number: int, monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Let the engine fail with an error after some fits."""
    real, calls = engine_module.Engine.fit, []

    def fit(self: engine_module.Engine, mass: float, *, seed: int) -> object:
        calls.append(mass)
        if len(calls) > number:
            raise error
        return real(self, mass, seed=seed)

    monkeypatch.setattr(engine_module.Engine, "fit", fit)


@pytest.fixture(scope="module")
def uninterrupted(xenonnt: Experiment, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    out = tmp_path_factory.mktemp("whole") / "run"
    run(xenonnt, out)
    return limits_of(out)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("the roof fell in")])
def test_finished_masses_are_kept_and_the_rest_is_the_same(
    xenonnt: Experiment,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    uninterrupted: list[str],
    error: BaseException,
) -> None:
    out = tmp_path / "run"
    with monkeypatch.context() as patch:
        stop_after(2, patch, error)
        with pytest.raises(type(error)):
            run(xenonnt, out)
    assert limits_of(out) == uninterrupted[:2]
    assert read_run(out)["status"] == "interrupted"
    assert (out / "posterior.nc").is_file()

    fitted = []
    run(xenonnt, out, on_point=lambda point: fitted.append(point.mass_mev))
    assert fitted == MASSES
    assert limits_of(out) == uninterrupted
    assert read_run(out)["status"] == "complete"
    assert not (out / "points").exists()


def test_a_damaged_checkpoint_is_fitted_again(
    xenonnt: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, uninterrupted: list[str]
) -> None:
    out = tmp_path / "run"
    with monkeypatch.context() as patch:
        stop_after(2, patch, KeyboardInterrupt())
        with pytest.raises(KeyboardInterrupt):
            run(xenonnt, out)
    first, second = sorted((out / "points").iterdir())
    first.write_bytes(first.read_bytes()[:1000])
    second.write_bytes(b"nonsense")
    run(xenonnt, out)
    assert limits_of(out) == uninterrupted


def test_a_full_disk_is_named_and_loses_nothing(
    xenonnt: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, uninterrupted: list[str]
) -> None:
    out = tmp_path / "run"

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("xarray.DataTree.to_netcdf", full)
        with pytest.raises(OutputError, match="No space left"):
            run(xenonnt, out)
    run(xenonnt, out)
    assert limits_of(out) == uninterrupted


@pytest.mark.parametrize(
    "other", [{"seed": 8}, {"level": 0.95}, {"prior": "log"}, {"masses_mev": [1.0, 10.0]}]
)
def test_another_request_does_not_touch_the_results(
    xenonnt: Experiment, tmp_path: Path, other: dict[str, object]
) -> None:
    out = tmp_path / "run"
    run(xenonnt, out, masses_mev=[3.0])
    before = (out / "limits.csv").read_bytes()
    with pytest.raises(OutputError, match="another run"):
        run(xenonnt, out, **other)
    assert (out / "limits.csv").read_bytes() == before


def test_an_altered_posterior_of_a_complete_run_is_refused(
    xenonnt: Experiment, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    run(xenonnt, out, masses_mev=[3.0])
    content = bytearray((out / "posterior.nc").read_bytes())
    content[len(content) // 2] ^= 1
    (out / "posterior.nc").write_bytes(content)
    with pytest.raises(OutputError, match="altered"):
        run(xenonnt, out, masses_mev=[3.0])


def test_a_complete_run_is_read_back_as_it_was(xenonnt: Experiment, tmp_path: Path) -> None:
    out = tmp_path / "run"
    one = run(xenonnt, out, masses_mev=[3.0, 30.0])
    two = run(xenonnt, out, masses_mev=[3.0, 30.0])
    for a, b in zip(one.points, two.points, strict=True):
        assert a.limits == b.limits
        assert a.bands == b.bands
        np.testing.assert_array_equal(a.fit.posterior["coupling"], b.fit.posterior["coupling"])


def test_ctrl_c_at_the_command_line(tmp_path: Path) -> None:
    """SIGINT once the first masses are there: exit status 130, and they are in limits.csv."""
    out = tmp_path / "run"
    words = ["scan", "xenonnt_cevns", "--interaction", "b-l", "--masses", "0.1:1000:400"]
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from bayes_cevns.cli import main; main()",
            *words,
            "--out",
            str(out),
        ],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    deadline = time.monotonic() + 120
    while len(list((out / "points").glob("*.npz"))) < 3:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, "the scan did not start"
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "Traceback" not in errors
    assert f"kept in {out}" in errors.strip().splitlines()[-1]
    rows = list(csv.DictReader((out / "limits.csv").read_text().splitlines()))
    assert 3 <= len(rows) < 400
    assert read_run(out)["report"]["masses_finished"] == len(rows)
