"""The page of a run: whole, self-contained, with every section, and marked where fits failed."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from shutil import copytree

import numpy as np
import pytest
from examples import EXAMPLES, example

import bayes_cevns as bc
from bayes_cevns.cli import main
from bayes_cevns.errors import ArgumentError, DataError, OutputError, UnfinishedWarning
from bayes_cevns.reports.account import read_account
from bayes_cevns.reports.graph import model_graph
from bayes_cevns.reports.page import html, report
from bayes_cevns.reports.priors import prior_words
from bayes_cevns.reports.published import _between, at_mass, beside_published
from bayes_cevns.reports.quoted import limits_among, quoted

type Runs = Callable[[str], Path]

VOID = {"meta", "link", "img", "path", "rect", "br"}


class Reader(HTMLParser):
    """Checks that every element is closed, and collects what the page would load."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loads: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append((tag, given))
        if tag not in VOID:
            self.open.append(tag)
        self.loads += [str(given[name]) for name in ("src", "href") if name in given]

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    assert reader.open == []
    return reader


@pytest.mark.parametrize("kind", [*EXAMPLES, "standard-model", "joint", "failed", "projected"])
def test_the_page_of_every_study(kind: str, run_of: Runs) -> None:
    account = read_account(run_of(kind))
    text = html(account)
    page = read(text)
    assert all(found.startswith(("data:", "#")) for found in page.loads), "it loads nothing"
    assert not re.search(r"https?://(?!doi)", re.sub(r"<pre.*?</pre>", "", text, flags=re.DOTALL))
    sections = [given["id"] for tag, given in page.tags if tag == "section"]
    links = [link[1:] for link in page.loads if link.startswith("#")]
    assert links == sections, "the list of sections is that of the page"
    assert {"answer", "model", "priors", "provenance", "rerun", "cite"} <= set(sections)
    assert all(given.get("scope") for tag, given in page.tags if tag == "th")
    assert all(given.get("alt") for tag, given in page.tags if tag == "img")
    assert account.record["identity"] in text
    for name in account.spec.experiments[0].nuisances():
        assert account.spec.experiments[0].card.nuisance[name].origin.split(",")[0][:20] in text
    assert "@" in text[text.index('id="cite"') :]


def test_a_failed_fit_is_marked_and_not_quoted(run_of: Runs) -> None:
    text = html(read_account(run_of("failed")))
    answer = text[text.index('id="answer"') : text.index('id="model"')]
    assert "<blockquote>" not in answer
    assert "failed its gate" in answer
    assert text.count('class="failed"') >= 3  # gate, failures, limits
    assert "passed its gate" not in text


def test_what_a_page_says_is_escaped(run_of: Runs) -> None:
    text = html(read_account(run_of("scan")))
    assert "charge radii &lt;r^2&gt;" in text
    assert "<r^2>" not in text


def test_the_same_run_gives_the_same_page(run_of: Runs) -> None:
    assert html(read_account(run_of("scan"))) == html(read_account(run_of("scan")))


def test_where_the_page_is_written(run_of: Runs, tmp_path: Path) -> None:
    folder = copytree(run_of("preview"), tmp_path / "run")
    assert bc.report(folder) == folder / "report.html"
    assert bc.load(folder).points, "the page does not disturb the run"
    assert report(folder, out=tmp_path / "page.html").read_text().startswith("<!DOCTYPE html>")
    with pytest.raises(OutputError, match="is a folder"):
        report(folder, out=tmp_path)
    with pytest.raises(OutputError, match="cannot write"):
        report(folder, out=tmp_path / "missing" / "page.html")
    assert not list(tmp_path.glob(".*"))


def test_no_run_and_a_grid(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"holds no readable run\.toml"):
        report(tmp_path)
    (tmp_path / "plan.toml").write_text("")
    with pytest.raises(ArgumentError, match="grid"):
        report(tmp_path)


def test_the_command(
    run_of: Runs,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "page.html"
    scan, profile = str(run_of("scan")), str(run_of("profile"))
    words = ["report", scan, "--out", str(out), "--profile", profile]
    monkeypatch.setattr(sys, "argv", ["bayes-cevns", *words])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 0
    assert capsys.readouterr().out.strip() == str(out)
    assert "profile likelihood gives" in out.read_text()


def test_published_limits_at_the_mass_of_the_run(run_of: Runs) -> None:
    account = read_account(run_of("joint"))  # of B-L at 10 MeV
    found = beside_published(account)
    assert found is not None
    (ours,) = limits_among(quoted(account.result))
    assert found.rows
    for row in found.rows:
        curve = bc.published_limit(row.cells[0])
        assert curve.interaction == "b-l"
        assert float(row.cells[6]) == pytest.approx(
            (ours.value or 0.0) / at_mass(curve, 10.0), rel=1e-2
        )
    text = html(account)
    assert "strongest published limits on g_BL" in text
    none = beside_published(read_account(run_of("scan")))
    assert none is not None
    assert none.rows == ()
    assert "None of the published limits" in none.words
    assert beside_published(read_account(run_of("failed"))) is None


def test_a_published_curve_between_its_points() -> None:
    curve = bc.published_limit("b-l.borexino_2018")
    first = int(np.flatnonzero(np.isfinite(curve.mass_mev))[0])
    one, two = curve.mass_mev[first : first + 2]
    assert at_mass(curve, float(one)) == pytest.approx(curve.lower[first])
    middle = at_mass(curve, float(np.sqrt(one * two)))
    assert middle == pytest.approx(np.sqrt(curve.lower[first] * curve.lower[first + 1]))
    masses = np.array([1.0, 10.0, np.nan, 20.0, 40.0, 80.0])
    upper = np.array([2.0, 4.0, np.nan, 1.0, np.inf, np.inf])
    invented = replace(curve, mass_mev=masses, lower=0.1 * masses, upper=upper)
    found = [_between(invented, upper, mass) for mass in (1.0, 10.0, 15.0, 20.0, 30.0, 60.0)]
    assert found == pytest.approx([2.0, 4.0, np.nan, 1.0, np.inf, np.inf], nan_ok=True)
    assert np.isnan(at_mass(curve, 0.5 * float(np.nanmin(curve.mass_mev))))
    assert np.isnan(at_mass(curve, None))


def test_an_unfinished_run_is_marked(tmp_path: Path) -> None:
    study = example("preview")
    out = tmp_path / "run"

    def stop(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bc.run(study, out=out, on_point=stop)
    with pytest.warns(UnfinishedWarning, match="1 of 2 points"):
        text = report(out).read_text()
    assert "interrupted: not all points are finished" in text
    assert 'class="badge bad"' in text


def test_the_drawing_has_every_part(run_of: Runs) -> None:
    spec = read_account(run_of("joint")).spec
    graph = model_graph(spec)
    texts = [box.text for box in graph.boxes]
    for experiment in spec.experiments:
        assert experiment.name in texts
        for part in experiment.backgrounds:
            assert f"background {part.name}" in texts
    assert texts.count("flux_8b") == 1, "a shared nuisance is one part"
    assert "cevns of solar_8b depends on g_BL, flux_8b" in graph.words
    places = [(box.x, box.y) for box in graph.boxes]
    assert len(set(places)) == len(places)
    assert all(box.x > 0 and box.x + box.width < graph.width for box in graph.boxes)
    assert all(box.y > 0 and box.y + box.height < graph.height for box in graph.boxes)


@pytest.mark.parametrize(
    ("prior", "words"),
    [
        (bc.Prior.uniform(0.0, 3.0), "uniform from 0 to 3"),
        (bc.Prior.lognormal(1.0, 0.1), "log-normal, median 1, sigma of the log 0.1"),
        (
            bc.Prior.asymmetric(1.0, 0.1, 0.2, lower=0.0),
            "normal on either side of 1, standard deviations 0.1 below and 0.2 above, above 0",
        ),
        (
            bc.Prior.normal(0.0, {"a": 1.0, "b": 2.0}, lower=-3.0, upper=3.0),
            "normal, mean 0, standard deviation 1 (a), 2 (b), from -3 to 3",
        ),
        (bc.Prior.counted(12, 3.0, 4.0), "from 12 events counted elsewhere, tau = 3"),
    ],
)
def test_priors_in_words(prior: bc.Prior, words: str) -> None:
    assert prior_words(prior) == words
