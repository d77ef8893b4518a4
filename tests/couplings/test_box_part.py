"""Parts of a box: their shares of the posterior."""

import numpy as np
import pymc as pm
import pytest

from bayes_cevns.couplings.box_part import FAR, MOST_PLANES, BoxPart
from bayes_cevns.model.couplings import couplings_in_part, part_data

BOX = BoxPart.box([-1.0, -0.5, 0.0], [1.0, 0.5, 2.0])


def parts_of_parts() -> tuple[BoxPart, ...]:
    """Cut the box twice, and one of the parts once more."""
    first, *others = BOX.cut(np.array([1.0, -1.0, 0.3]), [-0.4, 0.5], [0.1, 0.2])
    return (*first.cut(np.array([0.0, 2.0, 1.0]), [0.7], [0.05]), *others)


def test_shares_add_up_to_one_everywhere() -> None:
    points = np.random.default_rng(2).uniform(BOX.lower, BOX.upper, (1000, 3))
    shares = np.exp([part.log_share(points) for part in parts_of_parts()])
    np.testing.assert_allclose(shares.sum(axis=0), 1.0, rtol=1e-12)
    assert np.all(shares.max(axis=1) > 0.99)  # each of them has something


def test_a_part_has_what_lies_inside_and_nothing_far_behind_a_plane() -> None:
    normal = np.array([0.0, 1.0, 0.0])
    below, above = BOX.cut(normal, [0.1], [0.05])
    at = np.array([[0.3, 0.1 + side * FAR * 0.05, 1.0] for side in (-1, 0, 1)])
    np.testing.assert_allclose(np.exp(below.log_share(at)), [1.0, 0.5, 0.0], atol=1e-9)
    assert above.log_share(at[0]) < -20.0
    np.testing.assert_array_equal(BOX.log_share(at), 0.0)


@pytest.mark.parametrize("part", parts_of_parts())
def test_the_model_has_the_share_of_the_part(part: BoxPart) -> None:
    """The readable twin: `log_share`, and a density that is uniform in the box."""
    standard = np.array([0.1, 0.2, 0.3])
    with pm.Model() as model:
        couplings_in_part(3, part_data(part, standard))
    density = model.compile_logp(jacobian=False)
    values = model.compile_fn(model["couplings_values"], inputs=model.free_RVs, point_fn=True)
    for places in np.random.default_rng(3).uniform(0.01, 0.99, (5, 3)):
        couplings = BOX.lower + BOX.span * places
        logit = np.log(places / (1.0 - places))
        point = {"couplings_coordinates_interval__": logit}
        assert float(density(point)) == pytest.approx(float(part.log_share(couplings)), abs=1e-9)
        np.testing.assert_allclose(values({"couplings_coordinates": places}), couplings)


def test_absent_planes_are_data_without_effect() -> None:
    assert part_data(BOX, np.zeros(3))["couplings_planes"].shape == (MOST_PLANES, 4)
    (part, *_) = parts_of_parts()
    padded = part.padded(5)
    again = BoxPart(
        BOX.lower,
        BOX.upper,
        np.column_stack([padded["plane_normal"], padded["plane_number"]]),
    )
    points = np.random.default_rng(4).uniform(BOX.lower, BOX.upper, (50, 3))
    np.testing.assert_allclose(again.log_share(points), part.log_share(points), atol=1e-9)
