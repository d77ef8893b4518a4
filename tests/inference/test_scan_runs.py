"""Scans on disk: stopped, killed, damaged and resumed, they give the same numbers or an error."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import arviz_stats
import numpy as np
import pytest
import xarray as xr

from bayes_cevns import Prior
from bayes_cevns.cards import Experiment
from bayes_cevns.errors import ArgumentError, ConvergenceError, OutputError, UnknownNameError
from bayes_cevns.figures.exclusion import exclusion_figure
from bayes_cevns.inference import sampling as sampling_module
from bayes_cevns.inference.engine import Engine
from bayes_cevns.inference.gate import Gate
from bayes_cevns.inference.settings import SamplerSettings
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.storage.csv_tables import csv_text
from bayes_cevns.studies.sample import sample
from bayes_cevns.studies.scan import scan
from bayes_cevns.studies.scan_result import LIMIT_COLUMNS, Scan, ScanPoint

MASSES = [1.0, 10.0, 100.0]
NAME = "vector-universal"  # two branches, so that evidences and weights are at stake too
LENIENT = Gate(rhat_max=2.0, ess_min=1.0, divergences_max=10**6)
QUICK = SamplerSettings(draws=60, tune=100, retries=0, gate=LENIENT)
TEXTS = ("limits.csv", "bands.csv", "citations.bib", "analysis.toml")
ENGINE_FOR = "bayes_cevns.studies.engines.engine_for"


@pytest.fixture(scope="module")
def engine(xenonnt: Experiment) -> Engine:
    """The one engine of this module: it compiles once."""
    engine = Engine(ModelSpec.of([xenonnt], interaction=NAME), QUICK)
    engine.compile(MASSES[0])
    return engine


@pytest.fixture(autouse=True)
def _compiled_once(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def make(spec: ModelSpec, settings: SamplerSettings, **_: Any) -> Engine:
        if spec != ModelSpec.of(spec.experiments, interaction=NAME):
            return Engine(spec, settings)
        engine.settings = settings
        return engine

    monkeypatch.setattr(ENGINE_FOR, make)


@pytest.fixture
def run(xenonnt: Experiment) -> Callable[..., Scan]:
    def call(out: Path | None, **changes: Any) -> Scan:
        options = {"interaction": NAME, "masses_mev": MASSES, "settings": QUICK, "seed": 3}
        return scan([xenonnt], out=out, **{**options, **changes})

    return call


@pytest.fixture(scope="module")
def reference(
    xenonnt: Experiment, engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The results of a scan that nothing disturbed."""
    out = tmp_path_factory.mktemp("reference") / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ENGINE_FOR, lambda *_: engine)
        scan([xenonnt], interaction=NAME, masses_mev=MASSES, settings=QUICK, seed=3, out=out)
    return out


@dataclass
class Failing:
    """A fit that is begun, and then fails."""

    error: BaseException

    def result(self) -> None:
        raise self.error

    def stop(self) -> None:
        pass


@pytest.fixture
def fails_at(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int, BaseException], None]]:
    """Make the fit of one mass raise an error, until the test ends or `undo` is called."""

    def arrange(number: int, error: BaseException) -> None:
        real = Engine.begin

        def begin(self: Engine, mass: float | None = None, **options: Any) -> Any:
            return Failing(error) if mass == MASSES[number] else real(self, mass, **options)

        monkeypatch.setattr(Engine, "begin", begin)

    return arrange


def status(out: Path) -> str:
    return str(tomllib.loads((out / "run.toml").read_text())["status"])


def rows(out: Path) -> list[str]:
    return (out / "limits.csv").read_text().splitlines()[1:]


def names(out: Path) -> set[str]:
    return {str(path.relative_to(out)) for path in out.rglob("*")}


def assert_same(out: Path, reference: Path) -> None:
    """The results are those of the undisturbed scan, bit for bit, and nothing is left over."""
    for name in TEXTS:
        assert (out / name).read_text() == (reference / name).read_text(), name
    assert names(out) == names(reference)
    assert status(out) == "complete"


@pytest.fixture
def interrupted(
    run: Callable[..., Scan],
    tmp_path: Path,
    fails_at: Callable[[int, BaseException], None],
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """A folder with two of three masses."""
    out = tmp_path / "interrupted"
    with monkeypatch.context():
        fails_at(2, KeyboardInterrupt())
        with pytest.raises(KeyboardInterrupt):
            run(out)
        monkeypatch.undo()
    return out


@pytest.fixture
def resume(xenonnt: Experiment, engine: Engine) -> Callable[[Path], Scan]:
    def call(out: Path) -> Scan:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ENGINE_FOR, lambda *_: engine)
            return scan(
                [xenonnt], interaction=NAME, masses_mev=MASSES, settings=QUICK, seed=3, out=out
            )

    return call


def test_interrupted_scan_lists_what_it_has_and_resumes_bit_for_bit(
    interrupted: Path, reference: Path, resume: Callable[[Path], Scan]
) -> None:
    assert status(interrupted) == "interrupted"
    assert rows(interrupted) == rows(reference)[:4]  # two masses, two signs
    assert {"points/0000.npz", "points/0001.npz"} <= names(interrupted)
    resume(interrupted)
    assert_same(interrupted, reference)


def test_resuming_does_not_sample_again_what_is_finished(
    interrupted: Path, resume: Callable[[Path], Scan], monkeypatch: pytest.MonkeyPatch
) -> None:
    sampled = []
    real = Engine.begin

    def begin(self: Engine, mass: float | None = None, **options: Any) -> Any:
        sampled.append(mass)
        return real(self, mass, **options)

    monkeypatch.setattr(Engine, "begin", begin)
    result = resume(interrupted)
    assert sampled == [100.0]
    assert [point.mass_mev for point in result.points] == MASSES


def test_stopping_a_resumed_scan_at_once_loses_no_rows(
    interrupted: Path, reference: Path, engine: Engine, run: Callable[..., Scan]
) -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    before = (interrupted / "limits.csv").read_text()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ENGINE_FOR, lambda *_: engine)
        patch.setattr(Engine, "compile", lambda *_: stop())
        with pytest.raises(KeyboardInterrupt):
            run(interrupted)
    assert (interrupted / "limits.csv").read_text() == before
    assert rows(interrupted) == rows(reference)[:4]


def test_killed_scan_resumes_bit_for_bit(
    tmp_path: Path, run: Callable[..., Scan], reference: Path
) -> None:
    """What SIGKILL leaves after the second mass: checkpoints, no results, a stray file."""
    out, killed = tmp_path / "out", tmp_path / "killed"

    def copy(point: ScanPoint) -> None:
        if point.mass_mev == MASSES[1]:
            shutil.copytree(out, killed)

    run(out, on_point=copy)
    assert status(killed) == "running"
    (killed / "run.lock").unlink()  # that of this process, which is alive
    (killed / ".bayes-cevns-abc.nc").write_bytes(b"half")
    (killed / "points" / ".bayes-cevns-abc.npz").write_bytes(b"half")
    run(killed)
    assert_same(killed, reference)


def test_the_same_scan_again_is_read_and_not_written(
    reference: Path, run: Callable[..., Scan], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {p: p.stat().st_mtime_ns for p in reference.iterdir()}
    monkeypatch.setattr(Engine, "begin", lambda *_, **__: pytest.fail("sampled again"))
    again = run(reference)
    assert [p.mass_mev for p in again.points] == MASSES
    assert csv_text(LIMIT_COLUMNS, again.limit_rows()) == (reference / "limits.csv").read_text(), (
        "limits from the file are those of the run"
    )
    assert {p: p.stat().st_mtime_ns for p in reference.iterdir()} == before


def flipped(content: bytes, at: float) -> bytes:
    middle = int(at * len(content))
    return content[:middle] + bytes([content[middle] ^ 0xFF]) + content[middle + 1 :]


@pytest.mark.parametrize(
    "damage",
    [
        lambda c: c[: len(c) // 2],
        lambda c: c[:10],
        lambda _: b"",
        lambda _: b"not a checkpoint",
        lambda c: flipped(c, 0.5),
        lambda c: flipped(c, 0.05),
        lambda _: np.lib.format.magic(1, 0),
    ],
    ids=["half", "ten bytes", "empty", "text", "flipped", "flipped header", "npy"],
)
def test_a_damaged_checkpoint_is_sampled_again(
    damage: Callable[[bytes], bytes],
    interrupted: Path,
    reference: Path,
    resume: Callable[[Path], Scan],
) -> None:
    point = interrupted / "points" / "0001.npz"
    point.write_bytes(damage(point.read_bytes()))
    resume(interrupted)
    assert_same(interrupted, reference)


def test_a_checkpoint_of_another_mass_is_not_taken(
    interrupted: Path, reference: Path, resume: Callable[[Path], Scan]
) -> None:
    points = interrupted / "points"
    shutil.copy(points / "0000.npz", points / "0001.npz")
    resume(interrupted)
    assert_same(interrupted, reference)


@pytest.mark.parametrize("what", ["numpy.savez", "xarray.DataTree.to_netcdf"])
def test_a_full_disk_is_an_error_that_loses_nothing(
    what: str, tmp_path: Path, run: Callable[..., Scan], reference: Path
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    out = tmp_path / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(what, full)
        with pytest.raises(OutputError, match="No space left"):
            run(out)
    assert status(out) != "complete"
    run(out)
    assert_same(out, reference)


@pytest.mark.skipif(os.name != "posix", reason="Windows has no RLIMIT_FSIZE to stand in for it")
def test_a_disk_that_is_really_full_does_not_end_the_process(tmp_path: Path) -> None:
    """HDF5 that cannot write raises one error and then brings the interpreter down."""
    code = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "import numpy as np, xarray as xr\n"
        "from bayes_cevns.errors import OutputError\n"
        "from bayes_cevns.storage.folder import RunFolder\n"
        "from bayes_cevns.studies.fit_files import FitStore\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))\n"
        "from bayes_cevns.summary.fit import Fit\n"
        "draws = np.random.default_rng(1).normal(size=(1, 2, 50_000))\n"
        "data = xr.Dataset({'x': (('branch', 'chain', 'draw'), draws)})\n"
        "weight = xr.Dataset({'weight': ('branch', [1.0]), 'attempts': ('branch', [1])})\n"
        "with RunFolder(Path(sys.argv[1]), {'seed': 1}) as folder:\n"
        "    store = FitStore(folder, [])\n"
        "    store.contents[0] = Fit(None, data, data, weight)\n"
        "    try: store.finish(complete=True, report={})\n"
        "    except OutputError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "out")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "cannot write" in done.stdout
    assert done.stderr == ""
    assert names(tmp_path / "out") == {"run.toml"}


@pytest.mark.parametrize(
    "change",
    [
        {"level": 0.95},
        {"seed": 4},
        {"prior": "log"},
        {"masses_mev": [1.0, 10.0, 101.0]},
        {"interaction": "b-l"},
        {"form_factor": "klein-nystrand"},
        {"nuisance_priors": {"flux_8b": "sno"}},
        {"settings": replace(QUICK, draws=61)},
        {"settings": replace(QUICK, gate=Gate())},
    ],
    ids=lambda change: next(iter(change)),
)
def test_another_request_does_not_touch_the_folder(
    change: dict[str, Any], reference: Path, run: Callable[..., Scan]
) -> None:
    before = {p: p.stat().st_mtime_ns for p in reference.iterdir()}
    with pytest.raises(OutputError, match="another run"):
        run(reference, **change)
    assert {p: p.stat().st_mtime_ns for p in reference.iterdir()} == before


def test_runs_source_and_an_edited_card_are_other_requests(
    xenonnt: Experiment, reference: Path
) -> None:
    from bayes_cevns.sources import source

    nuisance = dict(xenonnt.card.nuisance)
    wide = Prior.normal(1.0, 2.0, lower=0.0)
    nuisance["er"] = nuisance["er"].model_copy(update={"prior": wide})
    edited = replace(xenonnt, card=xenonnt.card.model_copy(update={"nuisance": nuisance}))
    recounted = replace(xenonnt, observed=xenonnt.observed + 1)
    for other in (
        xenonnt.select_runs(["sr0", "sr1"]),
        xenonnt.with_source(source("solar_8b_winter2006")),
        edited,
        recounted,
    ):
        with pytest.raises(OutputError, match="another run"):
            scan(
                [other], interaction=NAME, masses_mev=MASSES, settings=QUICK, seed=3, out=reference
            )


def test_cores_and_the_order_of_runs_do_not_make_another_request(
    xenonnt: Experiment, reference: Path, run: Callable[..., Scan]
) -> None:
    assert len(run(reference, settings=replace(QUICK, cores=1)).points) == 3
    same = xenonnt.select_runs(["sr2", "sr0", "sr1"])
    again = scan([same], interaction=NAME, masses_mev=MASSES, settings=QUICK, seed=3, out=reference)
    assert len(again.points) == 3


@pytest.mark.parametrize("seed", [-1, 2**32])
def test_seeds_out_of_range_are_refused_before_anything_is_written(
    seed: int, tmp_path: Path, run: Callable[..., Scan]
) -> None:
    with pytest.raises(ArgumentError, match="seed"):
        run(tmp_path / "out", seed=seed)
    assert not (tmp_path / "out").exists()


def test_the_highest_seed_does_not_overflow(run: Callable[..., Scan]) -> None:
    assert len(run(None, seed=2**32 - 1, masses_mev=[1.0, 10.0]).points) == 2


def test_a_missing_citation_is_found_before_anything_is_sampled(
    xenonnt: Experiment, tmp_path: Path
) -> None:
    card = xenonnt.card.model_copy(update={"cite": ("Nobody:1999xx",)})
    with pytest.raises(UnknownNameError, match="Nobody:1999xx"):
        scan([replace(xenonnt, card=card)], interaction=NAME, masses_mev=[1.0], out=tmp_path / "x")
    assert not (tmp_path / "x").exists()


def test_one_chain_is_refused_because_it_cannot_pass() -> None:
    with pytest.raises(ArgumentError, match="expected chains, a whole number >= 2, got 1"):
        SamplerSettings(chains=1)


def test_too_few_draws_for_an_evidence_are_a_failed_fit_and_not_the_end_of_a_scan(
    run: Callable[..., Scan], tmp_path: Path
) -> None:
    result = run(tmp_path / "out", settings=replace(QUICK, draws=4, tune=1, chains=2))
    assert [point.mass_mev for point in result.failed] == MASSES
    assert all("bridge" in point.fit.reason for point in result.failed)
    assert status(tmp_path / "out") == "complete"
    # No limit that failed has limits of other priors beside it.
    assert all(",false,1,nan,nan," in row for row in rows(tmp_path / "out"))


def test_an_evidence_that_does_not_converge_is_a_failed_fit(
    run: Callable[..., Scan], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = sampling_module.log_evidence
    calls = []

    def second_branch_fails(*args: Any, **options: Any) -> tuple[float, float]:
        calls.append(1)
        if len(calls) == 4:  # the second branch of the second mass
            raise ConvergenceError("did not converge")
        return real(*args, **options)

    monkeypatch.setattr(sampling_module, "log_evidence", second_branch_fails)
    result = run(None)
    assert [point.mass_mev for point in result.failed] == [MASSES[1]]
    assert result.failed[0].fit.reason == "did not converge"


@pytest.fixture
def _listening() -> Iterator[None]:
    """Take SIGINT, and let processes take it: shells make those in the background ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_listening")
def test_control_c_stops_the_sampler_and_does_not_shorten_the_posterior(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nutpie takes Ctrl-C for a wish to end early and returns what it has."""
    real = sampling_module.begin_points
    timers = []

    def timed(*args: Any, **options: Any) -> Any:
        timers.append(threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)))
        timers[-1].start()
        return real(*args, **options)

    monkeypatch.setattr(sampling_module, "begin_points", timed)
    monkeypatch.setattr(engine, "settings", replace(QUICK, draws=200_000))
    start = time.monotonic()
    try:
        with pytest.raises(KeyboardInterrupt):
            engine.fit(10.0, seed=1)
    finally:
        for timer in timers:
            timer.cancel()
    assert time.monotonic() - start < 15.0
    assert len(timers) == 1, "it went on to a second try or branch"


@pytest.mark.usefixtures("_listening")
@pytest.mark.skipif(os.name != "posix", reason="Windows cannot send SIGINT to one process")
def test_control_c_at_the_command_line(xenonnt: Experiment, engine: Engine, tmp_path: Path) -> None:
    """Status 130, one mass or more kept and listed, and the resumed limits are the same."""
    out, whole = tmp_path / "out", tmp_path / "whole"
    masses = [1.0, 10.0, 100.0, 1000.0]
    code = "from bayes_cevns.cli import main; main()"
    words = [
        "scan", "xenonnt_cevns", "--interaction", NAME, "--masses", "1,10,100,1000",
        "--out", str(out), "--draws", "2000", "--cores", "1",
    ]  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-c", code, *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    deadline = time.monotonic() + 600  # it compiles first
    while not (out / "points" / "0000.npz").exists() and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 130, stderr
    assert "Traceback" not in stdout + stderr
    assert "the same command goes on" in stderr
    assert status(out) == "interrupted"
    kept = len(list((out / "points").glob("[0-9]*.npz")))
    assert 1 <= kept < len(masses)
    assert len(rows(out)) == 2 * kept
    assert "exclusion.png" not in names(out)

    settings = SamplerSettings(draws=2000)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ENGINE_FOR, lambda *_: engine)
        patch.setattr(engine, "settings", settings)
        for folder in (out, whole):
            scan([xenonnt], interaction=NAME, masses_mev=masses, settings=settings, out=folder)
    assert_same(out, whole)


def test_combined_draws_of_two_branches_show_no_trend(engine: Engine) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "settings", replace(QUICK, draws=500))
        fit = engine.fit(10.0, seed=1)
    draws = fit.draws()
    assert float(arviz_stats.rhat(draws["coupling_product"].values)) < 1.05
    for branch, weight in enumerate(fit.quality["weight"].values):
        own = np.isin(
            draws["coupling_product"], fit.posterior["coupling_product"].isel(branch=branch)
        )
        assert own.mean() == pytest.approx(weight, abs=0.01)
        assert own[:, :250].mean() == pytest.approx(own[:, 250:].mean(), abs=0.01)


def test_a_sample_is_read_again_and_not_sampled_again(
    xenonnt: Experiment, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ENGINE_FOR, lambda *_: engine)
    options = {"interaction": NAME, "mass_mev": 10.0, "settings": QUICK, "out": tmp_path / "one"}
    first = sample([xenonnt], **options)
    monkeypatch.setattr(Engine, "begin", lambda *_, **__: pytest.fail("sampled again"))
    second = sample([xenonnt], **options)
    np.testing.assert_array_equal(first.posterior["coupling"], second.posterior["coupling"])
    assert second.prior == first.prior
    with pytest.raises(OutputError, match="another run"):
        sample([xenonnt], **{**options, "mass_mev": 11.0})


def test_figure_shows_lone_masses_and_marks_failed_ones(run: Callable[..., Scan]) -> None:
    result = run(None)
    failed = replace(result.points[1].fit, quality=result.points[1].fit.quality.copy(deep=True))
    failed.quality["passed"][:] = False
    result.points[1] = replace(result.points[1], fit=failed)
    figure = exclusion_figure(result)
    (legend,) = figure.legends
    assert "fit failed" in [text.get_text() for text in legend.get_texts()]
    assert [axes.get_title(loc="left") for axes in figure.axes] == [
        r"$g_\nu g_f > 0$",
        r"$g_\nu g_f < 0$",
    ]
    for axes in figure.axes:
        crosses = [line for line in axes.get_lines() if line.get_marker() == "x"]
        assert [list(line.get_xdata()) for line in crosses] == [[MASSES[1]]]
        points = [line for line in axes.get_lines() if line.get_marker() == "o"]
        shown = {float(mass) for line in points for mass in line.get_xdata()}
        assert shown == {1.0, 100.0}, "a mass without neighbours has points at its edges"


@pytest.mark.parametrize("first", [0, 1])
def test_gate_does_not_forget_a_parameter_that_never_moved(first: int) -> None:
    """R-hat of a constant chain is NaN, whichever parameter it is."""
    moving = np.random.default_rng(1).normal(size=(4, 1000))
    order = [np.full((4, 1000), 0.5), moving] if first == 0 else [moving, np.full((4, 1000), 0.5)]
    draws = xr.Dataset({name: (("chain", "draw"), v) for name, v in zip("ab", order, strict=True)})
    report = Gate().check(draws, divergences=0)
    assert not report.passed
    assert f"R-hat nan of {'ab'[first]}" in report.reason
