"""
Recoil spectra of solar neutrinos
=================================

CEvNS of 8B neutrinos on three targets, per tonne and year.
"""

import matplotlib.pyplot as plt
import numpy as np

import bayes_cevns as bc

recoil_kev = np.geomspace(0.05, 20.0, 300)
fig, ax = plt.subplots(figsize=(6, 4), layout="constrained")
for target, line in {"Xe": "-", "Ge": "--", "Ar": "-."}.items():
    rate = bc.rate(source="solar_8b", target=target)
    ax.loglog(recoil_kev, rate.total(recoil_kev), line, label=target)
ax.set(xlabel="recoil energy [keV]", ylabel="dR/dT [1/(t yr keV)]", ylim=(1e-3, 1e4))
_ = ax.legend()
