"""Level crossings in the Sun for Numba, and their adjoint.

The formulas are those of `bayes_cevns.physics.oscillation.crossing`, one energy at a time.
"""

from __future__ import annotations

import numpy as np

from bayes_cevns.arrays import Array
from bayes_cevns.couplings.level_kernels import (
    add_adjoint,
    fill_powers,
    shares_and_gaps,
    squared_gaps,
)
from bayes_cevns.couplings.state_sizes import KEPT
from bayes_cevns.physics.oscillation.crossing import DIRECTION_WEIGHTS, DIRECTIONS, LAGRANGE
from bayes_cevns.physics.oscillation.sun import (
    EXPONENT_UNIT,
    LARGEST_EXPONENT,
    SCAN_DENSITY,
    SCAN_HEIGHT,
    SCAN_RATIOS,
    TWO_POTENTIALS,
)
from bayes_cevns.tables.compiled import kernel
from bayes_cevns.tables.views import allocate, fill, matrix, numbers_at, release, view

#: Crossings of one energy beyond this many are left out; more than three have not been seen.
_MOST = 8

_DIRECTIONS = int(DIRECTIONS.size)

#: Numbers of work space for each radius, and for the crossings: of the shares, and more for the
#: adjoint.
_PLACE, _CROSSINGS = KEPT + 6, _MOST * (4 + _DIRECTIONS)
_PLACE_OF_ADJOINT, _CROSSINGS_OF_ADJOINT = 19, 5 * _MOST

#: 2 sqrt2 G_F E n_e and Y_n where levels are looked at, shape (2, n).
_SCAN = np.stack(
    [
        np.tile(TWO_POTENTIALS * SCAN_DENSITY, len(SCAN_RATIOS)),
        np.repeat(SCAN_RATIOS, SCAN_DENSITY.size),
    ]
)


@kernel
def least_exponent(coefficients: Array, pair: int, squared: Array) -> float:
    """Return the least exponent times energy; see `sun.least_exponent`.

    `coefficients` are those of `invariant_kernels`, here and below; `squared` is room for
    `bayes_cevns.couplings.state_sizes.SCANNED` numbers.
    """
    size = SCAN_DENSITY.size
    squared_gaps(coefficients, _SCAN[0], _SCAN[1], pair, squared)
    least = np.inf
    for first in range(0, squared.size, size):
        for i in range(1, size - 1):
            below, here = squared[first + i - 1], squared[first + i]
            above = squared[first + i + 1]
            if here < below and here <= above:
                left = SCAN_DENSITY[i] - SCAN_DENSITY[i - 1]
                right = SCAN_DENSITY[i + 1] - SCAN_DENSITY[i]
                down, up = (below - here) / left, (above - here) / right
                curvature = (down + up) / (left + right)
                shift = 0.5 * (down * right - up * left) / ((left + right) * curvature)
                minimum = max(here - curvature * shift * shift, 0.0)
                speed = np.sqrt(curvature) * (SCAN_DENSITY[i] + shift)
                least = min(least, EXPONENT_UNIT * SCAN_HEIGHT * minimum / speed)
    return least


@kernel
def _lagrange(i: int, x: float, derivative: int) -> float:
    """Return a derivative (0 to 3) of the Lagrange polynomial of point i."""
    c = LAGRANGE[i]
    value = 24.0 * c[0] * x + 6.0 * c[1]
    if derivative == 0:
        value = (((c[0] * x + c[1]) * x + c[2]) * x + c[3]) * x + c[4]
    elif derivative == 1:
        value = ((4.0 * c[0] * x + 3.0 * c[1]) * x + 2.0 * c[2]) * x + c[3]
    elif derivative == 2:
        value = (12.0 * c[0] * x + 6.0 * c[1]) * x + 2.0 * c[2]
    return float(value)


@kernel
def _sum(values: Array, first: int, x: float, derivative: int) -> float:
    total = 0.0
    for i in range(5):
        total += values[first + i] * _lagrange(i, x, derivative)
    return total


@kernel
def _minimum(values: Array, middle: int) -> float:
    """Return where the quartic through five values is least, in steps from the middle."""
    below, here, above = values[middle - 1], values[middle], values[middle + 1]
    place = 0.5 * (below - above) / (below - 2.0 * here + above)
    for _ in range(6):
        second = _sum(values, middle - 2, place, 2)
        if second > 0.0:
            place -= _sum(values, middle - 2, place, 1) / second
        place = min(max(place, -1.0), 1.0)
    return float(place)


@kernel
def _one_change(exponent: float, ratio: float) -> tuple[float, float, float]:
    """Return the probability to change from inside, and its slopes in exponent and ratio."""
    once = once_e = once_r = 0.0
    within = min(ratio, 1.0)
    for k in range(DIRECTIONS.size):
        flat = 1.0 - DIRECTIONS[k] * DIRECTIONS[k]
        by_cosine = 1.0 / np.sqrt(1.0 - within * within * flat)
        p = DIRECTION_WEIGHTS[k] * np.exp(-exponent * by_cosine)
        once += p
        once_e -= p * by_cosine
        once_r -= p * exponent * within * flat * by_cosine * by_cosine * by_cosine
    return once, once_e, once_r if ratio < 1.0 else 0.0


@kernel
def _two_changes(slant: Array, ratio: float) -> tuple[float, float, float]:
    """Return the same from outside, for p in all directions."""
    twice = twice_e = twice_r = 0.0
    beyond = max(ratio, 1.0)
    for k in range(DIRECTIONS.size):
        node, p = DIRECTIONS[k], slant[k]
        inverse = 1.0 / np.sqrt(beyond * beyond - 1.0 + node * node)
        common = DIRECTION_WEIGHTS[k] * p * inverse
        twice += common * (1.0 - p) * node
        twice_e -= common * (1.0 - 2.0 * p)
        twice_r -= common * (1.0 - p) * node * beyond * inverse * inverse
    slope = twice_r / beyond - twice / (beyond * beyond)
    return twice / beyond, twice_e / beyond, slope if ratio > 1.0 else 0.0


@kernel
def _change(
    exponent: float, slant: Array, place: float, radius: float, step: float
) -> tuple[float, float, float]:
    """Return the probability to change, and its slopes in exponent and radius of the crossing.

    Parameters
    ----------
    exponent, slant
        gamma, and exp(-gamma / cos chi) in the `DIRECTIONS`.
    place, radius, step
        Radius of the crossing, of production, and the step of the table.
    """
    ratio = radius / place
    distance = (place - radius) / step
    if distance > 8.0:
        value, in_exponent, in_ratio = _one_change(exponent, ratio)
        return value, in_exponent, -in_ratio * ratio / place
    if distance < -8.0:
        value, in_exponent, in_ratio = _two_changes(slant, ratio)
        return value, in_exponent, -in_ratio * ratio / place
    inside = 0.5 * (1.0 + np.tanh(2.0 * distance))
    outside = 1.0 - inside
    once, once_e, once_r = _one_change(exponent, ratio)
    twice, twice_e, twice_r = _two_changes(slant, ratio)
    slope = -(inside * once_r + outside * twice_r) * ratio / place
    slope += (once - twice) * 4.0 * inside * outside / step
    return inside * once + outside * twice, inside * once_e + outside * twice_e, slope


@kernel
def _found(squared: Array, radius: Array, unit: float, crossings: Array, slants: Array) -> int:
    """Fill in the crossings of one energy, and return how many there are.

    Rows of `crossings` are column, place in steps from there, radius and exponent; those of
    `slants` the probabilities to change level in the `DIRECTIONS`.
    """
    count = 0
    step = radius[2] - radius[1]
    for i in range(2, squared.size - 2):
        if squared[i] < squared[i - 1] and squared[i] <= squared[i + 1] and count < _MOST:
            place = _minimum(squared, i)
            least = max(_sum(squared, i - 2, place, 0), 0.0)
            curvature = max(0.5 * _sum(squared, i - 2, place, 2) / (step * step), 1e-300)
            exponent = unit * least / np.sqrt(curvature)
            if exponent < 1.5 * LARGEST_EXPONENT:
                crossings[count, 0], crossings[count, 1] = i, place
                crossings[count, 2], crossings[count, 3] = radius[i] + place * step, exponent
                for k in range(DIRECTIONS.size):
                    slants[count, k] = np.exp(-exponent / DIRECTIONS[k])
                count += 1
    return count


@kernel
def _levels_and_crossings(
    energy: float, coefficients: Array, radii: Array, pair: int, room: Array
) -> tuple[int, Array, Array, Array, Array, Array, Array, Array]:
    """Return how many crossings there are, and what follows from them, in some room.

    That is shares, gaps, what is kept of levels, the scales of the potential, squared gaps,
    crossings and slants.
    """
    size = radii.shape[1]
    shares, gaps, of_levels = matrix(room, 0, 3, size), view(room, 3 * size, size), 4 * size
    scale, squared = of_levels + KEPT * size, of_levels + (KEPT + 1) * size
    crossings = squared + size
    slants = crossings + 4 * _MOST
    kept, scales = matrix(room, of_levels, KEPT, size), view(room, scale, size)
    squares = view(room, squared, size)
    for r in range(size):
        scales[r] = TWO_POTENTIALS * energy * radii[1, r]
    shares_and_gaps(coefficients, scales, radii[2], pair, shares, gaps, kept)
    for r in range(size):
        squares[r] = gaps[r] * gaps[r]
    found, slanted = matrix(room, crossings, _MOST, 4), matrix(room, slants, _MOST, _DIRECTIONS)
    count = _found(squares, radii[0], EXPONENT_UNIT / energy, found, slanted)
    return count, shares, gaps, kept, scales, squares, found, slanted


@kernel
def mean_shares(energy: float, coefficients: Array, radii: Array, pair: int, out: Array) -> None:
    """Fill in the mean shares by level at the surface; see `shares_with_crossings`."""
    size = radii.shape[1]
    needed = _PLACE * size + _CROSSINGS
    address = allocate(8 * needed)
    if address == 0:
        fill(out, np.nan)
        return
    count, shares, _, _, _, _, crossings, slants = _levels_and_crossings(
        energy, coefficients, radii, pair, numbers_at(address, needed)
    )
    step = radii[0, 2] - radii[0, 1]
    for level in range(3):
        total = 0.0
        for r in range(size):
            total += shares[level, r] * radii[3, r]
        out[level] = total
    for r in range(size if count else 0):
        if radii[3, r] <= 0.0:
            continue
        kept = 1.0
        for m in range(count):
            place, exponent = crossings[m, 2], crossings[m, 3]
            kept *= 1.0 - 2.0 * _change(exponent, slants[m], place, radii[0, r], step)[0]
        moved = 0.5 * (1.0 - kept) * (shares[pair + 1, r] - shares[pair, r])
        out[pair] += radii[3, r] * moved
        out[pair + 1] -= radii[3, r] * moved
    release(address)


@kernel
def add_mean_shares_adjoint(
    energy: float, coefficients: Array, radii: Array, pair: int, weight: Array, out: Array
) -> None:
    """Add the cotangent of the coefficients, (25,), for those of the mean shares by level."""
    size = radii.shape[1]
    used = _PLACE * size + _CROSSINGS
    needed = used + _PLACE_OF_ADJOINT * size + _CROSSINGS_OF_ADJOINT
    address = allocate(8 * needed)
    if address == 0:
        fill(out, np.nan)
        return
    room = numbers_at(address, needed)
    count, shares, gaps, of_levels, scale, squared, crossings, slants = _levels_and_crossings(
        energy, coefficients, radii, pair, room
    )
    unit, step = EXPONENT_UNIT / energy, radii[0, 2] - radii[0, 1]
    to_shares, to_squared = matrix(room, used, 3, size), view(room, used + 3 * size, size)
    powers, work = matrix(room, used + 4 * size, size, 10), matrix(room, used + 14 * size, 4, size)
    to_gaps, end = view(room, used + 18 * size, size), used + _PLACE_OF_ADJOINT * size
    to_exponent, to_place = view(room, end, _MOST), view(room, end + _MOST, _MOST)
    change, slope_e = view(room, end + 2 * _MOST, _MOST), view(room, end + 3 * _MOST, _MOST)
    slope_p = view(room, end + 4 * _MOST, _MOST)
    for level in range(3):
        for r in range(size):
            to_shares[level, r] = radii[3, r] * weight[level]
    fill(to_squared, 0.0)
    fill(to_exponent, 0.0)
    fill(to_place, 0.0)
    for r in range(size if count else 0):
        share = radii[3, r]
        if share <= 0.0:
            continue
        kept = 1.0
        for m in range(count):
            value, slope_e[m], slope_p[m] = _change(
                crossings[m, 3], slants[m], crossings[m, 2], radii[0, r], step
            )
            change[m] = 1.0 - 2.0 * value
            kept *= change[m]
        to_moved = share * (weight[pair] - weight[pair + 1])
        to_shares[pair, r] -= 0.5 * (1.0 - kept) * to_moved
        to_shares[pair + 1, r] += 0.5 * (1.0 - kept) * to_moved
        to_kept = -0.5 * to_moved * (shares[pair + 1, r] - shares[pair, r])
        for m in range(count):
            others = 1.0
            for k in range(count):
                if k != m:
                    others *= change[k]
            to_exponent[m] += -2.0 * to_kept * others * slope_e[m]
            to_place[m] += -2.0 * to_kept * others * slope_p[m]
    for m in range(count):
        _add_crossing_adjoint(
            squared,
            int(crossings[m, 0]),
            crossings[m, 1],
            crossings[m, 3],
            step,
            unit,
            to_exponent[m],
            to_place[m],
            to_squared,
        )
    for r in range(size):
        to_gaps[r] = 2.0 * gaps[r] * to_squared[r]
    fill_powers(scale, radii[2], powers)
    add_adjoint(powers, pair, of_levels, to_shares, to_gaps, work, out)
    release(address)


@kernel
def _add_crossing_adjoint(
    squared: Array,
    column: int,
    place: float,
    exponent: float,
    step: float,
    unit: float,
    to_exponent: float,
    to_place: float,
    out: Array,
) -> None:
    """Add the cotangent of the squared gaps for those of exponent and radius of a crossing."""
    first = column - 2
    second = _sum(squared, first, place, 2)
    curvature = max(0.5 * second / (step * step), 1e-300)
    to_least = unit / np.sqrt(curvature) * to_exponent if exponent > 0.0 else 0.0
    to_second = -0.5 * exponent / curvature * to_exponent * 0.5 / (step * step)
    to_steps = to_place * step + to_second * _sum(squared, first, place, 3)
    for i in range(5):
        out[first + i] += to_least * _lagrange(i, place, 0) + to_second * _lagrange(i, place, 2)
        if abs(place) < 1.0:
            out[first + i] -= to_steps * _lagrange(i, place, 1) / second
