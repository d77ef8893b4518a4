"""NSI rates as PyTensor expressions of the couplings: the differentiable twin of `physics`.

Everything is a vector, and every linear map a table that `RateOp` contracts: the op is compiled for
the backgrounds anyhow, while each product of matrices would take seconds of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytensor.tensor as pt
from numpy.typing import ArrayLike, NDArray
from pytensor.tensor.variable import TensorVariable

from bayes_cevns.couplings.nodes import EnergyNodes
from bayes_cevns.physics.oscillation.couplings import COUPLINGS, NO_NSI, PAIRS
from bayes_cevns.physics.oscillation.density_matrix import (
    density_matrices,
    nucleon_charges,
    quadratic_form,
)
from bayes_cevns.physics.oscillation.matter import (
    POTENTIAL_EV2_PER_MEV,
    Projections,
    quarks_per_electron,
)
from bayes_cevns.physics.oscillation.parameters import OscillationParameters
from bayes_cevns.physics.oscillation.solar_models import ProductionZone
from bayes_cevns.physics.oscillation.survival import mean_cos_2theta
from bayes_cevns.tables.rate_op import RateOp

type Array = NDArray[np.float64]

#: Pairs of charges whose products are PP, PM and MM, with their multiplicity.
_PRODUCTS = ((0, 0, 1.0), (0, 1, 2.0), (1, 1, 1.0))

#: Charges of proton and neutron per unit of a coupling to u and to d.
_QUARK_CONTENT = {"proton": (2.0, 1.0), "neutron": (1.0, 2.0)}


@dataclass(frozen=True)
class NsiExpressions:
    """What the couplings do, as expressions in a vector of the free ones.

    Attributes
    ----------
    names
        Free couplings, some of `COUPLINGS`; the others are zero.
    parameters
        Mixing.
    detection
        Description of detection, see `density_matrices`.
    """

    names: tuple[str, ...]
    parameters: OscillationParameters
    detection: str

    def mean_cos_2theta(
        self, couplings: TensorVariable, nodes: EnergyNodes, zone: ProductionZone
    ) -> TensorVariable:
        """Return C at the energy nodes, shape (nodes,); see `physics.oscillation.matter`."""
        parameters = self.parameters
        rotated = Projections.of(parameters)
        potential = 4.0 * POTENTIAL_EV2_PER_MEV * zone.electrons_mol_per_cm3
        potential = np.multiply.outer(nodes.energy_mev, potential)
        quarks = quarks_per_electron(zone.electrons_mol_per_cm3, zone.neutrons_mol_per_cm3)

        def projected(projection: Array) -> TensorVariable:
            """Return a projection of the couplings as a potential, shape (nodes x radii,)."""
            linear = np.einsum("p,qr,jr->qpjr", projection, quarks, potential)
            return self._of_couplings(couplings, linear)

        dm21 = parameters.dm21_ev2
        electron = (0.5 * parameters.cos2_theta13 * potential).ravel()
        x = dm21 * parameters.cos_2theta12 - electron + projected(rotated.diagonal)
        s = dm21 * parameters.sin_2theta12 + projected(rotated.off_diagonal.real)
        squared = x**2 + s**2
        if np.any(rotated.off_diagonal.imag):
            squared += projected(rotated.off_diagonal.imag) ** 2
        mean = np.kron(np.eye(nodes.count), zone.weights[:, None])
        return contract(x / pt.sqrt(squared), mean)

    def standard_mean_cos(self, nodes: EnergyNodes, zone: ProductionZone) -> TensorVariable:
        """Return C at the energy nodes without NSI in propagation, shape (nodes,)."""
        values = mean_cos_2theta(zone, nodes.energy_mev, parameters=self.parameters)
        return pt.constant(values)

    def traces(self, couplings: TensorVariable) -> TensorVariable:
        """Return the traces of rho_0, then those of rho_1, shape (6,); see `charge_traces`."""
        standard = np.array([[c[i, j] for i, j in PAIRS.values()] for c in nucleon_charges(NO_NSI)])
        content = np.array(list(_QUARK_CONTENT.values()))
        linear = np.einsum("nq,pk->qpnk", content, np.eye(len(PAIRS)))
        charges = standard.ravel() + self._of_couplings(couplings, linear)
        # Entry by entry: a times (R b), added up over the entries of a.
        one, nucleon = np.eye(len(PAIRS)), np.eye(2)
        left, right = [], []
        for density in density_matrices(self.parameters, self.detection):
            form = quadratic_form(density)
            left += [np.kron(nucleon[:, [a]], one) for a, _, _ in _PRODUCTS]
            right += [n * np.kron(nucleon[:, [b]], form) for _, b, n in _PRODUCTS]
        products = contract(charges, np.hstack(left)) * contract(charges, np.hstack(right))
        return contract(products, np.kron(np.eye(len(left)), np.ones((len(PAIRS), 1))))

    def _of_couplings(self, couplings: TensorVariable, linear: Array) -> TensorVariable:
        """Apply a map from all twelve couplings, shape (2, 6, ...), to the free ones."""
        free = [COUPLINGS.index(name) for name in self.names]
        return contract(couplings, linear.reshape(len(COUPLINGS), -1)[free])


def component_scales(
    traces: TensorVariable, mean_cos: TensorVariable, mixing: Array
) -> TensorVariable:
    """Return the factors of the components of a table, shape (k,).

    Parameters
    ----------
    traces
        Traces of rho_0 and rho_1, shape (6,).
    mean_cos
        C at the nodes, shape (nodes,).
    mixing
        `NsiTable.mixing`, shape (1 + nodes, 3, k).
    """
    nodes, charges, count = mixing[1:].shape
    constant = np.vstack([mixing[0], np.zeros((charges, count))])
    slopes = np.vstack([np.zeros((charges, charges)), np.eye(charges)])
    # Every C times every trace of rho_1.
    products = contract(mean_cos, np.kron(np.eye(nodes), np.ones(charges)))
    products = products * contract(traces, np.tile(slopes, nodes))
    return contract(traces, constant) + contract(products, mixing[1:].reshape(-1, count))


def contract(vector: TensorVariable, matrix: ArrayLike) -> TensorVariable:
    """Return vector @ matrix, for a constant matrix."""
    constant = np.ascontiguousarray(matrix, dtype=float)
    return RateOp()(pt.constant(constant), vector, pt.zeros(0))
