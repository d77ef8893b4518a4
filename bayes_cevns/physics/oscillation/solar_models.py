"""The Sun as neutrinos see it: densities along the radius, and where each component is made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from bayes_cevns.arguments import named
from bayes_cevns.arrays import Array
from bayes_cevns.display import Displayed
from bayes_cevns.errors import ArgumentError, UnknownNameError
from bayes_cevns.storage.resources import data_file

_FILES = {
    "b16-gs98": ("solar_models/b16_gs98.csv", ("Vinyoles:2016djt",)),
    "b16-agss09met": ("solar_models/b16_agss09met.csv", ("Vinyoles:2016djt",)),
    "b23-sf3-gs98": ("solar_models/b23_sf3_gs98.csv", ("Herrera:2023sf3",)),
}

#: Names of the solar models, as in `bayes_cevns.sources.solar.published_fluxes`.
SOLAR_MODELS = tuple(_FILES)
DEFAULT_MODEL = "b16-gs98"

COMPONENTS = ("pp", "pep", "hep", "7be", "8b", "13n", "15o", "17f")


@dataclass(frozen=True, eq=False, repr=False)
class ProductionZone(Displayed):
    """Matter where a neutrino component is produced, as weighted points.

    Attributes
    ----------
    electrons_mol_per_cm3, neutrons_mol_per_cm3
        Densities in units of Avogadro's number, shape (r,).
    weights
        Share of the neutrinos produced there, shape (r,), sum one.
    """

    electrons_mol_per_cm3: Array
    neutrons_mol_per_cm3: Array
    weights: Array


@dataclass(frozen=True, eq=False, repr=False)
class SolarModel(Displayed):
    """Profiles of a standard solar model.

    Attributes
    ----------
    name
        One of `SOLAR_MODELS`.
    radius
        In solar radii, increasing, shape (n,).
    electrons_mol_per_cm3, neutrons_mol_per_cm3
        Densities in units of Avogadro's number, shape (n,).
    h_he_electrons_mol_per_cm3, h_he_neutrons_mol_per_cm3
        The same from hydrogen and helium alone.
    production
        Component -> production density dF/d(radius), shape (n,), integral one.
    cite
        Citation keys.
    """

    name: str
    radius: Array
    electrons_mol_per_cm3: Array
    neutrons_mol_per_cm3: Array
    h_he_electrons_mol_per_cm3: Array
    h_he_neutrons_mol_per_cm3: Array
    production: dict[str, Array]
    cite: tuple[str, ...]

    def hydrogen_and_helium(self) -> SolarModel:
        """Return the model without metals: densities from the mass fractions of 1H and 4He.

        To compare with work that does so (arXiv:2409.02003, section III A): electron densities
        are 1% lower, and P_ee(8B, 10 MeV) is 6e-4 higher.
        """
        return replace(
            self,
            electrons_mol_per_cm3=self.h_he_electrons_mol_per_cm3,
            neutrons_mol_per_cm3=self.h_he_neutrons_mol_per_cm3,
        )

    def zone(self, component: str) -> ProductionZone:
        """Return all points of the table at which a component is produced (trapezoid rule).

        Raises
        ------
        UnknownNameError
            If there is no such component.
        """
        density = self._density(component)
        widths = np.zeros_like(self.radius)
        widths[:-1] += 0.5 * np.diff(self.radius)
        widths[1:] += 0.5 * np.diff(self.radius)
        share = density * widths
        keep = share > 0
        return ProductionZone(
            self.electrons_mol_per_cm3[keep],
            self.neutrons_mol_per_cm3[keep],
            share[keep] / share.sum(),
        )

    def quadrature(self, component: str, points: int) -> ProductionZone:
        """Return a Gauss quadrature of the production zone, in electron density.

        What happens to a neutrino depends on where it is made by the electron and the neutron
        density only, and the second is a smooth function of the first. The Gauss rule of the
        distribution of electron density at production is therefore exact for polynomials of
        degree 2 points - 1 in it.

        Raises
        ------
        UnknownNameError
            If there is no such component.
        ArgumentError
            If the number of points is not between 1 and 20.
        """
        if not 1 <= points <= 20:
            raise ArgumentError(f"expected 1 to 20 points of a quadrature, got {points}")
        zone = self.zone(component)
        nodes, weights, neutrons = _gauss(
            zone.electrons_mol_per_cm3, zone.weights, points, zone.neutrons_mol_per_cm3
        )
        return ProductionZone(nodes, neutrons, weights)

    def _density(self, component: str) -> Array:
        if component not in self.production:
            raise UnknownNameError("solar neutrino component", component, self.production)
        return self.production[component]


def _gauss(points: Array, weights: Array, count: int, values: Array) -> tuple[Array, Array, Array]:
    """Return nodes and weights of the Gauss rule of a discrete measure, and values at its nodes.

    The recursion of its orthogonal polynomials (Stieltjes) makes a Jacobi matrix, whose
    eigenvalues are the nodes (Golub and Welsch, Math. Comp. 23 (1969) 221). Values are
    continued to the nodes by their projection on these polynomials.
    """
    middle, scale = np.average(points, weights=weights), np.ptp(points)
    x = (points - middle) / scale
    polynomials = [np.sqrt(weights)]
    jacobi = np.zeros((count, count))
    for i in range(count):
        image = x * polynomials[i]
        for j in range(max(i - 1, 0), i + 1):
            jacobi[i, j] = jacobi[j, i] = polynomials[j] @ image
        for other in polynomials:  # all of them, against rounding
            image = image - (other @ image) * other
        polynomials.append(image / np.linalg.norm(image))
    nodes, states = np.linalg.eigh(jacobi)
    projected = np.array(polynomials[:count]) @ (np.sqrt(weights) * values)
    return middle + scale * nodes, states[0] ** 2, (projected @ states) / states[0]


def solar_model(name: str = DEFAULT_MODEL) -> SolarModel:
    """Return a standard solar model by its name.

    Raises
    ------
    UnknownNameError
        If there is none of that name; the known ones are listed.

    References
    ----------
    Vinyoles et al., Astrophys. J. 835 (2017) 202 (B16); Herrera and Serenelli,
    doi:10.5281/zenodo.10822316 (B23-SF3).
    """
    return _read(named(name, "solar model", _FILES))


@cache
def _read(name: str) -> SolarModel:
    relative, cite = _FILES[name]
    lines = [ln for ln in data_file(relative).read_text().splitlines() if not ln.startswith("#")]
    table = np.loadtxt(lines[1:], delimiter=",", unpack=True)
    table.flags.writeable = False
    columns = dict(zip(lines[0].lower().split(","), table, strict=True))
    production = {component: columns.pop(component) for component in COMPONENTS}
    return SolarModel(name, production=production, cite=cite, **columns)
