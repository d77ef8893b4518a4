"""Solar-model profiles: where neutrinos are made, and the matter that they cross."""

from __future__ import annotations

import math
from itertools import pairwise

from bayes_cevns.releases.columns import csv_text
from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.product import Files, RawRelease, builder
from bayes_cevns.releases.reading import check_integral

RAW = RawRelease("theory/ssm", "from the sources in data/solar_models/REFERENCE")

B16 = "Vinyoles et al., Astrophys. J. 835 (2017) 202, arXiv:1611.09867"
B23 = "Herrera and Serenelli, Solar Models ICE-2023/SF-III, doi:10.5281/zenodo.10822316, v1.2"

#: File that we write -> (raw table of the structure, raw table of the production, reference).
MODELS = {
    "b16_gs98.csv": ("b16_gs98_structure.csv", "b16_gs98_nudistr.csv", B16),
    "b16_agss09met.csv": ("b16_agss09_structure.csv", "b16_agss09_nudistr.csv", B16),
    "b23_sf3_gs98.csv": ("b23_sf3_GS98.csv", "b23_sf3_GS98.csv", B23),
}

COMPONENTS = ("pp", "pep", "hep", "7Be", "8B", "13N", "15O", "17F")

#: Columns that we write, before one production density for each component.
STRUCTURE = (
    "radius",
    "electrons_mol_per_cm3",
    "neutrons_mol_per_cm3",
    "h_he_electrons_mol_per_cm3",
    "h_he_neutrons_mol_per_cm3",
)

#: Every tenth radius of the raw tables (steps of 5e-4) where neutrinos are made, then coarser.
_FINE_STEP, _FINE_END, _COARSE_STEP = 0.005, 0.5, 0.02
_INTEGRAL_TOLERANCE = 1e-3


@builder(RAW)
def build(raw: RawFolder) -> Files:
    """Build the profiles of the solar models."""
    return {name: _profile(raw, *source) for name, source in MODELS.items()}


type Table = dict[str, dict[float, float]]


def _profile(raw: RawFolder, structure: str, production: str, reference: str) -> str:
    matter = _table(raw, structure)
    made = matter if production == structure else _table(raw, production)
    radii = _radii(raw, structure, matter["rho_g_cm3"])
    columns = [[format(r, ".6g") for r in radii], *_densities(raw, structure, matter, radii)]
    for component in COMPONENTS:
        name = f"f_{component}"
        raw.expect(production, name in made, f"a column {name}, found none")
        columns.append(_production(raw, production, component, made[name], radii))
    comments = [
        "Densities in units of Avogadro's number per cm^3; production densities dF/d(radius).",
        f"{reference}; see REFERENCE.",
    ]
    return csv_text(comments, (*STRUCTURE, *COMPONENTS), zip(*columns, strict=True))


def _table(raw: RawFolder, relative: str) -> Table:
    """Read a raw table as column -> radius -> value."""
    lines = raw.read_text(relative, group=relative).splitlines()
    header = [line for line in lines if line.startswith("#")]
    names = header[-1].removeprefix("#").strip().split(",") if header else []
    with raw.parsing(relative, "rows of numbers"):
        rows = [[float(v) for v in ln.split(",")] for ln in lines if ln and ln not in header]
    whole = bool(rows) and all(len(row) == len(names) for row in rows)
    named = names[:1] == ["r_over_Rsun"]
    raw.expect(relative, whole and named, f"rows of {', '.join(names) or 'named columns'}")
    positive = all(0 <= v < math.inf for row in rows for v in row)
    raw.expect(relative, positive, "finite numbers >= 0")
    radii = [round(row[0], 6) for row in rows]
    rising = all(a < b for a, b in pairwise(radii))
    raw.expect(relative, rising, "strictly increasing radii")
    columns = zip(*rows, strict=True)
    return {n: dict(zip(radii, c, strict=True)) for n, c in zip(names, columns, strict=True)}


def _radii(raw: RawFolder, relative: str, column: dict[float, float]) -> list[float]:
    fine = [round(i * _FINE_STEP, 6) for i in range(1, round(_FINE_END / _FINE_STEP) + 1)]
    steps = range(1, round((1.0 - _FINE_END) / _COARSE_STEP) + 1)
    coarse = [round(_FINE_END + i * _COARSE_STEP, 6) for i in steps]
    # The centre itself: B16 begins one step of 5e-4 away from it.
    first = min(column)
    radii = [first, *fine, *coarse]
    missing = [r for r in radii if r not in column]
    complete = not missing and first <= _FINE_STEP
    raw.expect(relative, complete, f"radii in steps of 5e-4 up to 1, {missing[:3]} missing")
    return radii


def _densities(raw: RawFolder, relative: str, matter: Table, radii: list[float]) -> list[list[str]]:
    names = ("np_NA", "nn_NA", "rho_g_cm3", "X_H1", "X_He4")
    missing = [name for name in names if name not in matter]
    raw.expect(relative, not missing, f"a column {', '.join(map(repr, missing))}, found none")
    columns = [matter[name] for name in names]
    protons, neutrons, rho, hydrogen, helium = ([c[r] for r in radii] for c in columns)
    mixed = list(zip(rho, hydrogen, helium, strict=True))
    light = [density * (x + y / 2) for density, x, y in mixed]
    light_neutrons = [density * y / 2 for density, _, y in mixed]
    densities = (protons, neutrons, light, light_neutrons)
    return [[format(v, ".6g") for v in values] for values in densities]


def _production(
    raw: RawFolder, relative: str, component: str, density: dict[float, float], radii: list[float]
) -> list[str]:
    whole = sum((b - a) * (density[a] + density[b]) / 2 for a, b in pairwise(density))
    what, tolerance = f"a density of {component}", _INTEGRAL_TOLERANCE
    check_integral(raw, relative, whole, expected=1, tolerance=tolerance, what=what)
    values = [density.get(r, 0.0) for r in radii]  # B16 ends at half the radius
    values[0] = 0.0  # it vanishes at the centre as radius^2
    points = list(zip(radii, values, strict=True))
    integral = sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in pairwise(points))
    return [format(v / integral, ".6g") for v in values]
