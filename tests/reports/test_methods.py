"""The methods paragraph has data, model, priors, sampler and checks, and cites what is there."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from examples import EXAMPLES

import bayes_cevns as bc
from bayes_cevns.cli import main
from bayes_cevns.reports.account import read_account

type Runs = Callable[[str], Path]


def _known(folder: Path) -> set[str]:
    return set(re.findall(r"@\w+\{([^,]+),", (folder / "citations.bib").read_text()))


@pytest.mark.parametrize("kind", [*EXAMPLES, "standard-model", "joint", "failed", "projected"])
def test_what_is_cited_is_in_the_folder(kind: str, run_of: Runs) -> None:
    folder = run_of(kind)
    latex = bc.describe(folder, latex=True)
    cited = {key for keys in re.findall(r"\\cite\{([^}]*)\}", latex) for key in keys.split(",")}
    assert cited
    assert cited <= _known(folder)
    plain = bc.describe(folder)
    assert {
        key for key in _known(folder) if re.search(rf"[\[ ]{re.escape(key)}[\],]", plain)
    } == cited


def test_everything_is_described(run_of: Runs) -> None:
    folder = run_of("joint")
    account, text = read_account(folder), bc.describe(folder)
    for experiment in account.spec.experiments:
        assert experiment.card.title in text
        for name in experiment.nuisances():
            assert experiment.card.nuisance[name].origin in text
    settings = account.study.settings
    for words in (
        "37 counts in 3 bins",
        "exposure of 3.517 t yr",
        "We quote g_BL, the gauge coupling",
        "uniform in g_BL^2",
        "normal, mean 1, standard deviation 0.12, above 0",
        f"{settings.chains} chains of {settings.draws} draws",
        "1 of 1 fits passed",
        "second-hand",
    ):
        assert words in text, words
    assert len(text.strip().split("\n\n")) == 5


def test_chosen_priors_and_other_studies(run_of: Runs, tmp_path: Path) -> None:
    choices = {"flux_8b": "sno", "neutron": "1.0+-0.1"}
    bc.preview(
        "xenonnt_2024_s2",
        interaction="scalar-universal",
        masses_mev=[10.0],
        nuisance_priors=choices,
        out=tmp_path / "run",
    )
    text = bc.describe(tmp_path / "run")
    assert "(chosen: sno)" in text
    assert "choice of the analysis (--nuisance)" in text
    assert "Laplace's approximation" in text
    assert "0 of 1 fits passed" in bc.describe(run_of("failed"))
    profile = bc.describe(run_of("profile"))
    assert "Nuisances are constrained by" in profile
    assert "without a prior of the parameter" in profile
    assert "uniform in g_nu g_f" not in profile


def test_latex_has_no_bare_signs(run_of: Runs) -> None:
    text = bc.describe(run_of("scan"), latex=True)
    assert text.count("{") == text.count("}")
    outside = re.sub(r"\$[^$]*\$|\\[a-z]+|\\[_%#&{}]", "", re.sub(r"\\cite\{[^}]*\}", "", text))
    assert not set(outside) & set("_%#&^<>|"), outside
    assert r"$\sqrt{|g_\nu g_f|}$" in text


def test_the_command(
    run_of: Runs, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = run_of("scan")
    monkeypatch.setattr(sys, "argv", ["bayes-cevns", "describe", str(folder), "--latex"])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 0
    assert capsys.readouterr().out == bc.describe(folder, latex=True)
