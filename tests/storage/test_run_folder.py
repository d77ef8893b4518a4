"""The folder of a run, with an invented study: what is kept counts, and the rest follows."""

from __future__ import annotations

import errno
import os
import shutil
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import tomlkit
from numpy.typing import NDArray

from bayes_cevns.errors import ArgumentError, DataError, OutputError, RepairWarning
from bayes_cevns.storage.folder import RunFolder
from bayes_cevns.storage.kept_run import ledger_in
from bayes_cevns.storage.lock import Lock
from bayes_cevns.storage.record import identity, read_run
from bayes_cevns.storage.values import plain, rebuilt

REQUEST = {"kind": "invented", "masses_mev": [1.0, 10.0], "seed": 1}
FITS, POINTS = 4, 2

pytestmark = pytest.mark.filterwarnings("ignore::bayes_cevns.errors.RepairWarning")


@pytest.fixture(autouse=True, scope="module")
def _few_data() -> Iterator[None]:
    """A record of one data file: those of the package take most of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bayes_cevns.storage.record.used_checksums", lambda: {"a/b.nc": "0" * 64})
        yield


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A finished study and one that was interrupted before its last fit."""
    found = {name: tmp_path_factory.mktemp("examples") / name for name in ("finished", "cut")}
    study(found["finished"])
    with pytest.raises(KeyboardInterrupt):
        study(found["cut"], stop=POINTS + FITS - 1)
    assert read_run(found["cut"])["status"] == "interrupted"
    return found


def study(out: Path, *, stop: int = 99, posterior: bool = False) -> list[str]:
    """Do what is left of a study with points and a ledger; return what was computed."""
    made = []

    def computed(what: str) -> None:
        if len(made) == stop:
            raise KeyboardInterrupt
        made.append(what)

    with RunFolder(out, REQUEST) as folder:
        done = folder.sealed_posterior()
        ledger = ledger_in(folder, "toys.csv", ("fit", "value"), key=("fit",))
        for number in range(POINTS):
            if not (done and done.complete) and folder.kept(number) is None:
                computed(f"point {number}")
                folder.keep(number, {"x": number / 3}, {"draws": np.full(5, number / 7)})
        for fit in range(FITS):
            if str(fit) not in {row["fit"] for row in ledger.rows}:
                computed(f"fit {fit}")
                ledger.append({"fit": fit, "value": repr(fit / 3)})
        total = sum(float(row["value"]) for row in ledger.rows)
        folder.write("limits.csv", f"total\n{total!r}\n")
        folder.write("citations.bib", "@article{a}\n")
        content = None
        if posterior and not (done and done.complete):
            kept = [point for number in range(POINTS) if (point := folder.kept(number))]
            content = b"".join(point.arrays["draws"].tobytes() for point in kept)
        folder.finish_with(
            content, complete=True, report={"total": total}, keep_points=not posterior
        )
    return made


def contents(out: Path) -> dict[str, str | bytes]:
    """Return what is in a folder but for the time at which its record was written.

    Of a ledger the order does not count, of a checkpoint the time that its archive has.
    """
    found: dict[str, str | bytes] = {}
    for path in sorted(p for p in out.rglob("*") if p.is_file()):
        name = str(path.relative_to(out))
        if path.suffix == ".npz":
            with np.load(path) as stored:
                found[name] = b"".join(stored[key].tobytes() for key in sorted(stored.files))
        elif name == "toys.csv":
            found[name] = "".join(sorted(path.read_text().splitlines(keepends=True)))
        elif name == "run.toml":
            record = tomllib.loads(path.read_text())
            found[name] = repr({k: v for k, v in record.items() if k != "written"})
        else:
            found[name] = path.read_bytes()
    return found


def flip(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 0x01]) + content[middle + 1 :]


DAMAGES: dict[str, Callable[[bytes], bytes | None]] = {
    "deleted": lambda _: None,
    "empty": lambda _: b"",
    "half": lambda c: c[: len(c) // 2],
    "zeroed": lambda c: bytes(len(c)),
    "flipped": flip,
    "first byte": lambda c: bytes([c[0] ^ 0x01]) + c[1:],
    "last byte": lambda c: c[:-1] + bytes([c[-1] ^ 0x01]),
    "longer": lambda c: c + b"more\n",
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("example", ["finished", "cut"])
def test_a_damaged_file_is_made_again_and_nothing_else(
    example: str, damage: str, examples: dict[str, Path], tmp_path: Path
) -> None:
    whole = contents(examples["finished"])
    for name in contents(examples[example]):
        out = tmp_path / name.replace("/", "-")
        shutil.copytree(examples[example], out)
        content = DAMAGES[damage]((out / name).read_bytes())
        (out / name).unlink()
        if content is not None:
            (out / name).write_bytes(content)
        made = set(study(out))
        assert contents(out) == whole, name
        again = made - ({"fit 3"} if example == "cut" else set())
        if name.startswith("points/"):
            assert again <= {f"point {int(Path(name).stem)}"}
        elif name == "toys.csv" and damage in ("deleted", "empty", "zeroed", "half"):
            assert again <= {f"fit {number}" for number in range(FITS)}
        elif name == "toys.csv":
            assert len(again) <= 1, "one row does not take another with it"
        else:
            assert again == set(), "what follows from the rest costs nothing"


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", ["run.toml", "posterior.nc"])
def test_a_posterior_says_whose_it_is(name: str, damage: str, tmp_path: Path) -> None:
    study(tmp_path, posterior=True)
    assert not (tmp_path / "points").exists()
    before = contents(tmp_path)
    content = DAMAGES[damage]((tmp_path / name).read_bytes())
    (tmp_path / name).unlink()
    if content is not None:
        (tmp_path / name).write_bytes(content)
    if name == "posterior.nc":
        with RunFolder(tmp_path, REQUEST) as folder:
            assert folder.sealed_posterior() is None
    else:
        assert study(tmp_path, posterior=True) == []
        assert contents(tmp_path) == before


def test_an_edited_product_is_written_again_and_said_in_one_line(tmp_path: Path) -> None:
    study(tmp_path)
    right = (tmp_path / "limits.csv").read_text()
    (tmp_path / "limits.csv").write_text("total\n0.1\n")
    (tmp_path / "citations.bib").unlink()
    with pytest.warns(RepairWarning) as said:
        study(tmp_path)
    assert [str(each.message) for each in said] == [
        f"{tmp_path / 'limits.csv'} was altered or damaged: it is written again",
        f"{tmp_path / 'citations.bib'} was missing: it is written again",
    ]
    assert (tmp_path / "limits.csv").read_text() == right
    before = {p: p.stat().st_mtime_ns for p in tmp_path.iterdir()}
    study(tmp_path)
    assert {p: p.stat().st_mtime_ns for p in tmp_path.iterdir()} == before, "nothing is written"


def edited(out: Path, **changes: object) -> None:
    record = tomllib.loads((out / "run.toml").read_text())
    (out / "run.toml").write_text(tomlkit.dumps(record | changes))


def test_an_edited_request_is_not_believed(tmp_path: Path) -> None:
    """Draws of 10 MeV do not turn into draws of 100 MeV."""
    study(tmp_path)
    other = {**REQUEST, "masses_mev": [1.0, 100.0]}
    edited(tmp_path, request=other)
    with pytest.raises(DataError, match=r"run\.toml was altered or damaged \(its request, data"):
        read_run(tmp_path)
    with pytest.raises(OutputError, match="cannot be read"):
        RunFolder(tmp_path, other)
    edited(tmp_path, request=other, identity=identity(other))
    with pytest.raises(OutputError, match="another run"):
        RunFolder(tmp_path, REQUEST)
    with RunFolder(tmp_path, other) as folder:  # what is kept there tells
        assert folder.kept(0) is None
        assert ledger_in(folder, "toys.csv", ("fit", "value"), key=("fit",)).rows == []


def test_the_command_of_the_run_mends_an_edited_request(tmp_path: Path) -> None:
    study(tmp_path)
    before = contents(tmp_path)
    edited(tmp_path, request={**REQUEST, "seed": 2})
    with pytest.warns(RepairWarning, match=r"run\.toml was altered or damaged: it is written"):
        assert study(tmp_path) == []
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    "changes",
    [
        *({"identity": 5}, {"identity": "no"}, {"status": 3}, {"status": "done"}),
        *({"request": "x"}, {"request": 1.5}, {"report": []}, {"products": 5}),
        *({"data": "x"}, {"data": {"a": 1}}, {"versions": [1]}, {"versions": {"bayes_cevns": 1}}),
    ],
    ids=str,
)
def test_wrong_types_in_a_record_are_one_line(changes: dict[str, object], tmp_path: Path) -> None:
    study(tmp_path)
    before = contents(tmp_path)
    edited(tmp_path, **changes)
    with pytest.raises(DataError, match=r"^[^\n]*run\.toml[^\n]*$"):
        read_run(tmp_path)
    assert study(tmp_path) == [], "what is kept there is ours, whatever the record says"
    assert contents(tmp_path) == before


def test_points_of_two_runs_are_not_claimed(tmp_path: Path) -> None:
    study(tmp_path / "one")
    with RunFolder(tmp_path / "two", {**REQUEST, "seed": 2}) as two:
        two.keep(1, {}, {})
    (tmp_path / "two/points/0001.npz").replace(tmp_path / "one/points/0001.npz")
    (tmp_path / "one/run.toml").unlink()
    with pytest.raises(OutputError, match="holds no run"):
        RunFolder(tmp_path / "one", REQUEST)


def test_runs_in_folders_below_tell_whose_a_folder_is(tmp_path: Path) -> None:
    parts = {"fit": {"seed": 1}, "fit_log": {"seed": 2}}
    with RunFolder(tmp_path, REQUEST, parts=parts) as folder:
        folder.write("table.csv", "a\n")
        with RunFolder(tmp_path / "fit", parts["fit"]):
            pass
    (tmp_path / "run.toml").unlink()
    for other in ({}, {"fit": {"seed": 3}}):
        with pytest.raises(OutputError, match="holds no run"):
            RunFolder(tmp_path, REQUEST, parts=other)
    with (
        pytest.warns(RepairWarning, match="was missing"),
        RunFolder(tmp_path, REQUEST, parts=parts) as again,
    ):
        assert again.status == "interrupted"


@pytest.mark.parametrize("kept", [False, True])
@pytest.mark.parametrize("existed", [False, True])
def test_a_refusal_leaves_no_new_folder_unless_something_is_kept(
    existed: bool, kept: bool, tmp_path: Path
) -> None:
    out = tmp_path / "deep" / "out"
    if existed:
        out.mkdir(parents=True)

    def late() -> None:
        with RunFolder(out, REQUEST) as folder:
            ledger = ledger_in(folder, "toys.csv", ("fit", "value"), key=("fit",))
            if kept:
                ledger.append({"fit": 0, "value": 1})
            folder.write("citations.bib", "a\nb\n")
            raise ArgumentError("late")

    with pytest.raises(ArgumentError):
        late()
    if kept or existed:
        assert read_run(out)["status"] == "interrupted"
    else:
        assert list(tmp_path.iterdir()) == []


def test_a_folder_in_use_is_refused_and_left(tmp_path: Path) -> None:
    with RunFolder(tmp_path, REQUEST):
        before = contents(tmp_path)
        with pytest.raises(OutputError, match="is in use by process"):
            RunFolder(tmp_path, REQUEST)
        with pytest.raises(OutputError, match="another run"):
            RunFolder(tmp_path, {**REQUEST, "seed": 2})
        assert contents(tmp_path) == before
    study(tmp_path)


def test_a_finished_run_can_be_read_where_nothing_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> Lock:
        raise OSError(errno.EROFS, "Read-only file system")

    with pytest.raises(KeyboardInterrupt):
        study(tmp_path / "half", stop=1)
    study(tmp_path / "whole")
    monkeypatch.setattr(Lock, "acquire", refused)
    assert study(tmp_path / "whole") == []
    with pytest.raises(OutputError, match=r"cannot write to .*Read-only file system"):
        study(tmp_path / "half")


def test_a_finished_file_outlives_a_power_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its name is in the folder, which has to be flushed as well (fsync(2), notes)."""
    flushed: list[Path] = []
    real = os.fsync

    def noted(handle: int) -> None:
        flushed.append(Path(f"/proc/self/fd/{handle}").resolve())
        real(handle)

    if not Path("/proc/self/fd").is_dir():
        pytest.skip("this system does not tell which file a handle is of")
    with RunFolder(tmp_path, REQUEST) as folder:
        monkeypatch.setattr(os, "fsync", noted)
        folder.keep(0, {}, {})
        assert flushed[-1] == (tmp_path / "points").resolve()
        assert tmp_path.resolve() in flushed, "the folder of the points is new"
        flushed.clear()
        folder.write("limits.csv", "a\n")
        assert flushed[-1] == tmp_path.resolve()


@dataclass(frozen=True)
class Piece:
    low: float
    name: str | None


@dataclass(frozen=True, eq=False)
class Result:
    pieces: tuple[Piece, ...]
    pair: tuple[int, float]
    values: NDArray[np.float64]
    known: dict[str, float]
    one: Piece | None
    flag: bool = False


RESULTS = [
    Result((Piece(0.1 + 0.2, "a"),), (1, 1.0), np.array([1 / 3, np.nan]), {"x": np.inf}, None),
    Result((), (0, -0.0), np.array([]), {}, Piece(-np.inf, None), flag=True),
]


@pytest.mark.parametrize("value", RESULTS)
def test_values_are_rebuilt_to_the_last_digit(value: Result) -> None:
    again = rebuilt(Result, plain(value))
    assert repr(again) == repr(value)
    assert again.values.dtype == float
    assert plain(np.float32(0.5)) == 0.5
    assert type(plain(np.int64(3))) is int
    with pytest.raises((TypeError, KeyError)):
        rebuilt(Result, {"other": 1})
