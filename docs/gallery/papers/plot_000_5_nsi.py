"""
arXiv:2411.14206, figure 5: NSI of electron neutrinos by COHERENT CsI
=====================================================================

Two bands along Z(2u + d) + N(u + 2d) = const as in the paper: one around the Standard Model, and
one where the weak charge has the other sign. With one coupling at a time the likelihood of the
release allows, at 90% CL, -0.06 to 0.11 or 0.29 to 0.46 for u, and -0.05 to 0.10 or 0.26 to 0.41
for d. The contours of the paper and of the collaboration are not public as numbers, so that shapes
alone are compared. The data of 2017 (dashed) prefer by 1.9 sigma that electron neutrinos hardly
scatter, and have one band.
"""

import matplotlib.pyplot as plt
import numpy as np
from experiment_coherent_csi import NEW, OLD, TWO, charge_ratio, electron_curve

side = np.linspace(-1.0, 1.0, 401)
up, down = np.meshgrid(side, side)
fig, ax = plt.subplots(figsize=(5, 4.6), layout="constrained")
for name, colour, line, label in ((NEW, "#009E73", "-", "2021"), (OLD, "#555555", "--", "2017")):
    factors, deviance = electron_curve(name)
    rise = np.interp(charge_ratio(up, down), factors, deviance - deviance.min())
    if name == NEW:
        ax.contourf(up, down, rise, levels=[-1.0, TWO], colors=[colour], alpha=0.35)
    ax.contour(up, down, rise, levels=[TWO], colors=[colour], linestyles=[line])
    ax.plot([], [], line, color=colour, label=f"CsI {label}, 90% CL")
ax.plot(0.0, 0.0, "k+", markersize=10, label="Standard Model")
ax.set(xlabel=r"$\epsilon_{ee}^u$", ylabel=r"$\epsilon_{ee}^d$")
ax.legend(loc="upper right", fontsize=8)
