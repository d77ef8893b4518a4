"""The browser of limits, by clicking: what it draws, reads, saves and restores."""

from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "docs" / "_static" / "limits"


@pytest.fixture(scope="module")
def data() -> dict[str, Any]:
    from limits_browser import data

    return data()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("site")


def write_page(folder: Path, data: dict[str, Any], name: str = "page") -> str:
    """Write the page with some data, and return its address."""
    fragment = (STATIC / "limits.html").read_text(encoding="utf-8")
    fragment = fragment.replace("../_static/limits/", f"{STATIC.as_uri()}/")
    fragment = fragment.replace("../_static/limits_data.js", f"{name}.js")
    (folder / f"{name}.js").write_text(f"window.LIMITS = {json.dumps(data)};", encoding="utf-8")
    path = folder / f"{name}.html"
    path.write_text(f"<!DOCTYPE html><meta charset='utf-8'><body>{fragment}", encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def opened(browser: Any, folder: Path, data: dict[str, Any]) -> Iterator[Callable[..., Any]]:
    """Open the page at an address behind "#"; no errors may be left on its console."""
    address = write_page(folder, data)
    contexts, errors = [], []

    def open_at(place: str = "", *, width: int = 1000, scheme: str = "light", at: str = "") -> Any:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, accept_downloads=True
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto((at or address) + place)
        return page

    yield open_at
    for context in contexts:
        context.close()
    assert errors == []


def rows_of(name: str, **wanted: str) -> list[dict[str, str]]:
    """Return the rows of a committed table, read here by itself."""
    with (ROOT / "validation" / name).open(encoding="utf-8", newline="") as stream:
        return [
            row
            for row in csv.DictReader(stream)
            if all(row[key] == value for key, value in wanted.items())
        ]


def drawn(page: Any) -> int:
    return int(page.locator(".limits-curve").count())


def readout(page: Any) -> str:
    return str(page.locator("#limits-readout").inner_text())


ONE = "#i=b-l&k=flat&s=upper&e=xenonnt_cevns&p="


def test_the_first_view_has_curves_and_a_definition(opened):
    page = opened()
    assert page.locator("#limits-interaction").input_value() == "b-l"
    assert drawn(page) > 3
    assert page.locator("#limits-caption").inner_text().startswith("g_BL: the gauge coupling")


def test_every_interaction_can_be_chosen(opened, data):
    page = opened()
    for name in data["interactions"]:
        page.select_option("#limits-interaction", name)
        assert drawn(page) > 0, name
        assert f"i={name}" in page.url.replace("%2B", "+")


def test_boxes_add_and_remove_curves_and_keep_the_focus(opened):
    page = opened(ONE)
    assert drawn(page) == 1
    page.locator("#limits-own").evaluate("it => { it.open = true; }")
    page.check("#limits-experiments input[value=coherent_csi]")
    assert drawn(page) == 2
    assert page.evaluate("document.activeElement.value") == "coherent_csi"
    page.click("#limits-none")
    assert drawn(page) == 0
    assert "Nothing is chosen" in readout(page)
    page.click("#limits-all")
    assert drawn(page) == len(
        {row["experiments"] for row in rows_of("limits.csv", interaction="b-l") if row["limit"]}
    )


def test_the_pointer_reads_a_committed_value(opened):
    page = opened(ONE)
    rows = rows_of("limits.csv", interaction="b-l", experiments="xenonnt_cevns")
    box = page.locator("#limits-plot svg path.limits-curve").bounding_box()
    masses = [float(row["mass_mev"]) for row in rows]
    row = rows[masses.index(10.0)]
    share = masses.index(10.0) / (len(masses) - 1)  # masses are equally spaced in their logarithm
    page.mouse.move(box["x"] + share * box["width"], box["y"] + box["height"] * 0.8)
    said = readout(page)
    assert "xenonnt_cevns: g_BL < " in said
    assert "at 10 MeV" in said
    assert "90% credible, flat prior" in said
    number, error = re.search(r"< (\S+) ± (\S+) at", said).groups()
    assert float(number) == float(row["limit"])
    assert float(error) == float(row["mc_error"])


def test_the_keyboard_reads_values_along_a_curve_and_across(opened):
    page = opened("#i=b-l&k=flat&s=upper&e=xenonnt_cevns,xenonnt_er&p=")
    page.focus("#limits-plot")
    page.keyboard.press("ArrowRight")
    first = readout(page)
    page.keyboard.press("ArrowRight")
    second = readout(page)
    mass = [float(re.search(r"at (\S+) MeV", said).group(1)) for said in (first, second)]
    assert mass[0] < mass[1]
    name = second.split(":")[0]
    other = ({"xenonnt_cevns", "xenonnt_er"} - {name}).pop()
    page.keyboard.press("ArrowDown")
    if readout(page) == second:
        page.keyboard.press("ArrowUp")
    assert readout(page).startswith(f"{other}:")
    assert page.locator(".limits-ring").count() == 1


def test_a_link_restores_the_view(opened):
    page = opened()
    page.select_option("#limits-interaction", "vector-universal")
    page.uncheck("#limits-sides input[value=positive]")
    page.check("#limits-statements input[value=CL]")
    page.check("#limits-experiments input[value=xlzd]")
    again = opened(at=page.url)
    assert drawn(again) == drawn(page)
    assert again.locator("#limits-plot").inner_html() == page.locator("#limits-plot").inner_html()
    assert "not the same quantity" in again.locator("#limits-note").inner_text()


def test_what_a_link_asks_for_that_is_not_there_is_said(opened):
    page = opened("#i=b-l&k=flat&e=xenonnt_cevns,none_such")
    assert page.locator("#limits-note").inner_text() == "Not known, and left out: none_such."
    assert drawn(page) >= 1
    page = opened("#i=b-x")
    assert "b-x" in page.locator("#limits-note").inner_text()
    assert page.locator("#limits-interaction").input_value() == "b-l"


def test_the_table_that_is_saved_has_what_is_drawn(opened):
    page = opened(ONE.replace("p=", "p=borexino_2018"))
    with page.expect_download() as waiting:
        page.click("#limits-csv")
    assert waiting.value.suggested_filename == "limits_b-l.csv"
    text = Path(waiting.value.path()).read_text(encoding="utf-8")
    saved = list(csv.DictReader(io.StringIO(text)))
    own = [row for row in saved if row["published"] == "false"]
    committed = rows_of("limits.csv", interaction="b-l", experiments="xenonnt_cevns")
    key = ("mass_mev", "limit", "mc_error")
    assert [[float(row[k]) for k in key] for row in own] == [
        [float(row[k]) for k in key] for row in committed
    ]
    others = [row for row in saved if row["published"] == "true"]
    assert others
    assert all("arXiv:" in row["reference"] for row in others)
    assert {row["coupling"] for row in saved} == {"g_BL"}


def test_the_figure_that_is_saved_stands_alone(opened):
    page = opened(ONE, scheme="dark")
    with page.expect_download() as waiting:
        page.click("#limits-svg")
    root = ET.fromstring(Path(waiting.value.path()).read_text(encoding="utf-8"))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    texts = {"".join(each.itertext()) for each in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"g_BL", "mediator mass [MeV]", "xenonnt_cevns"} <= texts
    assert root.find("{http://www.w3.org/2000/svg}rect").get("fill") == "#ffffff"


def test_projections_and_confidence_limits_have_lines_of_their_own(opened):
    page = opened("#i=b-l&k=flat&s=upper&e=xlzd&p=")
    assert page.locator(".limits-curve").get_attribute("stroke-dasharray") == "9 3 2 3"
    assert (
        "projected"
        in page.locator("#limits-plot").inner_text()
        + page.locator("#limits-plot svg").text_content()
    )
    page = opened("#i=b-l&k=CL&s=upper&e=xenonnt_cevns&p=")
    assert page.locator(".limits-curve").get_attribute("stroke-dasharray") == "6 3"


def test_curves_of_one_experiment_and_two_signs_differ(opened):
    page = opened("#i=vector-universal&k=flat,CL&s=positive,negative&e=xlzd,xenonnt_cevns&p=")
    curves = page.locator(".limits-curve").all()
    looks = {(c.get_attribute("stroke"), c.get_attribute("stroke-dasharray")) for c in curves}
    assert len(looks) == len(curves) == 6


def test_a_failed_fit_is_a_gap(opened, folder, data):
    changed = json.loads(json.dumps(data))
    (curve,) = [
        c
        for c in changed["curves"]
        if (c["interaction"], c["experiments"], c["prior"]) == ("b-l", "xenonnt_cevns", "flat")
    ]
    before = opened(ONE)
    marks = before.locator("#limits-plot svg g circle").count()
    curve["limit"][6] = curve["error"][6] = None
    page = opened(ONE, at=write_page(folder, changed, "gap"))
    assert page.locator(".limits-curve").get_attribute("d").count("M") == 2
    assert page.locator("#limits-plot svg g circle").count() == marks - 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1400])
def test_it_fits_a_phone_and_a_screen_in_both_themes(opened, width, scheme):
    page = opened(width=width, scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    paper = page.locator("#limits-plot svg > rect").first.get_attribute("fill")
    assert paper == {"light": "#ffffff", "dark": "#131416"}[scheme]
    for label in page.locator(".limits-controls label, #limits-browser button").all():
        assert label.text_content().strip()


def test_the_data_are_the_committed_limits_and_failed_rows_are_gaps(data):
    methods = {"profile (CL)": ("CL", ""), "flat prior (credible)": ("credible", "flat")}
    methods |= {prior: ("credible", prior) for prior in ("flat", "flat-rate", "log")}
    tables = {"limits.csv": {"method": "flat"}, "limits_by_prior.csv": {}, "sterile.csv": {}}
    expected: dict[tuple[object, ...], float] = {}
    failed = []
    for name, more in tables.items():
        for given in rows_of(name):
            row = {"side": "upper", "experiment": "xenonnt_cevns"} | given | more
            if row["method"] not in methods:
                continue
            where = row.get("experiments", row["experiment"]), row["interaction"]
            mass = float(row["mass_mev"]) if row["mass_mev"] else None
            key = (*where, *methods[row["method"]], row["side"], mass)
            if row["limit"]:
                expected.setdefault(key, float(row["limit"]))
            elif mass is not None:
                failed.append(key)
    keys = ("experiments", "interaction", "kind", "prior", "side")
    found = {
        (*(curve[key] for key in keys), mass): limit
        for curve in data["curves"]
        for mass, limit in zip(curve["mass"], curve["limit"], strict=True)
    }
    assert {key: limit for key, limit in found.items() if limit is not None} == expected
    assert failed
    assert all(found[key] is None for key in failed)
