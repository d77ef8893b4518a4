"""What is shown of progress: lines of a log, one line of a terminal, a bar of a notebook."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from test_counter import Clock

from bayes_cevns.errors import ArgumentError
from bayes_cevns.progress import choice, notebook
from bayes_cevns.progress.choice import listeners_of, shown_progress
from bayes_cevns.progress.log import LogLines
from bayes_cevns.progress.notebook import NotebookBar
from bayes_cevns.progress.standing import COMPLETE, PREPARING, RUNNING, Standing
from bayes_cevns.progress.terminal import LiveLine

pty = pytest.importorskip("pty", reason="the system has no terminals of this kind")

START = Standing("scan", PREPARING, 5000, 0, 0, 0, 0, "", 0.0)


def tell(listener: Callable[[Standing], None], clock: Clock, *, seconds: float) -> None:
    """Tell of 5000 points, each of which takes so long."""
    listener(START)
    for done in range(1, 5001):
        clock.now += seconds
        said = f"point {done}"
        listener(replace(START, state=RUNNING, done=done, running=0, rate=1.0, last=said))
    listener(replace(START, state=COMPLETE, done=5000, failed=2, rate=1.0))


@pytest.mark.parametrize("seconds", [0.001, 0.1, 10.0])
def test_a_log_has_few_lines(seconds: float, capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    tell(LogLines(clock=clock), clock, seconds=seconds)
    printed = capsys.readouterr()
    lines = printed.err.splitlines()
    assert printed.out == ""
    assert lines[0] == "scan: 0 of 5,000 points, preparing the model"
    assert lines[-1].startswith("scan: 5,000 of 5,000 points, 2 failed, 1 points/s, complete after")
    # Ten of a quick run; of one of 14 hours one each five minutes.
    most = {0.001: 2, 0.1: 12, 10.0: 180}[seconds]
    assert len(lines) <= most
    assert "\x1b" not in printed.err


def test_a_log_may_have_a_line_for_each_point(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    tell(LogLines(every_point=True, clock=clock), clock, seconds=0.001)
    lines = capsys.readouterr().err.splitlines()
    assert [line for line in lines if "point " in line] == [
        f"scan: point {n}" for n in range(1, 5001)
    ]


def test_a_terminal_has_one_line_that_is_never_broken() -> None:
    text = on_a_terminal(LIVE, columns=50)
    # rich moves to the beginning of the line before it is renewed; nothing is below it.
    assert text.count("\n") == 2, "a warning above the line, and the line"
    assert "a warning" in text
    frames = [re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", each) for each in re.split("[\r\n]", text)]
    assert max(len(frame) for frame in frames) <= 50
    assert any("3 of 3" in frame for frame in frames)


LIVE = """
import sys, time
from dataclasses import replace
from bayes_cevns.progress.choice import shown_progress
from bayes_cevns.progress.standing import Standing
start = Standing("scan", "preparing", 3, 0, 0, 0, 0, "", 0.0)
told = shown_progress()
told(start)
for done in (1, 2, 3):
    said = "a text that is much longer than what a terminal of fifty characters has room for"
    told(replace(start, state="running", done=done, rate=0.2, left_seconds=5.0, last=said))
    time.sleep(0.3)
    if done == 2:
        print("a warning", file=sys.stderr)
told(replace(start, state="complete", done=3))
"""


def on_a_terminal(script: str, *words: str, columns: int) -> str:
    """Run a script with stderr on a terminal, and return what came there."""
    import fcntl
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": str(columns)}
    with subprocess.Popen(
        [sys.executable, "-c", script, *words],
        stderr=theirs,
        stdout=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        env=environment,
    ) as process:
        os.close(theirs)
        parts = []
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
            if not part:
                break
            parts.append(part)
        assert process.wait(120) == 0
    os.close(ours)
    return b"".join(parts).decode().replace("\r\n", "\n")


class _Shell:
    """The shell of a notebook."""

    kernel = object()


class _Front:
    """A front end that keeps what it is shown."""

    def __init__(self) -> None:
        self.shown: list[dict[str, str]] = []

    def display(self, content: dict[str, str], **options: Any) -> _Front:
        assert options == {"raw": True, "display_id": True}
        self.shown.append(content)
        return self

    def update(self, content: dict[str, str], *, raw: bool) -> None:
        assert raw
        self.shown.append(content)


def test_a_notebook_has_one_output_that_is_renewed(monkeypatch: pytest.MonkeyPatch) -> None:
    display = pytest.importorskip("IPython.display")
    front, clock = _Front(), Clock()
    monkeypatch.setattr(display, "display", front.display)
    tell(NotebookBar(clock=clock), clock, seconds=0.01)
    assert len(front.shown) == pytest.approx(5000 * 0.01 / 0.25, rel=0.1)
    assert front.shown[-1]["text/plain"].startswith("scan: 5,000 of 5,000 points, 2 failed")
    assert "<progress value='5000' max='5000'>" in front.shown[-1]["text/html"]


def test_what_shows_it_is_chosen_by_where_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: False, raising=False)
    assert isinstance(shown_progress(), LogLines)
    assert listeners_of(None) == ()
    assert listeners_of(False) == ()
    assert isinstance(listeners_of(True)[0], LogLines)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert isinstance(shown_progress(), LiveLine)
    assert listeners_of(None) == (), "a script on a terminal says nothing unless it is asked to"
    monkeypatch.setattr(sys, "ps1", ">>> ", raising=False)
    assert isinstance(listeners_of(None)[0], LiveLine)
    monkeypatch.setattr(choice, "is_notebook", lambda: True)
    assert isinstance(listeners_of(None)[0], NotebookBar)
    assert listeners_of(False) == ()


def test_a_notebook_is_one_with_a_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    ipython = pytest.importorskip("IPython")
    assert not notebook.is_notebook()
    monkeypatch.setattr(ipython, "get_ipython", _Shell)
    assert notebook.is_notebook()


@pytest.mark.parametrize("value", ["yes", 1, [], 0.0])
def test_anything_else_is_refused(value: Any) -> None:
    with pytest.raises(ArgumentError, match="progress must be True, False, None or a function"):
        listeners_of(value)


def test_a_function_is_told() -> None:
    heard: list[Standing] = []
    assert listeners_of(heard.append) == (heard.append,)


NOTEBOOK = """
from dataclasses import replace
from bayes_cevns.progress.choice import listeners_of
from bayes_cevns.progress.standing import Standing
start = Standing("scan", "preparing", 3, 0, 0, 0, 0, "", 0.0)
(told,) = listeners_of(None)
told(start)
for done in (1, 2, 3):
    told(replace(start, state="running", done=done, rate=0.2))
told(replace(start, state="complete", done=3))
"""


def test_a_real_kernel_shows_one_bar() -> None:
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    notebook_ = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(NOTEBOOK)])
    nbclient.NotebookClient(notebook_, timeout=120, kernel_name="python3").execute()
    (output,) = notebook_.cells[0].outputs
    assert output.output_type == "display_data", "no warnings, and no line after line"
    assert "<progress value='3' max='3'>" in output.data["text/html"]
    assert output.data["text/plain"] == "scan: 3 of 3 points, complete after 0 s"
