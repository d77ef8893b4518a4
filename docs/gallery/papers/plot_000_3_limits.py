"""
arXiv:2411.14206, figure 3: limits on scalars and vectors
=========================================================

Thin blue: the procedure of the paper, couplings at which new physics adds the most events that its
equation 3.1 allows (200 t yr: 2.71 events). Thick: 90% credible with a flat prior (previews). The
vector has a negative product of couplings, which is constructive. With this procedure XENONnT
limits a vector 2.1 times less than a scalar at 1 MeV, where the paper has "about 2", although its
table 1 implies 2.7 to 2.9. COHERENT CsI, CONUS+ (which came after the paper, instead of CONUS) and
Dresden-II are fits of public data with the responses of this package; Dresden-II is contradicted by
the other germanium data. All electronic recoils of XENONnT, which the paper does not use, limit a
leptophilic scalar more strongly. The vector is universal: at low masses Dresden-II sees it through
electrons. Beam dumps and NA62 are limits on a boson of baryon number that DarkCast recast, the
former as in the paper. Cosmology, MiniBooNE, and Borexino on a scalar, do not exist as numbers.
"""

import matplotlib.pyplot as plt
import numpy as np
from benchmarks_000 import CENTRAL, S2_EXPOSURE, S2_SM, Logistic
from counting_000 import ADDED, largest_coupling
from curves import limit_curve
from spectra_000 import STEPPING

import bayes_cevns as bc
from bayes_cevns.detectors.quenching import Lindhard

fits = {"coherent_csi": "#009E73", "conus_plus": "#CC79A7", "dresden_ii": "#D55E00"}
lines = {"PandaX-4T S1+S2": "-", "PandaX-4T S2 only": "--", "XENONnT": "-", "200 t yr": ":"}
colours = dict(zip(lines, ("#56B4E9", "#56B4E9", "#0072B2", "#003366"), strict=True))
panels = {"scalar-universal": "scalar", "scalar-higgs-like": "scalar, couplings as quark masses"}
panels["vector-universal"] = "vector, negative product"
masses = np.geomspace(0.1, 1e3, 33)
fig, axes = plt.subplots(2, 2, figsize=(9, 7.6), layout="constrained")
for ax, (name, title) in zip(axes.flat, panels.items(), strict=False):
    for search, line in lines.items():
        g = [largest_coupling(search, name, mass) for mass in masses]
        ax.loglog(masses, g, line, color=colours[search], lw=1.2, label=search)
    side = "negative" if name == "vector-universal" else "upper"
    for experiment, colour in fits.items():
        found = bc.preview(experiment, interaction=name, masses_mev=masses[::2])
        ax.loglog(*limit_curve(found, side), color=colour, lw=2, label=experiment)
    ax.set(title=title, xlabel="mediator mass [MeV]", ylabel=bc.interaction(name).coupling.label)
axes[0, 0].legend(fontsize=8)

# A boson of baryon number couples to quarks with a third of its g_B, and here as much to neutrinos.
dumps = ("nucal_1990", "nucal_1991", "nomad_2001", "ps191_1985")
for search, colour in {"na62_2019": "#E69F00", **dict.fromkeys(dumps, "#888888")}.items():
    limit = bc.published_limit(f"b-boson.{search}")
    ends = limit.lower / 3.0, np.minimum(limit.upper, 1.0) / 3.0
    axes[1, 0].fill_between(limit.mass_mev, *ends, color=colour, alpha=0.3, lw=0)
dump = axes[1, 0].fill_between([], [], [], color="#888888", alpha=0.3, label="beam dumps")
na62 = axes[1, 0].fill_between([], [], [], color="#E69F00", alpha=0.3, label="NA62")
axes[1, 0].set(xlim=(0.08, 1.2e3), ylim=(1e-8, 1e-2))
axes[1, 0].legend(handles=[dump, na62], title="boson of B", fontsize=8, title_fontsize=8)

# The leptophilic scalar scatters off electrons: the efficiency, Lindhard's quenching and the most
# events of the ionisation-only search.

efficiency = Logistic(*CENTRAL).giving(S2_SM)
recoil_kev = np.linspace(0.3, 3.0, 271)
xenon = bc.target("Xe")
seen_kev = Lindhard(z=54, a=xenon.mean_atomic_mass_u).electron_equivalent_kev(recoil_kev)
rate = bc.rate(
    "electron", source="solar", target="Xe", interaction="scalar-leptophilic", theory=STEPPING
)
light = np.geomspace(1e-2, 1e2, 17)
limit = []
for mass in light:
    per_x2 = rate.components(seen_kev, mass)[2] * efficiency(recoil_kev)
    events = S2_EXPOSURE * np.trapezoid(per_x2, seen_kev)
    limit.append((ADDED["PandaX-4T S2 only"][1] / events) ** 0.25)
ax = axes[1, 1]
ax.loglog(light, limit, "--", color="#56B4E9", lw=1.2, label="PandaX-4T S2 only, counted")
found = bc.preview("xenonnt_er", interaction="scalar-leptophilic", masses_mev=light)
ax.loglog(*limit_curve(found), color="#0072B2", lw=2, label="xenonnt_er")
ax.set(title="leptophilic scalar", xlabel="mediator mass [MeV]")
ax.set_ylabel(bc.interaction("scalar-leptophilic").coupling.label)
ax.legend(fontsize=8)
