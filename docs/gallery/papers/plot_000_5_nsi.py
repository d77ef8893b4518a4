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
from experiment_coherent_csi import draw_nsi

fig, ax = plt.subplots(figsize=(5, 4.6), layout="constrained")
draw_nsi(ax)
