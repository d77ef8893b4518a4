"""Run directories with invented fits: what is read back, what is refused, what is left behind."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from bayes_cevns.couplings.priors import CouplingPrior
from bayes_cevns.errors import DataError, OutputError
from bayes_cevns.storage import atomic
from bayes_cevns.storage.folder import RunFolder
from bayes_cevns.storage.ledger import Ledger
from bayes_cevns.storage.record import identity, read_run
from bayes_cevns.studies.fit_files import FitStore
from bayes_cevns.summary.fit import Fit

MASSES = [1.0, 10.0]
REQUEST = {"masses_mev": MASSES, "seed": 1, "settings": {"draws": 5}}
GROUPS = ("posterior", "sample_stats", "quality")
PRIOR = CouplingPrior("flat", True, 0.0, 0.1 + 0.2, -1.0, 1.0, 1.0 / 3.0)


def invented_fit(seed: int = 1) -> Fit:
    rng = np.random.default_rng(seed)
    dims = ("branch", "chain", "draw")
    posterior = xr.Dataset(
        {
            "coupling_product": (dims, rng.normal(size=(2, 3, 5))),
            "x.ac": ((*dims, "x.run"), rng.normal(size=(2, 3, 5, 2))),
        },
        coords={"chain": np.arange(3), "draw": np.arange(5), "x.run": ["sr0", "sr1"]},
    )
    stats = xr.Dataset({"diverging": (dims, rng.uniform(size=(2, 3, 5)) < 0.5)})
    quality = xr.Dataset(
        {
            "weight": ("branch", [1.0 / 3.0, 2.0 / 3.0]),
            "log_evidence_error": ("branch", [np.nan, 0.1]),
            "attempts": ("branch", [1, 3]),
            "passed": ("branch", [True, False]),
            "reason": ("branch", np.array(["", "R-hat 1.2 of tly\nabove 1.01"], dtype=object)),
        }
    )
    return Fit(PRIOR, posterior, stats, quality)


def first_branch(fit: Fit) -> Fit:
    return Fit(fit.prior, *(getattr(fit, name).isel(branch=[0]) for name in GROUPS))


@contextmanager
def opened(path: Path | str, masses_mev: Sequence[float] = MASSES) -> Iterator[FitStore]:
    with RunFolder(path, REQUEST) as folder:
        yield FitStore(folder, [], masses_mev=masses_mev)


def status(store: FitStore) -> str:
    assert store.folder is not None
    return store.folder.status


def finished(path: Path) -> None:
    with opened(path) as store:
        for number in (0, 1):
            store.keep(number, invented_fit(number + 1))
        store.finish(complete=True, report={})


def kept_fits(path: Path, masses_mev: Sequence[float] = MASSES) -> dict[int, Fit]:
    """Return the fits that a folder has, from its checkpoints or from its posterior."""
    with opened(path, masses_mev) as store:
        store.look(len(masses_mev))
        return store.contents


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def assert_equal(one: Fit, two: Fit) -> None:
    xr.testing.assert_identical(one.posterior, two.posterior)
    xr.testing.assert_identical(one.sample_stats, two.sample_stats)
    for name in one.quality:
        np.testing.assert_array_equal(
            one.quality[name].values.astype(str), two.quality[name].values.astype(str)
        )


def test_masses_with_fewer_branches_have_absent_ones(tmp_path: Path) -> None:
    """They hold nothing, and are gone when the run is read again."""
    masses = [1.0, 10.0, 100.0]
    fits = [invented_fit(1), first_branch(invented_fit(2)), invented_fit(3)]
    with opened(tmp_path, masses) as store:
        for number, fit in enumerate(fits):
            store.keep(number, fit)
        tree = store.tree()
        store.finish(complete=True, report={})
    absent = {name: tree[f"branches/{name}"].to_dataset().isel(mass=1, branch=1) for name in GROUPS}
    assert np.isnan(absent["posterior"]["coupling_product"]).all()
    assert not absent["sample_stats"]["diverging"].any()
    found = absent["quality"]
    assert (float(found["weight"]), int(found["attempts"])) == (0.0, 0)
    assert bool(found["passed"])
    assert str(found["reason"].values) == ""
    read = kept_fits(tmp_path, masses)
    assert list(read) == [0, 1, 2]
    for number, fit in enumerate(fits):
        assert read[number].passed == fit.passed
        assert_equal(read[number], fit)


def test_a_checkpoint_is_read_back_bit_for_bit(tmp_path: Path) -> None:
    fit = invented_fit()
    masses = list(range(1, 10))
    with opened(tmp_path / "run", masses) as store:
        store.keep(7, fit)
    kept = kept_fits(tmp_path / "run", masses)
    assert list(kept) == [7]
    assert kept[7].prior == PRIOR
    assert_equal(kept[7], fit)
    assert kept[7].reason == fit.reason
    assert not kept[7].passed


def test_a_path_may_be_a_text(tmp_path: Path) -> None:
    with opened(str(tmp_path / "run")) as store:
        store.keep(1, invented_fit())
    assert_equal(kept_fits(tmp_path / "run")[1], invented_fit())


def test_a_complete_run_is_read_back_and_has_no_checkpoints(tmp_path: Path) -> None:
    finished(tmp_path / "run")
    assert names(tmp_path / "run") == {"run.toml", "posterior.nc"}
    fits = kept_fits(tmp_path / "run")
    for number, seed in ((0, 1), (1, 2)):
        assert_equal(fits[number], invented_fit(seed))
        assert fits[number].prior == PRIOR


def test_notes_and_priors_of_fits_are_read_back(tmp_path: Path) -> None:
    """From a checkpoint and from the posterior alike, also what JSON has no number for."""
    notes = {"ratios": {"log": [0.1 + 0.2, float("nan")]}}
    fits = [replace(invented_fit(1), notes=notes), replace(invented_fit(2), prior=None)]
    with opened(tmp_path / "run") as store:
        for number, fit in enumerate(fits):
            store.keep(number, fit)
    by_points = kept_fits(tmp_path / "run")
    with opened(tmp_path / "run") as store:
        store.look(2)
        store.finish(complete=True, report={})
    for read in (by_points, kept_fits(tmp_path / "run")):
        first, second = read[0].notes["ratios"]["log"]
        assert first == 0.1 + 0.2
        assert np.isnan(second)
        assert read[0].prior == PRIOR
        assert read[1].prior is None


def test_fits_by_name_are_below_their_names(tmp_path: Path) -> None:
    places = ("one", "two")
    with RunFolder(tmp_path / "run", REQUEST) as folder:
        store = FitStore(folder, [], names=places)
        for number in (0, 1):
            store.keep(number, invented_fit(number + 1))
        store.finish(complete=True, report={})
    with xr.open_datatree(tmp_path / "run" / "posterior.nc") as tree:
        assert set(tree.children) == {*places, "observed_data"}
        joined = tree["two/posterior"].to_dataset().load()
    xr.testing.assert_equal(joined, invented_fit(2).draws())
    with RunFolder(tmp_path / "run", REQUEST) as folder:
        read = FitStore(folder, [], names=places).contents
    for number in (0, 1):
        assert_equal(read[number], invented_fit(number + 1))


def test_a_finished_posterior_is_not_written_again(tmp_path: Path) -> None:
    finished(tmp_path / "run")
    before = (tmp_path / "run" / "posterior.nc").stat().st_mtime_ns
    with opened(tmp_path / "run") as store:
        store.finish(complete=True, report={})
    assert (tmp_path / "run" / "posterior.nc").stat().st_mtime_ns == before


def test_an_unfinished_run_is_not_complete(tmp_path: Path) -> None:
    with opened(tmp_path / "run") as store:
        assert status(store) == "running"
        store.finish(complete=False, report={"finished": 0})
        assert status(store) == "interrupted"
    assert kept_fits(tmp_path / "run") == {}
    assert names(tmp_path / "run") == {"run.toml"}


def test_an_unfinished_run_keeps_its_checkpoints_beside_its_posterior(tmp_path: Path) -> None:
    with opened(tmp_path / "run") as store:
        store.keep(0, invented_fit(1))
        store.finish(complete=False, report={})
    assert {"points/0000.npz", "posterior.nc"} <= names(tmp_path / "run")
    kept = kept_fits(tmp_path / "run")
    assert list(kept) == [0]
    assert_equal(kept[0], invented_fit(1))


@pytest.mark.parametrize("where", [0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.999])
def test_one_wrong_byte_in_a_finished_posterior_is_noticed(where: float, tmp_path: Path) -> None:
    """HDF5 reads damaged numbers without complaint, and some damaged headers for ever."""
    finished(tmp_path / "run")
    path = tmp_path / "run" / "posterior.nc"
    content = bytearray(path.read_bytes())
    content[int(where * len(content))] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(OutputError, match="altered or damaged"):
        kept_fits(tmp_path / "run")


@pytest.mark.parametrize("content", [None, b"", b"CDF\x01", b"\x89HDF\r\n\x1a\n"])
def test_a_missing_or_truncated_posterior_is_an_output_error(
    content: bytes | None, tmp_path: Path
) -> None:
    finished(tmp_path / "run")
    path = tmp_path / "run" / "posterior.nc"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(OutputError, match=r"posterior\.nc .*remove"):
        kept_fits(tmp_path / "run")


DAMAGED = {
    "empty": b"",
    "binary": b"\x9f\xff\x00 binary",
    "no toml": b"identity = ",
    "no identity": b"status = 'complete'",
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_record_is_an_error_where_nothing_else_tells_whose_the_folder_is(
    content: bytes, tmp_path: Path
) -> None:
    with RunFolder(tmp_path / "run", REQUEST) as folder:
        folder.write("limits.csv", "mass_mev\n1\n")
    record = tmp_path / "run" / "run.toml"
    record.write_bytes(content)
    with pytest.raises(OutputError, match="cannot be read: choose another --out"):
        RunFolder(tmp_path / "run", REQUEST)
    assert record.read_bytes() == content
    with pytest.raises(DataError, match=r"run\.toml"):
        read_run(tmp_path / "run")


def test_a_record_that_is_a_folder_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "run.toml").mkdir()
    with pytest.raises(OutputError, match="cannot be read"):
        RunFolder(tmp_path, REQUEST)


@pytest.mark.parametrize(
    "path",
    ["file", "file/below", "link", "/dev/null", "/proc/bayes-cevns", "n" * 300],
)
@pytest.mark.skipif(os.name != "posix", reason="/dev, /proc and links of POSIX are what is tried")
def test_impossible_folders_are_output_errors(path: str, tmp_path: Path) -> None:
    """Root may write anywhere, so that permissions would not do here."""
    (tmp_path / "file").write_text("precious")
    (tmp_path / "link").symlink_to(tmp_path / "link")
    with pytest.raises(OutputError, match="cannot write to"):
        RunFolder(tmp_path / path, REQUEST)
    assert (tmp_path / "file").read_text() == "precious"


def test_a_foreign_file_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "posterior.nc").write_text("of somebody else")
    with pytest.raises(OutputError, match=r"holds no run \(found 'posterior.nc'\)"):
        RunFolder(tmp_path, REQUEST)
    assert names(tmp_path) == {"posterior.nc"}


def test_what_a_killed_process_left_is_neither_in_the_way_nor_kept(tmp_path: Path) -> None:
    """Killed while it wrote its first file: a folder with a temporary file and no record."""
    script = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom bayes_cevns.storage import atomic\n"
        "with atomic.path(Path(sys.argv[1])):\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "x.toml")], check=False)
    (stray,) = tmp_path.iterdir()
    assert atomic.is_temporary(stray)
    with RunFolder(tmp_path, REQUEST):
        pass
    assert names(tmp_path) == {"run.toml"}


@pytest.mark.parametrize(
    "change", [{"seed": 2}, {"masses_mev": [1.0, 10.0, 100.0]}, {"settings": {"draws": 6}}]
)
def test_a_folder_holds_one_request(change: dict[str, object], tmp_path: Path) -> None:
    finished(tmp_path / "run")
    with pytest.raises(OutputError, match="another run"):
        RunFolder(tmp_path / "run", {**REQUEST, **change})


def test_identity_is_that_of_the_request_the_data_and_the_version(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    turned = dict(reversed(REQUEST.items()))
    assert identity(turned) == identity(REQUEST)
    assert identity({**REQUEST, "seed": 2}) != identity(REQUEST)
    before = identity(REQUEST)
    with monkeypatch.context() as patch:
        patch.setattr("bayes_cevns.storage.record.__version__", "0.0.0")
        assert identity(REQUEST) != before
    with monkeypatch.context() as patch:
        patch.setattr("bayes_cevns.storage.record.used_checksums", dict)
        assert identity(REQUEST) != before


def test_checkpoints_of_another_request_are_not_taken(tmp_path: Path) -> None:
    with (
        RunFolder(tmp_path / "one", REQUEST) as one,
        RunFolder(tmp_path / "two", {**REQUEST, "seed": 2}) as two,
    ):
        FitStore(one, [], masses_mev=MASSES).keep(0, invented_fit())
        (two.path / "points").mkdir()
        (one.path / "points" / "0000.npz").rename(two.path / "points" / "0000.npz")
        store = FitStore(two, [], masses_mev=MASSES)
        store.look(2)
        assert store.contents == {}


def full(*_: object, **__: object) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize(
    ("broken", "action"),
    [
        ("numpy.savez", lambda store: store.keep(1, invented_fit())),
        ("os.fsync", lambda store: store.keep(1, invented_fit())),
        ("os.fsync", lambda store: store.writable.write("limits.csv", "new")),
        ("os.fsync", lambda store: store.finish(complete=True, report={})),
        ("pathlib.Path.replace", lambda store: store.writable.write("limits.csv", "new")),
        ("xarray.DataTree.to_netcdf", lambda store: store.finish(complete=True, report={})),
    ],
)
def test_a_full_disk_leaves_everything_as_it_was(
    broken: str, action: Callable[[FitStore], None], tmp_path: Path
) -> None:
    with RunFolder(tmp_path / "run", REQUEST) as folder:
        store = FitStore(folder, [], masses_mev=MASSES)
        store.keep(0, invented_fit())
        folder.write("limits.csv", "old")
        before = {p: p.read_bytes() for p in (tmp_path / "run").rglob("*") if p.is_file()}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(broken, full)
            with pytest.raises(OutputError, match=r"cannot write to .*No space left on device"):
                action(store)
        after = {p: p.read_bytes() for p in (tmp_path / "run").rglob("*") if p.is_file()}
        assert after == before
        assert list(store.contents) == [0]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_an_atomic_file_is_whole_or_as_before(error: type[BaseException], tmp_path: Path) -> None:
    final = tmp_path / "limits.csv"
    atomic.write_text(final, "old")

    def fail() -> None:
        with atomic.path(final) as temporary:
            temporary.write_text("ne")
            raise error

    with pytest.raises(error):
        fail()
    assert final.read_text() == "old"
    assert names(tmp_path) == {"limits.csv"}
    atomic.write_bytes(final, b"new")
    assert final.read_text() == "new"


@pytest.mark.parametrize("umask", [0o022, 0o002, 0o077])
@pytest.mark.skipif(os.name != "posix", reason="modes are those of POSIX")
def test_files_and_folders_have_the_mode_that_open_gives(umask: int, tmp_path: Path) -> None:
    before = os.umask(umask)
    try:
        with RunFolder(tmp_path / "run", REQUEST) as folder:
            FitStore(folder, [], masses_mev=MASSES).keep(0, invented_fit())
            folder.write("limits.csv", "new")
            Ledger(folder.path / "toys.csv", ("toy",), key=("toy",))
            modes = {p: p.stat().st_mode & 0o777 for p in tmp_path.rglob("*")}
    finally:
        os.umask(before)
    assert len(modes) == 7
    for path, mode in modes.items():
        assert mode == (0o777 if path.is_dir() else 0o666) & ~umask, path
