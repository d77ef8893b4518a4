"""Angles in degrees, and complex numbers by modulus and phase."""

from __future__ import annotations

import numpy as np

from bayes_cevns.errors import ArgumentError, shown
from bayes_cevns.physics.checks import finite


def read(text: str, what: str) -> float:
    """Return an angle that is given as text.

    Raises
    ------
    ArgumentError
        If the text is no number.
    """
    try:
        return float(text)
    except ValueError:
        raise ArgumentError(f"expected {what} in degrees, got {shown(text)}") from None


def checked(value: float, what: str, most_deg: float) -> float:
    """Return an angle after checking its range, without a minus before zero.

    Raises
    ------
    ArgumentError
        If it is no number from ``-most_deg`` to ``most_deg``.
    """
    angle = float(finite(value, what=what))
    if not -most_deg <= angle <= most_deg:
        raise ArgumentError(
            f"expected {what} from {-most_deg:g} to {most_deg:g} degrees, got {angle:g}"
        )
    return angle + 0.0


def cos_sin(angle_deg: float) -> tuple[float, float]:
    """Return cosine and sine of an angle in degrees, exact at multiples of a right angle."""
    quarter, rest = divmod(angle_deg, 90.0)
    cos, sin = float(np.cos(np.deg2rad(rest))), float(np.sin(np.deg2rad(rest)))
    turned = ((cos, sin), (-sin, cos), (-cos, -sin), (sin, -cos))[int(quarter) % 4]
    return turned[0] + 0.0, turned[1] + 0.0


def complex_number(value: complex | str, what: str) -> complex:
    """Return a complex number from a number or a text: ``"0.3@120"`` or ``"0.1+0.05j"``.

    Raises
    ------
    ArgumentError
        If it is none, or not finite, or the modulus is negative or the phase beyond half a turn.
    """
    wrong = ArgumentError(
        f"{what}: expected a finite complex number, or MODULUS@PHASE with a modulus of at least 0 "
        f"and a phase of -180 to 180 degrees, such as 0.3@120; got {shown(value)}"
    )
    try:
        if not isinstance(value, str):
            number = complex(value)
        elif "@" in value:
            modulus, phase = (float(part) for part in value.split("@"))
            if not (modulus >= 0.0 and -180.0 <= phase <= 180.0):
                raise wrong
            number = modulus * complex(*cos_sin(phase))
        else:
            number = complex(value.replace(" ", ""))
    except (TypeError, ValueError, OverflowError):
        raise wrong from None
    if not np.isfinite(number):
        raise wrong
    return number + 0.0
