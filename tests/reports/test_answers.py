"""The sentence that can be pasted says all that a limit needs, and none is said of a failed fit."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from examples import EXAMPLES

import bayes_cevns as bc
from bayes_cevns.errors import ArgumentError
from bayes_cevns.reports.account import read_account
from bayes_cevns.reports.answers.answer import data_words
from bayes_cevns.reports.answers.catalogue import answer_of
from bayes_cevns.reports.answers.limits import _cautions, headline, limit_sentence
from bayes_cevns.reports.quoted import limits_among, quoted
from bayes_cevns.reports.voices import Latex, Plain

type Runs = Callable[[str], Path]


def _rows(folder: Path, table: str) -> list[dict[str, str]]:
    return list(csv.DictReader((folder / table).read_text().splitlines()))


@pytest.mark.parametrize("kind", EXAMPLES)
def test_every_study_answers(kind: str, run_of: Runs) -> None:
    answer = answer_of(read_account(run_of(kind)))
    assert answer.question.endswith("?")
    assert answer.sentences
    for sentence in answer.sentences:
        assert sentence.endswith(".")
        assert "nan" not in sentence
        assert "None" not in sentence


def test_the_sentence_of_a_scan_is_its_strongest_limit(run_of: Runs) -> None:
    folder = run_of("scan")
    rows = _rows(folder, "limits.csv")
    best = min(rows, key=lambda row: float(row["limit"]))
    (sentence,) = answer_of(read_account(folder)).sentences
    value, error = float(best["limit"]), float(best["mc_error"])
    assert f"sqrt(|g_nu g_f|) < {Plain().number(value, error)} at 90% credibility" in sentence
    assert f"Monte-Carlo error {Plain().error(error)}" in sentence
    assert f"mediator mass of {float(best['mass_mev']):g} MeV" in sentence
    assert "prior uniform in g_nu g_f" in sentence
    assert "observed data" in sentence
    assert f"{float(best['ratio_log']):.2f} times as large with the prior log" in sentence
    assert bc.experiment("xenonnt_2024_s2").card.title in sentence


def test_a_profile_is_named_beside_a_credible_limit(run_of: Runs) -> None:
    scan, profile = (read_account(run_of(kind)) for kind in ("scan", "profile"))
    (sentence,) = answer_of(scan, profile=profile).sentences
    (cl,) = (row for row in _rows(profile.folder, "limits_cl.csv") if row["mass_mev"] == "1")
    said = Plain().number(float(cl["limit"]))
    assert f"profile likelihood gives sqrt(|g_nu g_f|) < {said} at 90% confidence" in sentence


def test_a_profile_of_another_model_is_refused(run_of: Runs) -> None:
    joint, profile, scan = (read_account(run_of(kind)) for kind in ("joint", "profile", "scan"))
    with pytest.raises(ArgumentError, match="another model"):
        answer_of(joint, profile=profile)
    with pytest.raises(ArgumentError, match="expected that of a profile"):
        answer_of(joint, profile=scan)


def test_no_number_of_a_failed_fit_is_said(run_of: Runs) -> None:
    account = read_account(run_of("failed"))
    assert not account.result.passed  # type: ignore[attr-defined]
    answer = answer_of(account)
    assert answer.sentences == ()
    assert any("failed its gate" in caution for caution in answer.cautions)
    (limit,) = limits_among(quoted(account.result))
    assert not limit.passed


def test_simulated_and_second_hand_data_are_called_so(run_of: Runs) -> None:
    projected = answer_of(read_account(run_of("projected")))
    assert any("nothing is excluded" in caution for caution in projected.cautions)
    assert all("Asimov data" in sentence for sentence in projected.sentences)
    assert all(sentence.startswith("Approximate") for sentence in projected.sentences)
    joint = answer_of(read_account(run_of("joint")))
    assert any("lz_8b_number is second-hand" in caution for caution in joint.cautions)
    assert data_words("toy:7") == "simulated data (toy 7)"


def test_intervals_of_the_standard_model(run_of: Runs) -> None:
    account = read_account(run_of("standard-model"))
    sentences = answer_of(account).sentences
    draws = account.fits["the fit"].draws()["flux_8b"].values
    low, high = (float(value) for value in sentences[0].split("[")[1].split("]")[0].split(","))
    assert sentences[0].startswith("flux_8b in [")
    inside = ((draws > low) & (draws < high)).mean()
    assert inside == pytest.approx(0.6827, abs=0.02)


def test_what_a_limit_depends_on_is_said(run_of: Runs) -> None:
    account = read_account(run_of("scan"))
    (limit,) = headline(limits_among(quoted(account.result)))
    signed = replace(limit, side="positive")
    assert "given g_nu g_f > 0" in limit_sentence(signed, account.spec, Plain())
    assert "given g\\_nu g\\_f $>$ 0" in limit_sentence(signed, account.spec, Latex())
    pieces = _cautions([replace(signed, pieces=2)], account.spec)
    assert pieces[0].startswith("At 1 MeV: the region of g_nu g_f > 0 has several pieces")
    bound = _cautions([replace(limit, at_bound="high")], account.spec)
    assert "depends on the upper end of the range" in bound[0]
    zero = _cautions([replace(limit, zero_excluded=True)], account.spec)
    assert "not an exclusion" in zero[0]
    assert _cautions([limit], account.spec) == []
    expected = replace(limit, of="expected", data="toys")
    assert limit_sentence(expected, account.spec, Plain()).startswith("Expected median limit: ")


def test_a_sentence_in_latex_has_no_bare_signs(run_of: Runs) -> None:
    for kind in ("scan", "couplings", "compare"):
        for sentence in answer_of(read_account(run_of(kind)), Latex()).sentences:
            outside = "".join(sentence.split("$")[::2]).replace(r"\_", "").replace(r"\%", "")
            assert not set(outside) & set("_%#&^<>"), sentence
