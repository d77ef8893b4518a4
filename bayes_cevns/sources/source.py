"""Neutrinos at the detector, by flavour."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bayes_cevns.physics.flavours import FLAVOURS
from bayes_cevns.sources.spectrum import Spectrum

type Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Source:
    """Temporary, until the sources branch is merged."""

    name: str
    fluxes: Mapping[str, tuple[Spectrum, ...]]
    cite: tuple[str, ...] = ()

    @property
    def total_per_cm2_s(self) -> float:
        return sum(f.total_per_cm2_s for fs in self.fluxes.values() for f in fs)

    def inverse_moments(self, minimum_energy_mev: ArrayLike) -> Array:
        minimum = np.asarray(minimum_energy_mev, dtype=float)
        total = np.zeros((len(FLAVOURS), 3, *minimum.shape))
        for i, flavour in enumerate(FLAVOURS):
            for flux in self.fluxes.get(flavour, ()):
                total[i] += flux.inverse_moments(minimum)
        return total

    def digest(self) -> str:
        d = hashlib.sha256()
        for i, flavour in enumerate(FLAVOURS):
            for flux in self.fluxes.get(flavour, ()):
                d.update(flavour.encode())
                d.update(flux.energy_mev.tobytes() + flux.flux_per_cm2_s_mev.tobytes())
        return d.hexdigest()
