"""Pages in headless Chromium: nothing is logged, nothing overflows, everything can be read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bayes_cevns.reports.page import report

KINDS = ("scan", "failed", "compare")

#: Contrast of every text with what is behind it, by the formula of WCAG 2.1, and where it is least.
CONTRAST = """
() => {
  const rgb = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const level = colour => {
    const [r, g, b] = colour.map(v => v / 255).map(
      v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = element => {
    if (element.tagName === "text") {
      const box = element.parentElement.querySelector("rect");
      if (box) return rgb(getComputedStyle(box).fill);
    }
    for (let e = element; e; e = e.parentElement) {
      const found = rgb(getComputedStyle(e).backgroundColor);
      if (found.length === 3 || found[3] === 1) return found.slice(0, 3);
    }
    return rgb(getComputedStyle(document.documentElement).backgroundColor);
  };
  document.querySelectorAll("details").forEach(e => { e.open = true; });
  let least = [99, ""], seen = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const unseen = ["title", "desc", "STYLE"].includes(element.tagName);
    if (unseen || !walker.currentNode.data.trim()) continue;
    const style = getComputedStyle(element);
    const ink = rgb(element.tagName === "text" ? style.fill : style.color).slice(0, 3);
    const [one, two] = [level(ink), level(ground(element).slice(0, 3))];
    const ratio = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
    seen += 1;
    if (ratio < least[0]) least = [ratio, `${element.tagName}: ${walker.currentNode.data.trim()}`];
  }
  return {ratio: least[0], where: least[1], seen};
}
"""


@pytest.fixture(scope="module")
def pages(
    run_of: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    return {kind: report(run_of(kind), out=folder / f"{kind}.html") for kind in KINDS}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1400])
@pytest.mark.parametrize("kind", KINDS)
def test_a_page_in_a_browser(
    kind: str, width: int, scheme: str, browser: Any, pages: dict[str, Path]
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda r: r.url.startswith(("file:", "data:")) or said.append(r.url))
    page.goto(pages[kind].as_uri())
    found = page.evaluate(CONTRAST)  # opens what is folded as well
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    images = page.evaluate("[...document.images].map(e => [e.alt.length, e.naturalWidth])")
    heads = page.evaluate("[...document.querySelectorAll('th')].every(e => e.scope)")
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.close()
    assert said == []
    assert wide <= 0, "the page is wider than the window"
    assert all(words > 20 and pixels > 0 for words, pixels in images)
    assert len(images) == {"scan": 1, "failed": 0, "compare": 2}[kind]
    assert heads
    assert found["seen"] > 100
    assert found["ratio"] >= 4.5, found
    assert (ground == "rgb(255, 255, 255)") == (scheme == "light")


def test_the_contrast_is_computed(browser: Any) -> None:
    page = browser.new_page()
    page.set_content("<body style='background:#fff;color:#777'><p>grey</p></body>")
    found = page.evaluate(CONTRAST)
    page.close()
    assert found["ratio"] == pytest.approx(4.48, abs=0.01)  # of #777777 on white, WCAG's example
    assert found["where"] == "P: grey"
