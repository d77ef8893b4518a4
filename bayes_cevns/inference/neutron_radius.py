"""A measured scale of nuclear radii as rms neutron radii in fm."""

from __future__ import annotations

from collections.abc import Iterable

from bayes_cevns.experiments import Experiment
from bayes_cevns.inference.profile import ProfileResult
from bayes_cevns.names import DEFAULT_FORM_FACTOR
from bayes_cevns.physics.form_factors import form_factor as get_form_factor
from bayes_cevns.physics.radii import neutron_radii_fm

#: The nuisance that scales the radii.
RADIUS_SCALE = "radius_scale"


def neutron_radius_text(
    result: ProfileResult,
    experiments: Iterable[Experiment],
    form_factor: str = DEFAULT_FORM_FACTOR,
) -> str:
    """Return the neutron radii that a profile of ``radius_scale`` measures, a line an element.

    R_n is the scale times the rms neutron radius of the form factor. Protons are scaled as well;
    with their radius kept, R_n would differ by 3% of its distance from the nominal radius, which is
    the share of protons in the weak charge.

    Returns
    -------
    str
        Empty where another parameter was profiled.
    """
    if result.parameter != RADIUS_SCALE:
        return ""
    form, nominal = get_form_factor(form_factor), dict[str, float]()
    for experiment in experiments:
        nominal |= neutron_radii_fm(form, experiment.target)
    lines = []
    for element, radius_fm in nominal.items():
        pieces = " and ".join(
            f"[{piece.low * radius_fm:.4g}, {piece.high * radius_fm:.4g}]"
            for piece in result.intervals
        )
        lines.append(
            f"  rms neutron radius of {element}: best fit {result.best * radius_fm:.4g} fm, "
            f"{100 * result.level:g}% CL region {pieces} fm ({radius_fm:.4g} fm at "
            f"{RADIUS_SCALE} = 1)"
        )
    return "\n".join(lines)
