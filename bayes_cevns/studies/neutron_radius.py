"""A measured scale of the radii of neutrons as radii and skins in fm."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from bayes_cevns.cards import Experiment
from bayes_cevns.ends import END_TEXTS, Ends
from bayes_cevns.inference.profile.result import ProfileResult
from bayes_cevns.physics.form_factors import form_factor as get_form_factor
from bayes_cevns.physics.radii import charge_radii_fm, neutron_radii_fm, point_radii_fm
from bayes_cevns.physics.theory import STANDARD_THEORY, Theory

#: The nuisance that scales the radii.
NEUTRON_RADIUS_SCALE = "neutron_radius_scale"


@dataclass(frozen=True)
class Length:
    """A measured radius or skin.

    Attributes
    ----------
    element
        Chemical symbol.
    what
        Which radius, or skin.
    best_fm
        At the best fit.
    regions_fm
        Lower and upper end of each piece of the confidence region.
    nominal_fm
        Of the form factor as it is.
    level
        Confidence level of the region.
    at_bound
        ``"low"``, ``"high"`` or ``"both"`` where the region ends where the scale of radii ends, and
        not where the data end it; otherwise empty.
    """

    element: str
    what: str
    best_fm: float
    regions_fm: tuple[tuple[float, float], ...]
    nominal_fm: float
    level: float
    at_bound: str = ""

    @property
    def text(self) -> str:
        """The numbers in a line."""
        pieces = " and ".join(f"[{low:.4g}, {high:.4g}]" for low, high in self.regions_fm)
        open_end = f", open ({END_TEXTS[self.at_bound]})" if self.at_bound else ""
        return (
            f"best fit {self.best_fm:.4g} fm, {100 * self.level:g}% CL region {pieces} fm{open_end}"
            f" ({self.nominal_fm:.4g} fm at {NEUTRON_RADIUS_SCALE} = 1)"
        )


def neutron_lengths(
    result: ProfileResult,
    experiments: Iterable[Experiment],
    theory: Theory = STANDARD_THEORY,
) -> tuple[Length, ...]:
    """Return the radii and skins of neutrons that a profile of their scale measures, by element.

    Two radii are in use. The rms radius R of F_n, which the rms radius of a Helm form factor is in
    fits, has the sizes of the nucleons in it; it is the scale times that of the form factor. The
    rms radius of point neutrons, which nuclear theory quotes, is sqrt(R^2 - d): d is what nucleons
    add in the form factor, and does not scale. It is given where the form factor tells the two
    apart, and the skin is then that of point nucleons; elsewhere it is R less the measured charge
    radius, which has the size of a nucleon in it as well.

    Returns
    -------
    tuple of Length
        Of each element its radii, then its skin; nothing where another parameter was profiled.
    """
    if result.parameter != NEUTRON_RADIUS_SCALE:
        return ()
    form, found = get_form_factor(theory.form_factor), list[Length]()
    for experiment in experiments:
        points = point_radii_fm(form, experiment.target)
        charges = charge_radii_fm(experiment.target)
        for element, radius_fm in neutron_radii_fm(form, experiment.target).items():
            sized = _Radius(radius_fm, 0.0)
            name = "rms radius of F_n (with the sizes of nucleons)"
            found.append(_length(result, element, name, sized))
            inner_fm = charges.get(element)
            if element in points:
                inner_fm, outer_fm = points[element]
                sized = _Radius(radius_fm, radius_fm**2 - outer_fm**2)
                found.append(_length(result, element, "rms radius of point neutrons", sized))
            if inner_fm is not None:
                over = "point protons" if element in points else "the measured charge radius"
                skin = _Radius(sized.radius_fm, sized.added_fm2, inner_fm)
                found.append(_length(result, element, f"neutron skin, over {over}", skin))
    return tuple(found)


@dataclass(frozen=True)
class _Radius:
    """The radius sqrt((scale R)^2 - d) less another one, as a function of the scale."""

    radius_fm: float
    added_fm2: float
    less_fm: float = 0.0

    def __call__(self, scale: float) -> float:
        square = (scale * self.radius_fm) ** 2 - self.added_fm2
        return float(np.sqrt(max(square, 0.0))) - self.less_fm


def _length(result: ProfileResult, element: str, what: str, at: Callable[[float], float]) -> Length:
    regions = tuple((at(piece.low), at(piece.high)) for piece in result.intervals)
    bound = Ends.around([piece.ends for piece in result.intervals]).at_bound
    return Length(element, what, at(result.best), regions, at(1.0), result.level, bound)


def neutron_radius_text(
    result: ProfileResult,
    experiments: Iterable[Experiment],
    theory: Theory = STANDARD_THEORY,
) -> str:
    """Return `neutron_lengths` in lines; empty where another parameter was profiled."""
    lengths = {
        f"  {one.element}, {one.what}: {one.text}": None
        for one in neutron_lengths(result, experiments, theory)
    }
    return "\n".join(lengths)
