"""Oscillation of solar neutrinos, with non-standard interactions on the way and at the end."""

from bayes_cevns.physics.oscillation.adiabaticity import crossing_probability
from bayes_cevns.physics.oscillation.couplings import (
    COUPLINGS,
    NO_NSI,
    PAIRS,
    NsiCouplings,
    heavy_vector,
)
from bayes_cevns.physics.oscillation.day_night import (
    LATITUDES_DEG,
    DayNight,
    day_night_probability,
)
from bayes_cevns.physics.oscillation.density_matrix import (
    DETECTIONS,
    charge_traces,
    density_matrices,
    nucleon_charges,
    two_flavour_probabilities,
)
from bayes_cevns.physics.oscillation.hermitian import METRIC, to_matrix, to_vector
from bayes_cevns.physics.oscillation.matter_couplings import FERMIONS, matter_couplings
from bayes_cevns.physics.oscillation.parameters import (
    DE_SALAS_2020,
    DEFAULT_MIXING,
    NUFIT_5_3,
    OscillationParameters,
)
from bayes_cevns.physics.oscillation.phase_convention import nsi_in_convention
from bayes_cevns.physics.oscillation.propagation import (
    DEFAULT_LATITUDE_DEG,
    EARTHS,
    FLAVOURS,
    Propagation,
    flavour_probabilities,
)
from bayes_cevns.physics.oscillation.solar_models import (
    COMPONENTS,
    DEFAULT_MODEL,
    SOLAR_MODELS,
    ProductionZone,
    SolarModel,
    solar_model,
)
from bayes_cevns.physics.oscillation.survival import (
    electron_probability,
    mass_state_probabilities,
    mean_cos_2theta,
    survival_probability,
)

#: Citation keys of the method, of the default parameters and of the Earth.
CITE = (
    "Parke:1986jy",
    "Gonzalez-Garcia:2013usa",
    "Coloma:2023ixt",
    "AristizabalSierra:2024nwf",
    "Esteban:2024eli",
    "Capozzi:2025juno",
    "Dziewonski:1981xy",
    "Kuo:1989qe",
    "Akhmedov:2004rq",
)

__all__ = [
    "CITE",
    "COMPONENTS",
    "COUPLINGS",
    "DEFAULT_LATITUDE_DEG",
    "DEFAULT_MIXING",
    "DEFAULT_MODEL",
    "DETECTIONS",
    "DE_SALAS_2020",
    "EARTHS",
    "FERMIONS",
    "FLAVOURS",
    "LATITUDES_DEG",
    "METRIC",
    "NO_NSI",
    "NUFIT_5_3",
    "PAIRS",
    "SOLAR_MODELS",
    "DayNight",
    "NsiCouplings",
    "OscillationParameters",
    "ProductionZone",
    "Propagation",
    "SolarModel",
    "charge_traces",
    "crossing_probability",
    "day_night_probability",
    "density_matrices",
    "electron_probability",
    "flavour_probabilities",
    "heavy_vector",
    "mass_state_probabilities",
    "matter_couplings",
    "mean_cos_2theta",
    "nsi_in_convention",
    "nucleon_charges",
    "solar_model",
    "survival_probability",
    "to_matrix",
    "to_vector",
    "two_flavour_probabilities",
]
