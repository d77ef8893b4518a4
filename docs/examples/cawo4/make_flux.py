"""Write reactor_flux.csv: a reactor of 4 GW at 50 m, from this package's spectra, every 0.1 MeV."""

from pathlib import Path

import numpy as np

from bayes_cevns.sources import reactor

source = reactor(thermal_power_gw=4.0, baseline_m=50.0)
(spectrum,) = source.fluxes["anti_nu_e"]
energies = np.round(np.concatenate([[0.0125], np.arange(0.1, 12.45, 0.1)]), 4)
flux = np.interp(energies, spectrum.energy_mev, spectrum.flux_per_cm2_s_mev)
lines = [
    "# Antineutrinos of a reactor of 4 GW (thermal) at 50 m, written by make_flux.py",
    "# name = reactor-50m",
    "# energy_unit = MeV",
    "# flux_unit = 1/(cm2 s MeV)",
    f"# cite = {', '.join(source.cite)}",
    "energy,anti_nu_e",
    *(f"{energy:g},{value:.4g}" for energy, value in zip(energies, flux, strict=True)),
]
Path("reactor_flux.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")
