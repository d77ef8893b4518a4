"""
arXiv:2411.11749, figure 2: the 8B flux and the weak mixing angle
=================================================================

Profile likelihoods. Flux in 1e6 per cm2 and s: XENONnT 5.1 +2.9 -2.5 here, 5.7 +3.2 -2.8 in the
paper; PandaX-4T 9.5 +5.4 -4.4 and 7.7 +7.0 -5.9; combined 6.4 +2.5 -2.3 and 6.1 +2.8 -2.7. Mixing
angle: XENONnT 0.227 +0.087 -0.098 and 0.25 +0.09 -0.10; PandaX-4T 0.35 +0.12 -0.13 and 0.30 +0.16
-0.21; combined 0.266 +0.073 -0.077 and 0.26 +0.08 -0.09. All agree well within the errors.
PandaX-4T differs most: here it is one count, there it is eight bins with two backgrounds. Points
are the paper's.
"""

import matplotlib.pyplot as plt
from profile_interval import FLUX_E6

import bayes_cevns as bc
from bayes_cevns.physics.constants import SIN2_THETA_W

sets = {
    "XENONnT": (["xenonnt_2024_s2"], "#0072B2", "-.", (5.7, 2.8, 3.2), (0.25, 0.10, 0.09)),
    "PandaX-4T": (["pandax4t_us2"], "#009E73", "--", (7.7, 5.9, 7.0), (0.30, 0.21, 0.16)),
    "combined": (
        ["xenonnt_2024_s2", "pandax4t_us2"],
        "#CC79A7",
        "-",
        (6.1, 2.7, 2.8),
        (0.26, 0.09, 0.08),
    ),
}
fig, (left, right) = plt.subplots(1, 2, figsize=(9, 3.8), sharey=True, layout="constrained")
for row, (label, (names, colour, line, of_flux, of_angle)) in enumerate(sets.items()):
    flux = bc.profile(names, parameter="flux_8b", free=True, level=0.9973)
    left.plot(FLUX_E6 * flux.values, flux.statistic, line, color=colour, label=label)
    angle = bc.profile(names, interaction="weak-mixing-angle", level=0.9973)
    right.plot(SIN2_THETA_W + angle.values, angle.statistic, line, color=colour, label=label)
    for ax, (best, minus, plus) in ((left, of_flux), (right, of_angle)):
        height = 0.7 + 0.3 * row
        ax.errorbar(
            [best], [height], xerr=[[minus], [plus]], fmt=".", color=colour, lw=1, capsize=2
        )
right.axvline(SIN2_THETA_W, color="black", ls=":", lw=1, label="Standard Model")
left.set(xlim=(0, 18), ylim=(0, 10), xlabel=r"8B flux [$10^6$ cm$^{-2}$ s$^{-1}$]")
left.set_ylabel(r"$\Delta\chi^2$")
right.set(xlim=(0, 0.6), xlabel=r"$\sin^2\theta_W$")
right.legend(fontsize=8, loc="upper right")
