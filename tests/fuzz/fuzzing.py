"""How this folder fuzzes: how many examples, what a command may do, and what counts as a fault.

The property is the same everywhere: success, or one line that says what is wrong (exit status 2,
or an error of `bayes_cevns.errors`), soon, with nothing half-written and no number that is not
finite. In `make test` there are few examples, the same every time; `make fuzz` asks for many.
"""

from __future__ import annotations

import csv
import math
import os
import re
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from bayes_cevns.cli import main
from bayes_cevns.errors import BayesCevnsError, BayesCevnsWarning
from bayes_cevns.inference.sampler import Sampler

#: So many times the examples of `make test`, drawn anew at each run.
LONGER = int(os.environ.get("BAYES_CEVNS_FUZZ", "1"))

#: Seconds of this process that a refusal, or something small, may take.
PATIENCE_SECONDS = 10.0

#: Exit statuses: success, refused, not converged.
SUCCESS, REFUSED, NOT_CONVERGED = 0, 2, 3

#: How far a run is, in a log.
PROGRESS = re.compile(r"\S+: [\d,]+ of [\d,]+ points")

type Words = list[str]


def fuzzed(examples: int) -> settings:
    """Return the settings of a test with so many examples in `make test`."""
    return settings(
        max_examples=examples * LONGER,
        derandomize=LONGER == 1,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate, *([Phase.shrink] if LONGER > 1 else [])],
    )


class EnoughError(BaseException):
    """All that was asked for is checked, and sampling would begin."""


@contextmanager
def nothing_is_sampled() -> Iterator[None]:
    """Context in which a study that would sample ends there: to sample takes minutes."""

    def stop(*_: Any, **__: Any) -> None:
        raise EnoughError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Sampler, "begin", stop)
        yield


@dataclass(frozen=True)
class Outcome:
    """What a command did; status ``None`` where sampling would have begun."""

    status: int | None
    out: str
    err: str


def command(words: Sequence[str], folder: Path) -> Outcome:
    """Run the command line in this process and an empty folder, and check what it may do.

    What it prints goes to real files: the package closes them by their numbers.
    """
    texts = [folder / "stdout", folder / "stderr"]
    status: int | None = None
    before = time.process_time()
    with pytest.MonkeyPatch.context() as patch, nothing_is_sampled():
        patch.setattr(sys, "argv", ["bayes-cevns", *words])
        patch.chdir(folder)
        with (
            texts[0].open("w", encoding="utf-8", errors="surrogateescape") as out,
            texts[1].open("w", encoding="utf-8", errors="surrogateescape") as err,
            redirect_stdout(out),
            redirect_stderr(err),
        ):
            try:
                main()
            except SystemExit as exit_:
                status = int(exit_.code or 0)
            except EnoughError:
                pass
    seconds = time.process_time() - before
    said = [text.read_text(encoding="utf-8", errors="surrogateescape") for text in texts]
    found = Outcome(status, *said)
    check(found, folder / "out", words)
    assert seconds < PATIENCE_SECONDS, (seconds, words)
    return found


def check(found: Outcome, out: Path, words: object) -> None:
    """Check the outcome of a command that was asked to write to a folder."""
    assert found.status in (None, SUCCESS, REFUSED, NOT_CONVERGED), (words, found)
    assert "Traceback" not in found.err, (words, found.err)
    if found.status == REFUSED:
        errors = [
            line
            for line in found.err.splitlines()
            if not line.startswith(("bayes-cevns: warning: ", "no --out: "))
            and not PROGRESS.match(line)
        ]
        assert len(errors) == 1, (words, found.err)
        assert errors[0].startswith("bayes-cevns: "), (words, found.err)
        assert not out.exists(), (words, sorted(out.rglob("*")))
    assert not list(out.rglob("*.tmp")), words
    if found.status == SUCCESS:
        for table in out.rglob("*.csv"):
            check_finite(table)


def check_finite(table: Path) -> None:
    """Check that no cell of a table is a number that is not finite; empty ones say none."""
    with table.open(encoding="utf-8", newline="") as stream:
        for row in csv.reader(stream):
            for cell in row:
                assert not _is_not_finite(cell), (table.name, row)


def _is_not_finite(cell: str) -> bool:
    try:
        return not math.isfinite(float(cell))
    except ValueError:
        return False


def succeeds_or_says(call: Callable[[], Any]) -> Any:
    """Return what a function of the package returns, or ``None`` if it says what is wrong.

    Any other error is a fault. Its own warnings are allowed, those of others are errors.
    """
    found, said = None, "success"
    before = time.process_time()
    with nothing_is_sampled(), warnings.catch_warnings():
        warnings.simplefilter("ignore", BayesCevnsWarning)
        try:
            found = call()
        except BayesCevnsError as error:
            said = str(error)
        except EnoughError:
            pass
    seconds = time.process_time() - before
    assert seconds < PATIENCE_SECONDS, (seconds, said)
    assert len(said.splitlines()) == 1, said
    return found


@contextmanager
def empty_folder() -> Iterator[Path]:
    """Context with a folder of its own for one example."""
    folder = Path(tempfile.mkdtemp(prefix="bayes-cevns-fuzz-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


#: Words that are something else than what was meant: numbers at the edges, and other notations.
JUNK = (
    *("", " ", "-", "--", "--nope", "-1", "0", "-0.0", "1e-400", "1e400", "nan", "inf", "1_0"),
    *("1,,2", ",", ":", "1:2", "1:2:3", "0:0:0", "10:1:5", "1:1e3:1000000000", "1:2:3:4", "1/0"),
    *("=", "a=b", "u=1", "u=nan", "u=1/0,d=2", "eps_ee_u=1e400", "eps_emu_d=0.1@", "ee_u:ee_d"),
    *("toy:1", "toy:-1", "toy:x", "asimov", "1.0+-0.0", "1+-1", "flux_8b=1+-nan", "uniform:1:0"),
    *("[b-l]", "{x}", "%s", "é", "\udcff", "\t", "x" * 3000, "../..", "/dev/null", ".", "~", "@"),
    *("b-l", "sm", "vector", "xenonnt_cevns", "conus_plus", "solar_8b", "Xe", "(((", "Xe0", "H-1"),
)


def words() -> st.SearchStrategy[str]:
    """Return words of a command line: junk of use elsewhere, numbers, and any text."""
    numbers = st.one_of(
        st.floats(allow_nan=True, allow_infinity=True).map(repr),
        st.integers(-(10**20), 10**20).map(str),
        st.floats(1e-3, 1e3).map("{:.3g}".format),
    )
    text = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
    return st.one_of(st.sampled_from(JUNK), numbers, text)


def edited(text: str) -> st.SearchStrategy[str]:
    """Return texts of files with up to three edits of their lines, words or characters."""

    @st.composite
    def edits(draw: st.DrawFn) -> str:
        found = text
        for _ in range(draw(st.integers(1, 3))):
            found = _edited_once(draw, found)
        return found

    return edits()


#: What stands in place of a value in a file.
VALUES = (
    *("0", "-1", "1e400", "nan", "inf", "-inf", "true", "[]", "{}", '""', '"x"', "1979-05-27"),
    *("[1.0, 2.0]", "[[1]]", "{ a = 1 }", "1e-320", "9223372036854775807", '"nan"', "1_000", "0.5"),
)


def _edited_once(draw: st.DrawFn, text: str) -> str:
    lines = text.splitlines(keepends=True) or [""]
    at = draw(st.integers(0, len(lines) - 1))
    kind = draw(st.sampled_from(["drop", "twice", "value", "swap", "cut", "insert", "key"]))
    key, equals, _ = lines[at].partition("=")
    if kind == "drop":
        del lines[at]
    elif kind == "twice":
        lines.insert(at, lines[at])
    elif kind == "value" and equals:
        lines[at] = f"{key}= {draw(st.sampled_from(VALUES))}\n"
    elif kind == "key" and equals:
        lines[at] = f"{key.strip()}x ={lines[at].partition('=')[2]}"
    elif kind == "swap":
        other = draw(st.integers(0, len(lines) - 1))
        lines[at], lines[other] = lines[other], lines[at]
    elif kind == "cut":
        lines[at:] = [lines[at][: draw(st.integers(0, len(lines[at])))]]
    else:
        place = draw(st.integers(0, len(lines[at])))
        some = draw(st.sampled_from([*JUNK, "\0", "'", '"', "]", "}", "\n["])).replace("\udcff", "")
        lines[at] = lines[at][:place] + some + lines[at][place:]
    return "".join(lines)
