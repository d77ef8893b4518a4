"""The Standard Model in every experiment, by weak charges and atoms; writes standard_model.md.

Expected events of each signal at nominal nuisances, without a fit.
"""

from __future__ import annotations

from pathlib import Path

import bayes_cevns as bc
from bayes_cevns.cards import Experiment
from bayes_cevns.cards.experiment import Signal

PAGE = Path(__file__).with_suffix(".md")

#: By experiment: the published expectation, where there is one, as on the page of experiments.
PUBLISHED = {
    "coherent_csi": "341 +- 11, arXiv:2110.07730",
    "coherent_csi_2017": "173 +- 48, arXiv:1708.01294",
    "coherent_lar": "128 +- 17, arXiv:2006.12659",
    "coherent_ge": "35.1 +- 3.6 (other bins), arXiv:2406.13806",
    "coherent_ge_counts": "35.1 +- 3.6, arXiv:2406.13806",
    "conus_plus": "347 +- 59, arXiv:2501.05206 (response scaled to it at tree level)",
    "lz_8b": "19.6, HEPData 167350",
    "pandax4t_paired": "2.3, arXiv:2409.02003 (response scaled to it at tree level)",
    "pandax4t_us2": "46.8, arXiv:2409.02003 (response scaled to it at tree level)",
    "xenonnt_2024": "11.9, arXiv:2408.02877",
    "xenon1t_s2only": "1.89 of CEvNS, in the release of arXiv:1907.11485",
    "xenonnt_er": "300 +- 30 in 1-140 keV, not 1-30 keV, not checked",
    "lz_er": "102 +- 6 in the region of the WIMP search of WS2024, not here, not checked",
}

TREE = bc.Theory(atoms="stepping")
#: Column -> theory, for nuclei and for electrons.
NUCLEI = {"tree": TREE, "radiative": bc.Theory(weak_charges="radiative", atoms="stepping")}
ELECTRONS = {
    "tree, free": bc.Theory(atoms="free"),
    "tree, stepping": TREE,
    "tree, rrpa": bc.Theory(),
    "radiative, rrpa": bc.Theory(weak_charges="radiative"),
}


def main() -> None:
    """Write the page."""
    every = [bc.experiment(name) for name in bc.experiment_names()]
    text = [
        "# The Standard Model, by weak charges and atoms",
        "",
        f"Written by `make experiments`; do not edit. bayes_cevns {bc.__version__}. Expected "
        "events of all runs at nominal nuisances. Charges are those of `weak_charges`: at tree "
        "level, the default, or with radiative corrections. Releases of XENON are at tree level; "
        "COHERENT's germanium code has the corrections. Published expectations are those on the "
        "page of [experiments](experiments.md), where their differences are discussed.",
        "",
        "## Nuclei",
        "",
        *_table(every, NUCLEI, "nucleus"),
        "",
        "## Electrons",
        "",
        "Signals of all sources together. `rrpa` is many-body theory on xenon; other elements have "
        "no table, and the step function is taken (the default). Solar neutrinos in the region of "
        "LZ's WIMP search of WS2024, and those of XENONnT up to 140 keV, are on the page of "
        "experiments.",
        "",
        *_table(every, ELECTRONS, "electron"),
        "",
    ]
    temporary = PAGE.with_suffix(".tmp")
    temporary.write_text("\n".join(text), encoding="utf-8")
    temporary.replace(PAGE)


def _table(every: list[Experiment], theories: dict[str, bc.Theory], scatterer: str) -> list[str]:
    *_, tree, radiative = theories
    lines = [
        f"| experiment | {' | '.join(theories)} | {radiative} / {tree} | published |",
        f"| :-- |{' --: |' * len(theories)} --: | :-- |",
    ]
    for one in every:
        own = [s for s in one.signals if _scatterer(s) == scatterer]
        if not own:
            continue
        counts = {name: _events(one, own, theory) for name, theory in theories.items()}
        change = counts[radiative] / counts[tree] - 1.0
        cells = " | ".join(f"{value:.5g}" for value in counts.values())
        lines.append(f"| {one.name} | {cells} | {change:+.2%} | {_published(one, scatterer)} |")
    return lines


def _scatterer(signal: Signal) -> str:
    return "electron" if signal.channel == "electron" else "nucleus"


def _events(one: Experiment, signals: list[Signal], theory: bc.Theory) -> float:
    """Return the expected events of some signals."""
    several = len(one.signals) > 1
    names = {f"{signal.name}.sm" if several else "sm" for signal in signals}
    expected = bc.expected_counts(one, theory=theory)
    return sum(value for run in expected.values() for name, value in run.items() if name in names)


def _published(one: Experiment, scatterer: str) -> str:
    both = len({_scatterer(signal) for signal in one.signals}) > 1
    return "" if both and scatterer == "electron" else PUBLISHED.get(one.name, "")


if __name__ == "__main__":
    main()
