"""
arXiv:2311.17719, figure 1: Migdal ionisation by shell, of neutrinos and dark matter
====================================================================================

Ionisation that follows nuclear recoils in xenon, of dark matter by shell and of neutrinos in all,
beside nuclear recoils and neutrino-electron scattering. The paper has the Migdal effect above
electrons below 0.4 keV and above nuclear recoils from 0.4 to 4 keV. Here it is 0.26 keV, and 0.67
to 1.47 keV; without the 1/(2 pi) of its equation 2.5 (dotted) 0.40 keV, and 0.51 to 3.70 keV, so
that its figure seems to be without it. The definition of Ibe et al. has it, and photoabsorption of
xenon agrees with it within 5%. The paper calls this dark matter masked by neutrinos; here it
exceeds them by up to 3.6 and 2.7 at 0.7 keV, and not with a halo at rest as its equation 2.12
prints (0.7 and 0.98).
"""

import matplotlib.pyplot as plt
from floor_003 import BENCHMARKS, dark_matter_by_shell
from ionisation_003 import (
    ENERGY_KEV,
    MAIN_SHELLS,
    TWO_PI,
    electrons,
    nuclear_recoils,
    of_main_shell,
    standard_model,
)

fig, axes = plt.subplots(1, 2, figsize=(9.5, 4.3), sharey=True, layout="constrained")
for ax, (mass_gev, section_cm2) in zip(axes, BENCHMARKS, strict=True):
    by_shell = section_cm2 / 1e-42 * dark_matter_by_shell(mass_gev)
    for n, colour in zip(MAIN_SHELLS, ("#D55E00", "#0072B2", "#009E73"), strict=True):
        label = f"dark matter, n = {n}"
        ax.plot(ENERGY_KEV, of_main_shell(by_shell, n), color=colour, label=label)
    ax.plot(ENERGY_KEV, standard_model(), color="#E69F00", lw=2, label="neutrinos, Migdal")
    without = TWO_PI * standard_model()
    ax.plot(ENERGY_KEV, without, ":", color="#E69F00", label=r"the same without $1/(2\pi)$")
    ax.plot(ENERGY_KEV, nuclear_recoils(), "--", color="#777777", label="neutrinos, recoils")
    ax.plot(ENERGY_KEV, electrons(), color="black", lw=1, label="neutrinos on electrons")
    power = f"{section_cm2:.0e}".split("e")[1]
    ax.set(title=rf"{mass_gev:g} GeV, $10^{{{power}}}$ cm$^2$")
    ax.set(xscale="log", yscale="log", xlim=(0.02, 20.0), ylim=(1e-5, 1e4))
    ax.set_xlabel("electron-equivalent energy [keV]")
axes[0].set_ylabel("dR/dE [1/(t yr keV)]")
axes[0].legend(fontsize=8)
