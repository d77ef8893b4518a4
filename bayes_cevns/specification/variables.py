"""Names of the variables and of the data of the ``pm.Model`` of a specification."""

from __future__ import annotations

from bayes_cevns.cards import Experiment

#: The coordinate of a single coupling, its amplitude x and what is quoted of it.
COORDINATE = "coupling_coordinate"
PRODUCT = "coupling_product"
COUPLING = "coupling"
#: Numbers of its prior.
COUPLING_MAP = "coupling_map"

#: Coordinates and values of several couplings, and the numbers of their box.
COORDINATES = "couplings_coordinates"
VALUES = "couplings_values"
BOX_NUMBERS = "couplings_box"
BOX_ENDS = "couplings_ends"
BOX_PLANES = "couplings_planes"
BOX_STANDARD = "couplings_standard"
#: What the couplings add to those in matter.
MATTER = "couplings_in_matter"
#: 1 where theta_12 is above 45 degrees: sin^2 theta_12 -> cos^2 theta_12; else 0.
OCTANT = "theta12_octant"

EXPECTED_SIGNAL = "expected_signal"
LOG_LIKELIHOOD = "log_likelihood"


def nuisance_name(experiment: Experiment, name: str) -> str:
    """Return the name of a nuisance in the model: shared ones carry no experiment."""
    return name if experiment.card.nuisance[name].shared else f"{experiment.name}.{name}"


def fold_name(experiment: Experiment) -> str:
    """Return the name of the numbers of the first fold of an experiment, not in a ``pm.Model``."""
    return f"{experiment.name}.fold"


def table_name(experiment: Experiment) -> str:
    """Return the name of the ``pm.Data`` that holds the rate table of an experiment."""
    return f"{experiment.name}.rate_table"


def form_name(experiment: Experiment) -> str:
    """Return the name of the data by which couplings become factors of the rate table."""
    return f"{experiment.name}.form"


def arriving_name(experiment: Experiment, number: int) -> str:
    """Return the name of the same for a solar component whose state depends on couplings."""
    return f"{experiment.name}.form_{number}"


def expected_name(experiment: Experiment) -> str:
    """Return the name of the expected counts of an experiment."""
    return f"{experiment.name}.expected"


def observed_name(experiment: Experiment) -> str:
    """Return the name of the data that are the observed counts of an experiment."""
    return f"{experiment.name}.observed"
