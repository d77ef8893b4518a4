"""Runs of every kind of study, made once for all tests of what is said of them."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

sys.path.append(str(Path(__file__).parents[1] / "studies"))

from examples import LONGER, example

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
    "projected": ("preview", {"experiments": None}),
}


@pytest.fixture(scope="session")
def run_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return the folder of a run, by the name of its study or one of `OTHERS`."""
    place = tmp_path_factory.mktemp("runs")

    def of(name: str) -> Path:
        folder = place / name
        if not folder.exists():
            kind, other = OTHERS.get(name, (name, {}))
            if name == "projected":
                import bayes_cevns as bc

                other = {"experiments": [bc.asimov("xenonnt_2024_s2")]}
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", PrecisionWarning)  # two toys are enough here
                run(example(kind, **other), out=folder, judged=False)
        return folder

    return of
