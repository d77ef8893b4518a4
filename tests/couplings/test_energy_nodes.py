"""Where states of solar components are evaluated, and what is lost between."""

from __future__ import annotations

import numpy as np
import pytest

from bayes_cevns.cards import experiment
from bayes_cevns.cards.experiment import Signal
from bayes_cevns.couplings.model import CouplingModel
from bayes_cevns.couplings.table import coupling_tables, nodes_above
from bayes_cevns.physics.nuclei import Target
from bayes_cevns.physics.oscillation.couplings import PAIRS

NAMES = tuple(f"eps_{pair}_{fermion}" for pair in PAIRS for fermion in ("u", "d", "eL", "eR"))


def seen(*names: str) -> list[tuple[Signal, Target]]:
    """Return all signals of some experiments, with their targets."""
    cards = [experiment(name) for name in names]
    return [(signal, card.target) for card in cards for signal in card.signals]


def test_components_that_are_not_seen_have_no_nodes() -> None:
    """The CEvNS of pp and CNO is below every threshold."""
    card = experiment("xenon_1ty")
    (signal,) = card.signals
    assert any(flux.name == "solar_pp" for flux in signal.source.fluxes["nu_e"])
    assert set(nodes_above(seen("xenon_1ty"))) == {"8b", "hep"}
    (table,) = coupling_tables([card], CouplingModel.of(["eps_ee_u"]))
    assert table.nominal_counts([0.1]) > 0


def test_the_lower_end_of_a_spectrum_is_worth_no_nodes() -> None:
    """Electrons recoil from 8B far below the energies that CEvNS needs."""
    nodes = nodes_above(seen("xenon1t_s2only"))
    assert 0.2 < nodes["8b"].energy_mev.min() < 0.3
    assert nodes["7be"].energy_mev.size == 2


def test_the_number_of_nodes() -> None:
    def numbers(*names: str) -> dict[str, int]:
        nodes = nodes_above(seen(*names))
        return {name: each.energy_mev.size for name, each in nodes.items()}

    assert numbers("xenonnt_cevns") == {"8b": 12}
    assert numbers("xenonnt_er") == {"pp": 8, "7be": 2, "pep": 1, "13n": 8, "15o": 8, "17f": 8}
    assert numbers("xenonnt_cevns", "xenon1t_s2only")["8b"] == 26


@pytest.mark.parametrize(
    ("name", "tolerance"), [("xenonnt_er", 4e-5), ("xenonnt_cevns", 3e-5), ("xenon1t_s2only", 1e-4)]
)
def test_interpolation_in_energy(name: str, tolerance: float) -> None:
    """Against many nodes; without the rare couplings at which levels cross where 8B is made."""
    card, model = experiment(name), CouplingModel.of(NAMES if "er" in name else NAMES[::2])
    (table,) = coupling_tables([card], model)
    (fine,) = coupling_tables([card], model, energy_nodes=80)
    values = np.random.default_rng(2).uniform(-1, 1, (40, len(model.names)))
    expected = fine.nominal_counts(values)
    np.testing.assert_allclose(table.nominal_counts(values), expected, rtol=tolerance)
