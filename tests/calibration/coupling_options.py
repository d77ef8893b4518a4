"""What tests of calibrations of several couplings have in common."""

from __future__ import annotations

from typing import Any

from bayes_cevns.cards import Experiment
from bayes_cevns.inference.gate import Gate
from bayes_cevns.inference.settings import SamplerSettings

QUICK = SamplerSettings(
    draws=400, tune=200, chains=2, retries=3, gate=Gate(rhat_max=1.1, ess_min=150)
)
#: Around the Standard Model and its mirror image, at 0.4: two parts with their weights.
BOUNDS = {"ee_u": (-0.2, 0.6)}


def quick_options(conus: Experiment, **more: Any) -> dict[str, Any]:
    """Return options of a study of eps_ee_u that is quick, with some more."""
    options = {"experiments": [conus], "couplings": ["ee_u"], "bounds": BOUNDS, "seed": 4}
    return {**options, "settings": QUICK, **more}
