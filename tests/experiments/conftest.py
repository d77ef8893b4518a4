"""An invented experiment, whose numbers are made impossible, and the commands of pages."""

from __future__ import annotations

import io
import runpy
import shlex
import sys
import warnings
from collections.abc import Callable
from contextlib import chdir, redirect_stdout
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bayes_cevns.cli import main


@pytest.fixture
def invented(invent: Any) -> Callable[..., Path]:
    """Write the card of one bin above 0.3 keV, with 40 events and as much background."""
    return partial(
        invent.card,
        name="invented",
        observed=40.0,
        background=40.0,
        edges_kev=(0.3, 20.0),
        recoils_kev=np.geomspace(0.05, 6.0, 200),
    )


@pytest.fixture(scope="session")
def typed() -> Callable[[str, Path], str]:
    """Do what a line typed in a folder does, without another process; return what it prints.

    The line starts a script, ``python file.py``, or ``bayes-cevns``, which must not fail.
    """

    def run(line: str, folder: Path) -> str:
        program, *words = shlex.split(line)
        printed = io.StringIO()
        with (
            chdir(folder),
            redirect_stdout(printed),
            warnings.catch_warnings(),
            pytest.MonkeyPatch.context() as patch,
        ):
            warnings.simplefilter("ignore")
            if program == "python":
                patch.setattr(sys, "argv", words)
                runpy.run_path(words[0], run_name="__main__")
            else:
                assert program == "bayes-cevns"
                patch.setattr(sys, "argv", [program, *words])
                with pytest.raises(SystemExit) as end:
                    main()
                assert end.value.code == 0
        return printed.getvalue()

    return run
