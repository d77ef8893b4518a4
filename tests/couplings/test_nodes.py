from __future__ import annotations

import numpy as np
import pytest

from bayes_cevns.couplings.nodes import EnergyNodes
from bayes_cevns.errors import ArgumentError, TableError

NODES = EnergyNodes(2.0, 16.0, 6)


def test_cardinal_functions():
    np.testing.assert_allclose(NODES.cardinal(NODES.energy_mev), np.eye(6), atol=1e-14)
    energies = np.linspace(2.0, 16.0, 50).reshape(5, 10)
    values = NODES.cardinal(energies)
    assert values.shape == (6, 5, 10)
    np.testing.assert_allclose(values.sum(axis=0), 1.0)


def test_polynomials_in_log_energy_are_exact():
    energies = np.geomspace(2.0, 16.0, 31)

    def polynomial(energy):
        return np.polyval([0.3, -1.0, 0.5, 2.0, -0.2, 1.0], np.log(energy))

    found = polynomial(NODES.energy_mev) @ NODES.cardinal(energies)
    np.testing.assert_allclose(found, polynomial(energies), rtol=1e-11)


def test_wrong_nodes():
    with pytest.raises(ArgumentError, match="0 < low < high"):
        EnergyNodes(3.0, 3.0, 4)
    with pytest.raises(ArgumentError, match="two energy nodes"):
        EnergyNodes(1.0, 3.0, 1)
    with pytest.raises(TableError, match=r"1\.9 MeV is outside the nodes"):
        NODES.cardinal([3.0, 1.9])
