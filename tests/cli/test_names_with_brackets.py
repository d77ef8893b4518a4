"""Names with commas and equals signs in brackets, as words of the command line."""

from __future__ import annotations

import pytest

from bayes_cevns.cli.studies import repeated
from bayes_cevns.errors import ArgumentError
from bayes_cevns.studies import words

NAME = "eps_ee[eta=30,phi=45]"


def test_lists_of_names() -> None:
    assert words.words(f"ee_u,{NAME}, mumu_u") == ["ee_u", NAME, "mumu_u"]
    options = repeated(["--free", f"ee_u,{NAME}", NAME, "--seed", "1"], ["--free"])
    assert options == ["--free", "ee_u", "--free", NAME, "--free", NAME, "--seed", "1"]


def test_values_of_names() -> None:
    assert words.choices([f"{NAME}=0.3", "a=b=c"], what="it") == {NAME: "0.3", "a": "b=c"}
    assert words.ranges([f"{NAME}=-1:2"], what="--bounds") == {NAME: (-1.0, 2.0)}
    assert words.couplings(f"{NAME}=0.1,ee_u=-2") == {NAME: 0.1, "ee_u": -2.0}


@pytest.mark.parametrize("word", [NAME, "ee_u", f"{NAME}=", "=1", ""])
def test_no_value(word: str) -> None:
    with pytest.raises(ArgumentError, match="it: expected name=value"):
        words.choices([word], what="it")
