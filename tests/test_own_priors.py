"""Priors of nuisances that a user gives in place: the same everywhere, and part of identity."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats
from typer.testing import CliRunner

import bayes_cevns as bc
from bayes_cevns.cards import Experiment
from bayes_cevns.cli.app import application
from bayes_cevns.errors import ArgumentError, BayesCevnsError, OutputError, UnknownNameError
from bayes_cevns.inference.profile.likelihood import Likelihood
from bayes_cevns.specification.columns import PRIOR_TEXT, prior_label
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.nuisance_priors import chosen_prior
from bayes_cevns.studies.identity import spec_request

CHOICES: dict[str, Any] = {
    "1.0+-0.05": bc.Prior.normal(1.0, 0.05),
    "1.0+0.1-0.05": bc.Prior.asymmetric(1.0, 0.05, 0.1),
    "uniform:0.0:2.0": bc.Prior.uniform(0.0, 2.0),
    "lognormal:1.0:0.1": bc.Prior.lognormal(1.0, 0.1),
    "1.0+-0.05[0.5:1.5]": bc.Prior.normal(1.0, 0.05, lower=0.5, upper=1.5),
}


@pytest.mark.parametrize("word", CHOICES)
def test_text_and_object_are_the_same(word: str, xenonnt: Experiment) -> None:
    specs = [
        ModelSpec.of([xenonnt], interaction="b-l", nuisance_priors={"flux_8b": choice})
        for choice in (word, CHOICES[word], f" {word.replace('0.05', '.05')}")
    ]
    assert specs[0].nuisance_priors == (("flux_8b", word),)
    assert specs[0].nuisance_priors == specs[1].nuisance_priors == specs[2].nuisance_priors
    assert len({hash(spec) for spec in specs}) == 1
    requests = [spec_request(spec) for spec in specs]
    assert requests[0] == requests[1] == requests[2]
    assert requests[0]["nuisance_priors"] == {"flux_8b": word}
    assert prior_label(specs[0])[PRIOR_TEXT].endswith(f"; flux_8b: {word}")


def test_they_are_cut_at_the_bounds_of_the_card(xenonnt: Experiment) -> None:
    flux = chosen_prior(xenonnt, "flux_8b", {"flux_8b": "0.5+-0.4"})
    assert flux.support == (0.0, np.inf)
    expected = stats.truncnorm(-0.5 / 0.4, np.inf, 0.5, 0.4)
    np.testing.assert_allclose(flux.log_density([0.3, 1.0]), expected.logpdf([0.3, 1.0]))
    light = chosen_prior(xenonnt, "tly", {"tly": "0.5+-1.0"})
    assert light.support == (-3.0, 3.0)
    tighter = chosen_prior(xenonnt, "tly", {"tly": "0.5+-1.0[-1:5]"})
    assert tighter.support == (-1.0, 3.0)


def test_the_likelihood_has_it(xenonnt: Experiment) -> None:
    """-ln L of a profile has the asymmetric term in place of that of the card."""
    specs = [
        ModelSpec.of([xenonnt], nuisance_priors=choice)
        for choice in ({}, {"flux_8b": "1.0+0.1-0.05"}, {"flux_8b": "uniform:0.0:10.0"})
    ]
    likelihoods = [Likelihood(spec) for spec in specs]
    place = [p.name for p in likelihoods[0].parameters].index("flux_8b")
    changes = []
    for likelihood in likelihoods:
        low, high = likelihood.nominal, likelihood.nominal
        low[place], high[place] = 0.95, 1.1
        changes.append(np.array([likelihood(low)[0], likelihood(high)[0]]))
    counts = changes[2]
    one = np.array([0.5, 0.5])  # one standard deviation either way
    np.testing.assert_allclose(np.diff(changes[1] - counts), np.diff(one), atol=1e-9)
    card = 0.5 * np.array([0.05, 0.1]) ** 2 / 0.12**2
    np.testing.assert_allclose(np.diff(changes[0] - counts), np.diff(card), atol=1e-9)


@pytest.mark.parametrize(
    ("choice", "error", "text"),
    [
        ("1.0+-0", ArgumentError, "prior of flux_8b: a standard deviation must be > 0"),
        ("1.0+-", ArgumentError, "prior of flux_8b: expected a prior such as 1.0+-0.05"),
        ("uniform:-1:2", ArgumentError, "flux_8b is within 0 to inf, and a uniform prior must end"),
        ("-5.0+-1.0", ArgumentError, "flux_8b is within 0 to inf: the mean -5 must be within"),
        ("snoo", UnknownNameError, "alternative prior of flux_8b 'snoo'; did you mean 'sno'?"),
        ("snoo", UnknownNameError, "or give one of your own, such as 1.0+-0.05"),
        (1.0, ArgumentError, "prior of flux_8b: expected a name of its card, a Prior or a word"),
        (
            bc.Prior.normal(1.0, {"sr0": 0.1}),
            ArgumentError,
            "prior of flux_8b: expected one run of sr0, got all of them",
        ),
    ],
)
def test_errors_name_the_nuisance(
    choice: Any, error: type[BayesCevnsError], text: str, xenonnt: Experiment
) -> None:
    with pytest.raises(error) as caught:
        ModelSpec.of([xenonnt], nuisance_priors={"flux_8b": choice})
    assert text in str(caught.value)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: bc.Prior.normal(1.0, -0.1), "standard deviation must be > 0"),
        (lambda: bc.Prior.asymmetric(1.0, -0.1, 0.1), "minus, the distance"),
        (lambda: bc.Prior.counted(1.5, 1.0, 2.0), "n_off must be a whole number"),
        (lambda: bc.Prior.normal("a", 1.0), "number"),
    ],
)
def test_objects_are_checked_when_they_are_made(make: Any, text: str) -> None:
    with pytest.raises(ArgumentError, match=text):
        make()


def test_it_is_in_the_folder_of_a_run(invented_card: Path, tmp_path: Path) -> None:
    """A run of the command line, its files, and the run that is made of them again."""
    out = tmp_path / "out"
    words = ["profile", str(invented_card), "--interaction", "b-l", "--mass", "10"]
    command = [*words, "--nuisance", "flux=1.0+0.1-.05", "--out", str(out)]
    first = called(command)
    assert first.exit_code == 0
    assert "prior of flux: 1.0+0.1-.05" in first.output
    assert re.search(r"flux = .1\.0\+0\.1-0\.05.", (out / "run.toml").read_text())
    assert "1.0+0.1-.05" in (out / "analysis.toml").read_text()
    assert called(["run", str(out / "analysis.toml")]).exit_code == 0
    other = called([*words, "--nuisance", "flux=1.0+-0.05", "--out", str(out)])
    assert isinstance(other.exception, OutputError)
    assert "1.0+0.1-0.05" in str(other.exception)
    wrong = called([*words, "--nuisance", "flux=1.0+-x"])
    assert isinstance(wrong.exception, ArgumentError)
    assert str(wrong.exception).startswith("prior of flux: expected a prior such as 1.0+-0.05")


def called(words: list[str]) -> Any:
    """Return the result of a command."""
    return CliRunner().invoke(application(words), words)


@pytest.fixture
def invented_card(invent: Any) -> Path:
    path = invent.card("own", [3, 1, 0, 2])
    assert isinstance(path, Path)
    return path
