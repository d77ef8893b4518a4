"""The choices of the theory as words: files, commands, identity, comparisons."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import bayes_cevns as bc
from bayes_cevns.errors import ArgumentError, UnknownNameError
from bayes_cevns.physics.theory import THEORY_WORDS, Theory
from bayes_cevns.studies.analysis_file import to_toml
from bayes_cevns.studies.catalogue import study_class
from bayes_cevns.studies.comparison.comparable import check_same_assumptions

CHOICES = {"form_factor": "helm", "weak_charges": "radiative", "atoms": "free"}


def study(**words: Any) -> Any:
    experiments = [bc.experiment("conus_plus")]
    return study_class("profile")(experiments=experiments, interaction="charge-radius", **words)


def test_there_is_a_choice_of_each_word() -> None:
    assert set(CHOICES) == set(THEORY_WORDS)
    assert all(getattr(Theory(), word) != choice for word, choice in CHOICES.items())


@pytest.mark.parametrize("word", THEORY_WORDS)
def test_an_analysis_file_holds_them(tmp_path: Path, word: str) -> None:
    asked = study(**{word: CHOICES[word]})
    assert asked.theory == Theory(**{word: CHOICES[word]}) == asked.spec.theory
    file = tmp_path / "analysis.toml"
    file.write_text(to_toml(asked), encoding="utf-8")
    again = bc.read_analysis(file)
    assert again.theory == asked.theory
    assert again.request() == asked.request() != study().request()
    assert asked.request()[word] == CHOICES[word]


@pytest.mark.parametrize("word", THEORY_WORDS)
def test_an_unknown_word_is_named(word: str) -> None:
    with pytest.raises((ArgumentError, UnknownNameError), match="'no such'"):
        study(**{word: "no such"})


@pytest.mark.parametrize("word", THEORY_WORDS)
def test_models_of_different_theories_are_not_compared(word: str) -> None:
    spec = study().spec
    other = replace(spec, theory=Theory(**{word: CHOICES[word]}))
    one, two = (SimpleNamespace(spec=s, label=f"model {s.theory.text}") for s in (spec, other))
    check_same_assumptions([one, one])  # type: ignore[list-item]  # what is read of a run
    with pytest.raises(ArgumentError, match=f"{word.replace('_', ' ')} '.*'{CHOICES[word]}'"):
        check_same_assumptions([one, two])  # type: ignore[list-item]


def test_simulated_data_are_of_the_theory_of_the_study() -> None:
    """Data are made with the theory of the study, and words make them again."""
    words = {"experiments": ["conus_plus"], "interaction": "charge-radius", "data": "asimov"}
    kind = study_class("profile")
    helm = kind.from_words({**words, "form_factor": "point-like"})
    standard = kind.from_words(words)
    one, two = (float(s.experiments[0].observed.sum()) for s in (helm, standard))
    assert one > two
    assert "changed" not in helm.to_words()


def test_what_a_theory_rests_on_is_cited() -> None:
    def cited(name: str, **words: str) -> set[str]:
        return set(bc.citations(bc.ModelSpec.of([bc.experiment(name)], theory=Theory(**words))))

    assert "Chen:2016eab" in cited("xenonnt_er")
    assert "Chen:2016eab" not in cited("xenonnt_er", atoms="stepping") | cited(
        "conus_plus_spectrum"
    )
    assert "Erler:2013xha" in cited("conus_plus", weak_charges="radiative")
    assert "Erler:2013xha" not in cited("conus_plus")
