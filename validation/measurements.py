"""Measurements of the Standard Model from all experiments; writes measurements.md and figures.

The weak mixing angle of every CEvNS experiment by itself and of all together, at the momentum
transfers that each sees; rms radii and skins of neutrons, alone and with the weak mixing angle; the
8B flux. Intervals are of 68% CL (profile likelihood, all nuisances of the cards) and, in the
planes, credible regions. Parts alone are renewed, and the others kept, with

    python validation/measurements.py angles radii
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from profile_interval import FLUX_E6, ONE_SIGMA, asymmetric
from rows import Row, markdown

import bayes_cevns as bc
from bayes_cevns.ends import END_TEXTS
from bayes_cevns.figures.coupling_regions import region_figure
from bayes_cevns.inference.profile.result import ProfileResult
from bayes_cevns.physics.constants import SIN2_THETA_W
from bayes_cevns.physics.running import running_mixing_angle
from bayes_cevns.plots.mixing_angle import MeasuredAngle, mixing_angles
from bayes_cevns.specification.momentum_transfer import momentum_transfers_mev
from bayes_cevns.storage.resources import models_dir
from bayes_cevns.studies.neutron_radius import NEUTRON_RADIUS_SCALE, Length, neutron_lengths

HERE = Path(__file__).parent
PAGE, KEPT, FIGURES = HERE / "measurements.md", HERE / "measurements.json", HERE / "figures"

STOPPED_PIONS = ("coherent_csi", "coherent_lar", "coherent_ge")
REACTORS = ("conus_plus_spectrum",)
SOLAR = ("xenonnt_cevns", "pandax4t_paired", "pandax4t_us2")
#: A second-hand number, which no joint fit has.
SECOND_HAND = ("lz_8b_number",)
CEVNS = (*STOPPED_PIONS, *REACTORS, *SOLAR)
RECOILS = ("xenonnt_er", "lz_er", "pandax4t_er")

#: Sets of experiments of which the weak mixing angle is measured, by the words for them.
SETS = {
    **{name: (name,) for name in (*CEVNS, *SECOND_HAND)},
    "germanium": ("coherent_ge", "conus_plus_spectrum"),
    "stopped pions": STOPPED_PIONS,
    "solar 8B": SOLAR,
    "all CEvNS": CEVNS,
    "solar neutrinos on electrons": RECOILS,
}

#: Those that are drawn.
DRAWN = (
    "coherent_csi",
    "coherent_lar",
    "coherent_ge",
    "conus_plus_spectrum",
    "solar 8B",
    "all CEvNS",
    "solar neutrinos on electrons",
)

#: What others found: words, where, momentum transfer in MeV, value, errors.
PUBLISHED = (
    ("parity violation, mainly in atomic Cs", "arXiv:2405.09416", 2.4, 0.2396, 0.0019, 0.0020),
    ("E158, Moller scattering", "hep-ex/0504049", 160.0, 0.2397, 0.0013, 0.0013),
)

#: Published angles beside ours, by set: value and where.
BESIDE = {
    "coherent_csi": ("0.227 +- 0.028", "arXiv:2403.03566, with a radius of Cs from protons"),
    "germanium": ("0.271 +0.023 -0.026", "arXiv:2506.13555, with TEXONO and nuGeN"),
}

RADII = {
    "coherent_csi": ("5.5 +0.9 -1.1 fm (Cs and I alike)", "arXiv:1710.02730, the data of 2017"),
    "coherent_lar": ("", ""),
    "coherent_ge": ("", ""),
    "germanium": ("7.6 +1.6 -1.7 fm", "arXiv:2506.13555, with TEXONO and nuGeN"),
    "xenonnt_cevns": ("", ""),
}

type Rows = list[Row]


def angles() -> Rows:
    """Return the weak mixing angle of each set with tree-level and with radiative charges."""
    found: Rows = []
    points = []
    for words, names in SETS.items():
        text = {}
        for charges in ("tree", "radiative"):
            result = _angle(names, charges)
            text[charges] = _told(result, offset=SIN2_THETA_W)
        low, middle, high = transfers = momentum_transfers_mev(_loaded(names))
        published, origin = BESIDE.get(words, ("", ""))
        found.append(
            Row(
                f"sin^2 theta_W, {words}",
                origin,
                published,
                text["radiative"],
                f"at {low:.3g} to {high:.3g} MeV, half of the events below {middle:.3g}; "
                f"{text['tree']} with tree-level charges",
            )
        )
        if words in DRAWN:
            points.append(_drawn(words, transfers, result))
    points += [
        MeasuredAngle(f"{words} ({where})", (q, q, q), value, value - minus, value + plus, True)
        for words, where, q, value, minus, plus in PUBLISHED
    ]
    scale = np.geomspace(0.03, 1e3, 200)
    figure = mixing_angles(
        points,
        momentum_transfer_mev=scale,
        standard_model=running_mixing_angle(scale),
        title="Weak mixing angle at low momentum transfer",
        subtitle="68% CL, profile likelihood with all nuisances, radiative corrections of the weak "
        "charges; bars along the momentum transfer hold 68% of the events of the Standard Model; a "
        "point at 0 is at the end of the range",
    )
    figure.savefig(FIGURES / "measurements_angles.png")
    return found


def _told(result: ProfileResult, *, scale: float = 1.0, offset: float = 0.0) -> str:
    """Return the best fit and its interval, or the interval alone where it begins at zero."""
    low, high = (
        offset + scale * end for end in (result.intervals[0].low, result.intervals[0].high)
    )
    if len(result.intervals) == 1 and low < 1e-6:
        return f"0 to {high:.2g}"
    return asymmetric(result, scale=scale, offset=offset)


def _drawn(
    words: str, transfers: tuple[float, float, float], result: ProfileResult
) -> MeasuredAngle:
    """Return the best fit with its interval."""
    (one,) = result.intervals
    low, high = (SIN2_THETA_W + end for end in (one.low, one.high))
    return MeasuredAngle(words, transfers, SIN2_THETA_W + result.best, low, high)


def _angle(names: Sequence[str], charges: str) -> ProfileResult:
    return bc.profile(
        _loaded(names), interaction="weak-mixing-angle", level=ONE_SIGMA, weak_charges=charges
    )


def _loaded(names: Sequence[str]) -> list[bc.Experiment]:
    return [bc.experiment(name) for name in names]


def radii() -> Rows:
    """Return the radius and the skin of neutrons by element, from the radius that is free."""
    found: Rows = []
    for words, (published, origin) in RADII.items():
        loaded = [_with_radius(name) for name in SETS[words]]
        result = bc.profile(
            loaded,
            parameter=NEUTRON_RADIUS_SCALE,
            free=True,
            level=ONE_SIGMA,
            weak_charges="radiative",
        )
        lengths = dict.fromkeys(neutron_lengths(result, loaded))
        for number, length in enumerate(lengths):
            quoted = (origin, published) if number == 0 else ("", "")
            note = f"{length.nominal_fm:.3g} fm of the form factor"
            what = f"{length.element}, {length.what}, from {words}"
            found.append(Row(what, *quoted, _interval(length), note))
    return found


def _with_radius(name: str) -> bc.Experiment:
    """Return an experiment with the radius among its nuisances, which xenon's cards leave out."""
    given = models_dir() / f"{name}.toml"
    text = given.read_text(encoding="utf-8")
    if NEUTRON_RADIUS_SCALE in text:
        return bc.experiment(name)
    with tempfile.TemporaryDirectory() as folder:
        card = Path(folder) / f"{name}_radius.toml"
        shared = f'shared = ["{NEUTRON_RADIUS_SCALE}", '
        card.write_text(text.replace("shared = [", shared, 1), encoding="utf-8")
        return bc.experiment(card)


def _interval(length: Length) -> str:
    best, pieces = length.best_fm, length.regions_fm
    if length.at_bound:
        return f"{pieces[0][0]:.3g} to {pieces[-1][1]:.3g} fm, open ({END_TEXTS[length.at_bound]})"
    if len(pieces) == 1:
        low, high = pieces[0]
        return f"{best:.3g} +{high - best:.2g} -{best - low:.2g} fm"
    return f"{best:.3g} fm ({' and '.join(f'{low:.3g} to {high:.3g}' for low, high in pieces)})"


def plane() -> Rows:
    """Return intervals of the angle with the radius free, and draw their plane."""
    found: Rows = []
    for names in (("coherent_csi",), ("coherent_ge", "conus_plus_spectrum")):
        fits = bc.sample_couplings(
            _loaded(names),
            couplings=["sin2_theta_w"],
            nuisance_priors={NEUTRON_RADIUS_SCALE: "flat"},
            levels=(0.68, 0.9),
            weak_charges="radiative",
            seed=1,
            settings=bc.SamplerSettings(cores=2),
            out=HERE.parent / "results" / "measurements" / "-".join(names),
        )
        figure = region_figure(fits, "sin2_theta_w", NEUTRON_RADIUS_SCALE)
        figure.savefig(FIGURES / f"measurements_plane_{'_'.join(names)}.png")
        text = " + ".join(
            f"[{one.low:.3g}, {one.high:.3g}]" for one in fits.intervals("sin2_theta_w", 0.68)
        )
        found.append(
            Row(f"sin^2 theta_W, radius free, {' and '.join(names)}", "", "", text, "68% credible")
        )
    return found


def flux() -> Rows:
    """Return the 8B flux of each experiment and of all, without a constraint on it."""
    found: Rows = []
    each = (*SOLAR, *SECOND_HAND)
    for words, names in {**{n: (n,) for n in each}, "all but LZ's number": SOLAR}.items():
        result = bc.profile(
            _loaded(names),
            parameter="flux_8b",
            free=True,
            level=ONE_SIGMA,
            weak_charges="radiative",
        )
        published = "5.25 +- 0.20 (SNO), 5.46 +- 0.66 (B16-GS98)" if len(names) > 1 else ""
        origin = "arXiv:1109.0763, arXiv:1611.09867" if len(names) > 1 else ""
        text = _told(result, scale=FLUX_E6)
        found.append(Row(f"8B flux [1e6 /cm2/s], {words}", origin, published, text))
    return found


#: Parts of the page: function, and heading.
PARTS: dict[str, tuple[Callable[[], Rows], str, str]] = {
    "angles": (
        angles,
        "Weak mixing angle",
        "Between 0 and 1; an interval that begins at 0 begins at the end of this range. Joint fits "
        "leave out LZ's number, which is second-hand.",
    ),
    "radii": (
        radii,
        "Radii and skins of neutrons",
        "The radius of neutrons is free from 0.6 to 1.6 times that of the form factor, that of "
        "protons is measured and stays. An open end is that of this range: argon, germanium and "
        "xenon do not measure it from both sides.",
    ),
    "plane": (plane, "Weak mixing angle and radius together", "Flat priors of both."),
    "flux": (flux, "8B flux", "No constraint of a solar model."),
}
FIGURES_OF = {
    "angles": ("measurements_angles",),
    "plane": (
        "measurements_plane_coherent_csi",
        "measurements_plane_coherent_ge_conus_plus_spectrum",
    ),
}


def main() -> None:
    """Run the parts asked for, and write the page after each."""
    wanted = sys.argv[1:] or list(PARTS)
    if unknown := set(wanted) - set(PARTS):
        sys.exit(f"no such part: {', '.join(sorted(unknown))} (has {', '.join(PARTS)})")
    FIGURES.mkdir(exist_ok=True)
    kept = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.is_file() else {}
    for part in wanted:
        kept[part] = [vars(row) for row in PARTS[part][0]()]
        KEPT.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
        PAGE.write_text(page(kept), encoding="utf-8")
        print(f"{part}: written", flush=True)


def page(kept: dict[str, list[dict[str, str]]]) -> str:
    """Return the page from the rows of its parts."""
    lines = [
        "# Measurements of the Standard Model",
        "",
        f"Written by `make measurements`; do not edit. bayes_cevns {bc.__version__}. Radiative "
        "corrections of the weak charges are in unless it says otherwise. Published numbers are "
        "from abstracts and summaries that were read; those without a number were not found.",
        "",
    ]
    for part, (_, title, text) in PARTS.items():
        if part in kept:
            lines.append(markdown(title, text, [Row(**row) for row in kept[part]]))
            lines += [f"![{name}](figures/{name}.png)\n" for name in FIGURES_OF.get(part, ())]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
