"""Stand-in until three flavours are merged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bayes_cevns.physics.oscillation.couplings import NsiCouplings
from bayes_cevns.physics.oscillation.density_matrix import density_matrices
from bayes_cevns.physics.oscillation.parameters import NUFIT_5_3, OscillationParameters
from bayes_cevns.physics.oscillation.solar_models import DEFAULT_MODEL
from bayes_cevns.physics.oscillation.survival import mean_cos_2theta


@dataclass(frozen=True)
class Propagation:
    component: str = "8b"
    parameters: OscillationParameters = NUFIT_5_3
    model: str = DEFAULT_MODEL

    def density(self, energy_mev, matter):
        from bayes_cevns.physics.oscillation.hermitian import to_matrix as matrices
        from bayes_cevns.physics.oscillation.hermitian import to_vector as entries

        a, b = density_matrices(self.parameters)
        lead = matter.shape[:-2]
        out = np.empty((*lead, len(energy_mev), 9))
        for idx in np.ndindex(lead):
            m = matrices(matter[idx]).real
            c = mean_cos_2theta(
                self.component,
                energy_mev,
                model=self.model,
                parameters=self.parameters,
                couplings=NsiCouplings(m[0], m[1]),
            )
            out[idx] = entries(a + c[:, None, None] * b)
        return out
