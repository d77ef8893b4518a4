"""Experiments as a caller may give them: objects, names, or paths of cards."""

from __future__ import annotations

from os import PathLike
from typing import Any

from bayes_cevns.arguments import listed
from bayes_cevns.cards.experiment import Experiment
from bayes_cevns.cards.loading import experiment
from bayes_cevns.errors import ArgumentError, shown


def one_experiment(given: object) -> Experiment:
    """Return an experiment that is given as what `bayes_cevns.experiment` returns or takes.

    Raises
    ------
    ArgumentError, UnknownNameError
        If it is anything else, or there is no experiment of this name.
    """
    if isinstance(given, str | PathLike):
        return experiment(given)
    if not isinstance(given, Experiment):
        raise ArgumentError(
            "expected the name of an experiment or what bayes_cevns.experiment returns, got "
            f"{shown(given)}"
        )
    return given


def several_experiments(given: Any) -> tuple[Experiment, ...]:
    """Return experiments that are given as a list, or as one of them by itself.

    Raises
    ------
    ArgumentError, UnknownNameError
        If there is none, or one is no experiment.
    """
    if isinstance(given, Experiment | str | PathLike):
        return (one_experiment(given),)
    every = listed(given, what="a list of experiments or of their names")
    found = tuple(one_experiment(one) for one in every)
    if not found:
        raise ArgumentError("expected one experiment or more, got none")
    return found
