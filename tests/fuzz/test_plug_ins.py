"""What is handed in: interactions that return anything, fluxes as files, priors and charges."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from fuzzing import edited, empty_folder, fuzzed, succeeds_or_says, words
from hypothesis import given
from hypothesis import strategies as st

import bayes_cevns as bc
from bayes_cevns.physics.interactions.base import Interaction
from bayes_cevns.physics.interactions.coupling import UNIVERSAL
from bayes_cevns.rates.build import build_rate

RECOILS_KEV, MASSES_MEV = np.array([0.5, 1.0, 2.0]), np.array([1.0, 10.0])

#: What a function of somebody else may return in place of the right array.
ANSWERS: dict[str, Callable[[Any], Any]] = {
    "right": lambda right: right,
    "zero": np.zeros_like,
    "single": lambda right: right.astype(np.float32),
    "whole": lambda right: np.ones(right.shape, dtype=int),
    "complex": lambda right: right * 1j,
    "objects": lambda right: right.astype(object),
    "words": lambda right: right.astype(str),
    "list": lambda right: right.tolist(),
    "number": lambda _: 1.0,
    "nothing": lambda _: None,
    "word": lambda _: "x",
    "masked": lambda right: np.ma.masked_array(right, mask=True),
    "more": lambda right: right[..., None],
    "fewer": lambda right: right[..., :1],
    "turned": lambda right: right.swapaxes(0, -1),
    "negative": lambda right: -np.abs(right) - 1e-3,
    "large": lambda right: np.full(right.shape, 1e300),
}
VALUES = (np.nan, np.inf, -np.inf, -1.0, 1e308, 5e-324)


@dataclass(frozen=True, kw_only=True)
class Own(Interaction):
    """A vector whose terms come out changed."""

    answer: Any

    @property
    def interferes_on(self) -> Any:
        return self.scatters_on

    def nuclear_terms(self, *given: Any) -> Any:
        return self.answer(bc.interaction("vector-universal").nuclear_terms(*given).copy())

    def electron_terms(self, *given: Any) -> Any:
        return self.answer(bc.interaction("vector-universal").electron_terms(*given).copy())


@st.composite
def answers(draw: st.DrawFn) -> Callable[[Any], Any]:
    """Draw what is made of the right array: something of `ANSWERS`, or one value in it."""
    kind = draw(st.sampled_from([*ANSWERS, "value"]))
    if kind != "value":
        return ANSWERS[kind]
    place, value = draw(st.floats(0, 0.999)), draw(st.sampled_from(VALUES))

    def changed(right: Any) -> Any:
        if right.size:
            right.flat[int(place * right.size)] = value
        return right

    return changed


@fuzzed(60)
@given(answers(), st.sampled_from(["cevns", "electron"]))
def test_an_interaction_that_returns_anything(answer: Callable[[Any], Any], channel: str) -> None:
    def found() -> Any:
        own = Own(
            name="mine", title="mine", formula="x", coupling=UNIVERSAL, cite=(), answer=answer
        )
        rate = build_rate(
            channel, source=bc.source("solar_8b"), target=bc.target("Xe"), interaction=own
        )
        return rate.components(RECOILS_KEV, MASSES_MEV)

    parts = succeeds_or_says(found)
    if parts is not None:
        assert parts.dtype == float
        assert np.isfinite(parts).all()


FLUX = """# energy_unit = MeV
# flux_unit = 1/(cm2 s MeV)
# name = my-reactor
# cite = Mention:2011rk
energy,anti_nu_e,nu_mu
1.0,1e6,2e5
2.0,2e6,1e5
3.0,1e6,0
10.0,0,0
"""


@fuzzed(80)
@given(edited(FLUX))
def test_a_flux_that_was_edited(text: str) -> None:
    with empty_folder() as folder:
        file = folder / "flux.csv"
        file.write_text(text, encoding="utf-8")
        found = succeeds_or_says(
            lambda: bc.rate("cevns", source=str(file), target="Ge").total([0.1, 1.0])
        )
        if found is not None:
            assert np.isfinite(found).all()
            assert (np.asarray(found) >= 0).all()


@fuzzed(80)
@given(words(), words())
def test_names_of_anything(word: str, other: str) -> None:
    calls: list[Callable[[], Any]] = [
        lambda: bc.experiment(word),
        lambda: bc.interaction(word),
        lambda: bc.interaction("vector", charges={word: other}),
        lambda: bc.target(word),
        lambda: bc.source(word),
        lambda: bc.ModelSpec.of(["xenonnt_2024_s2"], nuisance_priors={"flux_8b": word}),
        lambda: bc.ModelSpec.of(["xenonnt_2024_s2"], nuisance_priors={word: other}),
        lambda: bc.load(word),
        lambda: bc.read_analysis(word),
        lambda: bc.rate(word, source="solar_8b", target="Xe"),
        lambda: bc.CouplingModel.of([word, other]),
    ]
    for call in calls:
        succeeds_or_says(call)
