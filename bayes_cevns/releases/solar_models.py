"""Solar-model profiles: where neutrinos are made, and the matter that they cross."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

from bayes_cevns.releases.inputs import RawFolder
from bayes_cevns.releases.product import Product

FOLDER = "theory/ssm"
ORIGIN = "from the sources in data/solar_models/REFERENCE"

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

REFERENCE = f"""\
Solar models: electron and neutron density, and where neutrinos are produced

Sources
  b16_gs98.csv       {B16}.
  b16_agss09met.csv  the same paper.
  b23_sf3_gs98.csv   {B23}.

Licence
  Numbers published with the papers, which are to be cited. They were read from copies without a
  statement of licence of their own, or in programs under GPL-3 (PEANUTS, production
  distributions of B16) and MIT (captngen, structure of B16): no program code was taken.

What was derived, and how (bayes_cevns.releases.solar_models)
  radius: in units of the solar radius; every tenth radius of the raw tables, steps of
  {_FINE_STEP:g}, up to {_FINE_END:g}, where production ends, and steps of {_COARSE_STEP:g}
  beyond.
  electrons: total density of protons, density x sum_i X_i Z_i / A_i over the tabulated nuclei in
  units of Avogadro's number. Neutrinos are forward-scattered by free and by bound electrons
  alike, so that charge neutrality makes this the density of electrons. The free-electron
  densities of the raw tables agree with it to 0.2% for B16 (they are given in steps of 0.2%), and
  are 0.3% to 0.5% larger, which free electrons cannot be, for B23: P_ee(8B, 10 MeV) is 2.4e-4
  lower with them.
  neutrons: density x sum_i X_i (A_i - Z_i) / A_i.
  h_he_electrons, h_he_neutrons: the same from the mass fractions of 1H and 4He alone,
  density x (X + Y/2) and density x Y/2, for the comparison with work that leaves out metals.
  pp ... 17F: production density dF/d(radius) of each neutrino component, divided by its
  trapezoid integral over the table, so that this is one. The production columns of B16 are
  densities: their header calls them fractions per zone, but they add up to one over the step.

  The builder reads the tables by the names of their columns, which the last line of each header
  gives, below theory/ssm; inputs.toml has their digests.

Check values
  P_ee(8B, 10 MeV) in the Standard Model with sin^2 theta_12 0.307, sin^2 theta_13 0.0222,
  dm^2_21 7.41e-5 eV^2: 0.3259 for B16-GS98, 0.3262 for B23-SF3-GS98. The reference value 0.3268
  of the conventions of this package is that of B23-SF3-GS98 with hydrogen and helium alone.
"""


def build(releases_dir: Path) -> Product:
    """Build the profiles of the solar models.

    Raises
    ------
    DataError
        If a table is missing or damaged, or its production is not a normalised density.
    """
    raw = RawFolder(releases_dir / FOLDER, origin=ORIGIN)
    files = {name: _profile(raw, *source).encode() for name, source in MODELS.items()}
    files["REFERENCE"] = REFERENCE.encode()
    return Product(files=files, inputs=raw.digests())


type Table = dict[str, dict[float, float]]


def _profile(raw: RawFolder, structure: str, production: str, reference: str) -> str:
    matter = _table(raw, structure)
    made = matter if production == structure else _table(raw, production)
    radii = _radii(raw, structure, matter["rho_g_cm3"])
    columns = [[format(r, ".6g") for r in radii], *_densities(raw, structure, matter, radii)]
    for component in COMPONENTS:
        density = made.get(f"f_{component}")
        if density is None:
            raise raw.error(production, f"expected a column f_{component}, found none")
        columns.append(_production(raw, production, component, density, radii))
    head = [
        "# Densities in units of Avogadro's number per cm^3; production densities dF/d(radius).",
        f"# {reference}; see REFERENCE.",
        ",".join((*STRUCTURE, *COMPONENTS)),
    ]
    return "\n".join([*head, *(",".join(row) for row in zip(*columns, strict=True)), ""])


def _table(raw: RawFolder, relative: str) -> Table:
    """Read a raw table as column -> radius -> value."""
    lines = raw.read_text(relative, group=relative).splitlines()
    header = [line for line in lines if line.startswith("#")]
    names = header[-1].removeprefix("#").strip().split(",") if header else []
    try:
        rows = [[float(v) for v in ln.split(",")] for ln in lines if ln and ln not in header]
    except ValueError as error:
        raise raw.error(relative, f"expected rows of numbers ({error})") from None
    if not rows or any(len(row) != len(names) for row in rows) or names[0] != "r_over_Rsun":
        raise raw.error(relative, f"expected rows of {', '.join(names) or 'named columns'}")
    if not all(math.isfinite(v) and v >= 0 for row in rows for v in row):
        raise raw.error(relative, "expected finite numbers >= 0")
    radii = [round(row[0], 6) for row in rows]
    if not all(a < b for a, b in pairwise(radii)):
        raise raw.error(relative, "expected strictly increasing radii")
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
    if missing or first > _FINE_STEP:
        raise raw.error(relative, f"expected radii in steps of 5e-4 up to 1, {missing[:3]} missing")
    return radii


def _densities(raw: RawFolder, relative: str, matter: Table, radii: list[float]) -> list[list[str]]:
    try:
        columns = [matter[n] for n in ("np_NA", "nn_NA", "rho_g_cm3", "X_H1", "X_He4")]
    except KeyError as error:
        raise raw.error(relative, f"expected a column {error}, found none") from None
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
    if not abs(whole - 1) <= _INTEGRAL_TOLERANCE:
        raise raw.error(
            relative, f"expected a density of {component} of integral 1, found {whole:.6g}"
        )
    values = [density.get(r, 0.0) for r in radii]  # B16 ends at half the radius
    values[0] = 0.0  # it vanishes at the centre as radius^2
    points = list(zip(radii, values, strict=True))
    integral = sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in pairwise(points))
    return [format(v / integral, ".6g") for v in values]
