"""Every name can be shown and cited, and an unknown one is refused."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import bayes_cevns as bc
from bayes_cevns.cards.loading import experiment_names
from bayes_cevns.cli import main
from bayes_cevns.errors import ArgumentError, UnknownNameError
from bayes_cevns.reports.account import read_account
from bayes_cevns.reports.answers.catalogue import answer_of
from bayes_cevns.sources.catalogue import source_texts

type Runs = Callable[[str], Path]


def _keys(text: str) -> set[str]:
    return set(re.findall(r"@\w+\{([^,]+),", text))


@pytest.mark.parametrize("name", experiment_names())
def test_experiments(name: str) -> None:
    one, text = bc.experiment(name), bc.show(name)
    assert text.startswith(f"experiment {name}: {one.card.title}")
    for nuisance in one.nuisances():
        assert one.card.nuisance[nuisance].origin in text
        for other in one.card.nuisance[nuisance].alternatives.values():
            assert other.origin in text
    assert set(one.card.cite) <= _keys(bc.cite(name))
    assert "Check values" in text or "Source" in text, "what its REFERENCE says"


def test_interactions_sources_and_published_limits() -> None:
    for name, new in bc.interactions().items():
        assert new.formula in bc.show(name)
        assert _keys(bc.cite(name)) == set(new.cite)
    for name in source_texts():
        assert bc.show(name).startswith(f"source {name}: ")
        assert _keys(bc.cite(name)) == set(bc.source(name).cite)
    for limit in bc.published_limits():
        assert limit.reference in bc.show(limit.name)
        entry = bc.cite(limit.name)
        assert len(_keys(entry)) == 1
        assert entry.count("{") == entry.count("}")
        assert not limit.arxiv or limit.arxiv in entry or limit.key in entry
    assert "b-l.borexino_2018" in bc.show("b-l")


def test_a_run(run_of: Runs) -> None:
    folder = run_of("scan")
    text = bc.show(str(folder))
    (sentence,) = answer_of(read_account(folder)).sentences
    assert sentence in text
    assert "limits.csv" in text
    assert _keys(bc.cite(str(folder))) == _keys((folder / "citations.bib").read_text())
    assert "failed" in bc.show(str(run_of("failed")))


def test_keys_and_unknown_names() -> None:
    assert _keys(bc.cite("Freedman:1973yd")) == {"Freedman:1973yd"}
    with pytest.raises(UnknownNameError, match="did you mean 'xenonnt_cevns'"):
        bc.show("xenont_cevns")
    for wrong in ("", 1, None):
        with pytest.raises(ArgumentError, match="expected a name"):
            bc.cite(wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("command", ["show", "cite"])
def test_the_commands(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["bayes-cevns", command, "b-l"])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 0
    assert capsys.readouterr().out == getattr(bc, command)("b-l")
