"""Runs of every kind of study, made once for all tests of what is said of them."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from examples import LONGER, example

import bayes_cevns as bc
from bayes_cevns.errors import PrecisionWarning
from bayes_cevns.inference.settings import SamplerSettings
from bayes_cevns.studies.run import run

#: Runs besides the example of each study: the study, and what is different.
OTHERS: dict[str, tuple[str, dict[str, Any]]] = {
    "standard-model": ("sample", {"interaction": "sm", "mass_mev": None, "settings": LONGER}),
    "joint": (
        "sample",
        {
            "experiments": ["xenonnt_2024_s2", "lz_8b_number"],
            "interaction": "b-l",
            "settings": LONGER,
        },
    ),
    "failed": ("sample", {"settings": SamplerSettings(draws=60, tune=50, retries=0)}),
    "projected": ("preview", {}),
}


#: Where they are in this process, for the tests of all folders.
_MADE: dict[str, Path] = {}


@pytest.fixture(scope="session")
def run_of() -> Iterator[Callable[[str], Path]]:
    """Return the folder of a run, by the name of its study or one of `OTHERS`."""
    with tempfile.TemporaryDirectory(prefix="bayes-cevns-runs-") as place:

        def of(name: str) -> Path:
            if name not in _MADE or not _MADE[name].exists():
                _MADE[name] = _make(name, Path(place) / name)
            return _MADE[name]

        yield of


def _make(name: str, folder: Path) -> Path:
    kind, other = OTHERS.get(name, (name, {}))
    if name == "projected":
        other = {"experiments": [bc.asimov("xenonnt_2024_s2")]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PrecisionWarning)  # two toys are enough here
        run(example(kind, **other), out=folder, judged=False)
    return folder
