"""
arXiv:2311.17719, figure 3: moments, mediators, and a peak at 0.1 keV
=====================================================================

Ionisation that follows recoils with new physics. The anapole moment of 1e-32 cm2 agrees: comparable
with the Standard Model (-40% or +51%, by its sign) and of the same shape. A magnetic moment of
5e-13 mu_B does not: it adds at most 3e-5 of the Standard Model, and it takes 1.2e-10 mu_B to equal
it at 0.08 keV, a factor 3e4 in rate that is unexplained. A scalar of 1 MeV with g_nu g_q = 1e-11
exceeds the Standard Model as stated (150 times at 0.08 keV). B-L of 1 MeV equals it there at a g^2
a thousand times below the 1e-8 of the paper, B-L of 100 MeV at 2e-8; the text gives no mass. The
peak between 0.06 and 0.12 keV, of electrons with n = 4, is there for light mediators and smoothed
out for 100 MeV and more, as in the paper.
"""

import matplotlib.pyplot as plt
from ionisation_003 import ENERGY_KEV, at, components, standard_model
from mediators_003 import MOMENT, new_over_sm

fig, (left, middle, right) = plt.subplots(1, 3, figsize=(12, 4.2), layout="constrained")
sm = standard_model()
for ax in (left, middle):
    ax.plot(ENERGY_KEV, sm, color="#E69F00", lw=2, label="Standard Model")
for sign, line in ((-1, "-"), (1, ":")):
    total = sm * (1 + new_over_sm("anapole-paper-003", None, sign * 1e-32))
    label = rf"anapole, ${'+' if sign > 0 else '-'}10^{{-32}}$ cm$^2$"
    left.plot(ENERGY_KEV, total, line, color="#8B4513", label=label)
for moment, line in ((MOMENT, "-"), (1.2e-10, "--")):
    curve = moment**2 * components("magnetic-moment")[2]
    label = rf"$\mu_\nu$ = {moment:g} $\mu_B$"
    left.plot(ENERGY_KEV, curve, line, color="#D55E00", label=label)

# Middle: new part alone, which goes with the square of the product of couplings.

for name, label, colour in (("scalar-universal", "scalar", "#7B3294"), ("b-l", "B-L", "#CC79A7")):
    for mass, line in ((1.0, "-"), (10.0, "--")):
        curve = 1e-11**2 * components(name, mass)[2]
        text = rf"{label}, {mass:g} MeV, $10^{{-11}}$"
        middle.plot(ENERGY_KEV, curve, line, color=colour, label=text)

# Right: the shape of a scalar's part, whatever its coupling.

right.plot(ENERGY_KEV, sm / at(0.2, sm), color="#E69F00", lw=2, label="Standard Model")
for mass, line in ((0.01, "-"), (1.0, "--"), (10.0, "-."), (100.0, "-"), (1000.0, ":")):
    curve = components("scalar-universal", mass)[2]
    right.plot(ENERGY_KEV, curve / at(0.2, curve), line, label=f"scalar, {mass:g} MeV")
ends = {left: (1e-7, 1e3), middle: (1e-6, 1e4), right: (1e-3, 1e3)}
for ax, ylim in ends.items():
    ax.set(xscale="log", yscale="log", xlim=(0.02, 10.0), ylim=ylim)
    ax.set_xlabel("electron-equivalent energy [keV]")
    ax.legend(fontsize=7)
left.set_ylabel("dR/dE [1/(t yr keV)]")
right.set_ylabel("dR/dE over that at 0.2 keV")
