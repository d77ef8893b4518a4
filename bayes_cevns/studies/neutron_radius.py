"""A measured scale of nuclear radii as rms neutron radii in fm."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from bayes_cevns.cards import Experiment
from bayes_cevns.inference.profile.result import ProfileResult
from bayes_cevns.physics.form_factors import form_factor
from bayes_cevns.physics.radii import neutron_radii_fm, point_neutron_radii_fm
from bayes_cevns.physics.theory import Theory

#: The nuisance that scales the radii.
RADIUS_SCALE = "radius_scale"


def neutron_radius_text(
    result: ProfileResult,
    experiments: Iterable[Experiment],
    theory: Theory,
) -> str:
    """Return the neutron radii that a profile of ``radius_scale`` measures, by element.

    Two radii are in use. The rms radius R of F_n, which the rms radius of a Helm form factor is in
    fits, has the sizes of the nucleons in it; it is the scale times that of the form factor. The
    rms radius of point neutrons, which nuclear theory quotes, is sqrt(R^2 - d): d is what nucleons
    add in the form factor, and does not scale. It is given where the form factor tells the two
    apart. Protons are scaled as well; with their radius kept, R would differ by 3% of its distance
    from the nominal radius, which is the share of protons in the weak charge.

    Returns
    -------
    str
        A line for each radius of each element; empty where another parameter was profiled.
    """
    if result.parameter != RADIUS_SCALE:
        return ""
    form, lines = form_factor(theory.form_factor), dict[str, str]()
    for experiment in experiments:
        points = point_neutron_radii_fm(form, experiment.target)
        for element, radius_fm in neutron_radii_fm(form, experiment.target).items():
            with_sizes = _line(result, radius_fm, 0.0)
            lines[f"rms radius of F_n of {element} (with the sizes of nucleons)"] = with_sizes
            if element in points:
                added_fm2 = radius_fm**2 - points[element] ** 2
                point = _line(result, radius_fm, added_fm2)
                lines[f"rms radius of point neutrons of {element}"] = point
    return "\n".join(f"  {what}: {text}" for what, text in lines.items())


def _line(result: ProfileResult, radius_fm: float, added_fm2: float) -> str:
    """Return the radius sqrt((scale R)^2 - d) at the best fit, in the region and at scale one."""

    def at(scale: float) -> str:
        return f"{np.sqrt(max((scale * radius_fm) ** 2 - added_fm2, 0.0)):.4g}"

    pieces = " and ".join(f"[{at(piece.low)}, {at(piece.high)}]" for piece in result.intervals)
    return (
        f"best fit {at(result.best)} fm, {100 * result.level:g}% CL region {pieces} fm "
        f"({at(1.0)} fm at {RADIUS_SCALE} = 1)"
    )
