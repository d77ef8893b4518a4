"""Parts of a box: their shares of the posterior."""

import numpy as np
import pymc as pm
import pytest

from bayes_cevns.couplings.box_part import FAR, MOST_PLANES, BoxPart
from bayes_cevns.couplings.slab import Slab
from bayes_cevns.density.data import part_data
from bayes_cevns.model.couplings import couplings_in_part

BOX = Slab.box([-1.0, -0.5, 0.0], [1.0, 0.5, 2.0])
WHOLE = BoxPart.of(BOX)


def parts_of_parts() -> tuple[BoxPart, ...]:
    """Cut the box by walls, one of the parts by two planes, and one of its parts once more."""
    slab, other = BOX.cut(np.array([1.0, -1.0, 0.3]), [0.2])
    first, *rest = BoxPart.of(slab).cut(np.array([1.0, 1.0, 0.0]), [-0.4, 0.2], [0.1, 0.2])
    return (*first.cut(np.array([0.0, 2.0, 1.0]), [0.7], [0.05]), *rest, BoxPart.of(other))


def test_shares_add_up_to_one_everywhere() -> None:
    points = np.random.default_rng(2).uniform(BOX.lower, BOX.upper, (1000, 3))
    shares = np.array([part.share(points) for part in parts_of_parts()])
    np.testing.assert_allclose(shares.sum(axis=0), 1.0, rtol=1e-12)
    assert np.all(shares.max(axis=1) > 0.99)  # each of them has something


def test_a_part_has_what_lies_inside_and_nothing_far_behind_a_plane() -> None:
    normal = np.array([0.0, 1.0, 0.0])
    below, above = WHOLE.cut(normal, [0.1], [0.05])
    at = np.array([[0.3, 0.1 + side * FAR * 0.05, 1.0] for side in (-1, 0, 1)])
    np.testing.assert_allclose(below.share(at), [1.0, 0.5, 0.0], atol=1e-9)
    assert above.log_share(at[0]) < -20.0
    np.testing.assert_array_equal(WHOLE.log_share(at), 0.0)


@pytest.mark.parametrize("part", parts_of_parts())
def test_the_model_has_the_share_of_the_part(part: BoxPart) -> None:
    """The readable twins: `log_share` and `Slab.coordinates`."""
    order = part.slab.order
    with pm.Model() as model:
        couplings_in_part(3, part_data(part, np.array([0.1, 0.2, 0.3])))
    terms = [model["couplings_log_share"], model["couplings_values"]]
    function = model.compile_fn(terms, inputs=model.free_RVs, point_fn=True)
    points = np.random.default_rng(3).uniform(BOX.lower, BOX.upper, (200, 3))
    points = points[part.slab.contains(points)]
    assert len(points) > 20
    for couplings, coordinates in zip(points, part.slab.coordinates(points), strict=True):
        share, values = function({"couplings_coordinates": coordinates})
        np.testing.assert_allclose(values, couplings[order], atol=1e-9)
        assert float(share) == pytest.approx(float(part.log_share(couplings)), abs=1e-9)


def test_coordinates_of_what_is_outside_of_a_slab_are_at_its_edge() -> None:
    lower, upper = BOX.cut(np.array([1.0, 0.0, 0.0]), [0.2])
    outside = np.array([0.9, 0.1, 1.0])
    assert lower.coordinates(outside).max() == pytest.approx(1.0)
    assert upper.coordinates(-outside).min() == pytest.approx(0.0)


def test_absent_planes_are_data_without_effect() -> None:
    assert part_data(WHOLE, np.zeros(3))["couplings_planes"].shape == (MOST_PLANES, 4)
    (part, *_) = parts_of_parts()
    padded = part.padded(5)
    again = BoxPart(
        part.slab,
        np.column_stack([padded["plane_normal"], padded["plane_number"]]),
    )
    points = np.random.default_rng(4).uniform(BOX.lower, BOX.upper, (50, 3))
    np.testing.assert_allclose(again.log_share(points), part.log_share(points), atol=1e-9)
