"""Whether runs can be compared: the same data, the same assumptions but for the interaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bayes_cevns.cards import Experiment
from bayes_cevns.errors import ArgumentError
from bayes_cevns.specification.columns import experiment_label
from bayes_cevns.studies.identity import spec_request
from bayes_cevns.studies.sample import ModelRun


def check_same_data(runs: Sequence[ModelRun]) -> None:
    """Raise an `ArgumentError` unless all runs are of the same observed counts."""
    first = runs[0]
    for other in runs[1:]:
        for one, two in zip(by_name(first), by_name(other), strict=False):
            if one.name != two.name or one.runs != two.runs:
                break
            if not np.array_equal(one.observed.values, two.observed.values):
                raise ArgumentError(
                    f"{first.name} was fitted to other counts of {one.name} than {other.name} "
                    f"({one.data} and {two.data}): evidences and predictions compare models of the "
                    "same data only; sample both on the same"
                )
        else:
            if len(first.spec.experiments) == len(other.spec.experiments):
                continue
        raise ArgumentError(
            f"{first.name} was fitted to {_labels(first)}, {other.name} to {_labels(other)}: "
            "evidences and predictions compare models of the same data only; sample both on the "
            "same experiments and runs"
        )


def check_same_assumptions(runs: Sequence[ModelRun]) -> None:
    """Raise an `ArgumentError` unless all that runs differ in is the interaction and its prior."""
    first = runs[0]
    for other in runs[1:]:
        one, two = (_assumptions(run) for run in (first, other))
        for what in dict.fromkeys([*one, *two]):
            if one.get(what) != two.get(what):
                raise ArgumentError(
                    f"{first.label} was fitted with {what} {one.get(what, 'by default')!r}, "
                    f"{other.label} with {two.get(what, 'by default')!r}: evidences and "
                    "predictions compare interactions with the same assumptions only; sample both "
                    "with the same"
                )


def _assumptions(run: ModelRun) -> dict[str, Any]:
    """Return what a run assumes apart from its interaction, by what it is called."""
    request = spec_request(run.spec)
    return {
        **{word.replace("_", " "): choice for word, choice in run.spec.theory.words.items()},
        "mixing": run.spec.mixing,
        "theory parameters": dict(run.spec.theory.parameters),
        **{f"source of {name}": source for name, source in request["sources"].items()},
        **{f"prior of {name}": choice for name, choice in request["nuisance_priors"].items()},
        **{
            f"card or tables (digest) of {name}": digest
            for name, digest in request["content"].items()
        },
    }


def by_name(run: ModelRun) -> list[Experiment]:
    """Return the experiments of a run in the order of their names."""
    return sorted(run.spec.experiments, key=lambda e: e.name)


def _labels(run: ModelRun) -> str:
    return " + ".join(experiment_label(e) for e in run.spec.experiments)
