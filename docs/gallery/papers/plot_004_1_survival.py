"""
arXiv:2409.02003, figure 1: survival probability with NSI
=========================================================

P_ee averaged over where solar neutrinos are made, with eps_ee^u alone, in two flavours as the paper
prints it. As the paper says, a coupling raises or lowers it: at 10 MeV 0.58, 0.39, 0.34, 0.32 and
0.31 for -0.5, -0.2, 0, 0.2 and 0.5. Steps are where fluxes end, as in its figure, whose couplings
its text does not give; lines (7Be, pep) are left out.
"""

import matplotlib.pyplot as plt
import numpy as np
from nsi_004_propagation import CONTINUOUS, printed_probability

energy_mev = np.geomspace(0.1, 18.0, 300)
couplings = {-0.5: "#0072B2", -0.2: "#56B4E9", 0.0: "black", 0.2: "#E69F00", 0.5: "#D55E00"}
fig, ax = plt.subplots(figsize=(6.2, 4.2), layout="constrained")
for eps, colour in couplings.items():
    values = [printed_probability(energy, eps, CONTINUOUS) for energy in energy_mev]
    ax.semilogx(energy_mev, values, color=colour, label=f"{eps:+g}" if eps else "0")
ax.set(xlabel=r"$E_\nu$ [MeV]", ylabel=r"$\langle P_{ee}\rangle$", ylim=(0.2, 0.7))
ax.legend(title=r"$\epsilon_{ee}^u$", fontsize=8)
