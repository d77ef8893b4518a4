"""Sentences of limits on one coupling: of scans, fits, previews, profiles, sensitivities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bayes_cevns.physics.interactions.coupling import Coupling
from bayes_cevns.reports.answers.answer import (
    Answer,
    at_mass,
    data_cautions,
    data_words,
    interaction_words,
    titles,
)
from bayes_cevns.reports.answers.intervals import interval_answer
from bayes_cevns.reports.quoted import EXPECTED, QuotedLimit, limits_among, quoted
from bayes_cevns.reports.voices import Voice, listed
from bayes_cevns.specification.model_spec import ModelSpec

if TYPE_CHECKING:
    from bayes_cevns.reports.account import Account

_SIDES = {"positive": "> 0", "negative": "< 0"}
_KINDS = {"credible": "credibility", "CL": "confidence level"}


def answer(account: Account, voice: Voice, profile: Sequence[QuotedLimit] = ()) -> Answer:
    """Return the answer of a study that limits one coupling.

    Parameters
    ----------
    account
        The run.
    voice
        How it is written.
    profile
        Limits of the profile likelihood of the same model, which are named beside.
    """
    spec = account.spec
    found = limits_among(quoted(account.result))
    if spec.interaction is None or not found:
        return interval_answer(account, voice)
    passed = [one for one in found if one.passed]
    sentences = [
        limit_sentence(one, spec, voice) + _profile_words(one, profile, spec, voice)
        for one in headline(passed)
    ]
    cautions = [*data_cautions(account.experiments), *_cautions(found, spec)]
    return Answer(_question(found, spec, voice), tuple(sentences), tuple(dict.fromkeys(cautions)))


def headline(found: Sequence[QuotedLimit]) -> list[QuotedLimit]:
    """Return the strongest limit of each side, and of each kind of data."""
    best: dict[tuple[str, str, str], QuotedLimit] = {}
    for one in found:
        key = (one.side, one.of, one.data)
        if key not in best or _size(one) < _size(best[key]):
            best[key] = one
    return list(best.values())


def _size(limit: QuotedLimit) -> float:
    assert limit.value is not None, "a limit that passed has a value"
    return limit.value


def limit_sentence(one: QuotedLimit, spec: ModelSpec, voice: Voice) -> str:
    """Return a limit as a sentence with all that has to be said with it.

    Coupling, level, data, prior, Monte-Carlo error, and what other priors make of it.
    """
    coupling = _coupling(spec)
    assert one.value is not None, "only limits that passed are said"
    value = f"{voice.number(one.value, one.mc_error)}{voice.unit(coupling)}"
    error = "" if one.mc_error is None else f", Monte-Carlo error {voice.error(one.mc_error)}"
    words = (
        f"{_opening(one, spec, voice)}{voice.symbol(coupling)} {voice.less()} {value} at "
        f"{voice.percent(one.level)} {_KINDS[one.kind]}{error}"
        f"{_sign(one, coupling, voice)}, for {interaction_words(spec, voice)}"
        f"{at_mass(spec, one.mass_mev, voice)}; {titles(spec.experiments, voice)}, "
        f"{data_words(one.data)}; {_prior(one, voice)}."
    )
    return words + _other_priors(one, voice)


def _opening(one: QuotedLimit, spec: ModelSpec, voice: Voice) -> str:
    """Return what is said before a limit that is not simply one of data."""
    del spec
    if one.approximate:
        return "Approximate, from a preview without sampling: "
    if one.of == EXPECTED:
        return "Expected median limit: " if one.data == "toys" else "Limit of Asimov data: "
    return voice.text("")


def _sign(one: QuotedLimit, coupling: Coupling, voice: Voice) -> str:
    sign = _SIDES.get(one.side)
    return "" if sign is None else voice.text(f", given {coupling.amplitude} {sign}")


def _prior(one: QuotedLimit, voice: Voice) -> str:
    if one.kind == "CL":
        return "profile likelihood"
    return f"prior {voice.text(one.prior_text)}"


def _other_priors(one: QuotedLimit, voice: Voice) -> str:
    """Return how the limit changes with other priors, as a sentence."""
    if not one.ratios:
        return ""
    each = [f"{ratio:.2f} times as large with the prior {n}" for n, ratio in one.ratios.items()]
    return f" It is {voice.text(listed(each))}."


def _profile_words(
    one: QuotedLimit, profile: Sequence[QuotedLimit], spec: ModelSpec, voice: Voice
) -> str:
    """Return what the profile likelihood says at the same mass and side, as a sentence."""
    coupling = _coupling(spec)
    for other in profile:
        same = (other.side, other.data, other.mass_mev) == (one.side, one.data, one.mass_mev)
        if same and other.passed and other.value is not None:
            return (
                f" The profile likelihood gives {voice.symbol(coupling)} {voice.less()} "
                f"{voice.number(other.value)}{voice.unit(coupling)} at "
                f"{voice.percent(other.level)} {_KINDS['CL']}."
            )
    return ""


def _question(found: Sequence[QuotedLimit], spec: ModelSpec, voice: Voice) -> str:
    masses = [one.mass_mev for one in found if one.mass_mev is not None]
    where = at_mass(spec, masses[0], voice) if masses else ""
    if len(set(masses)) > 1:
        name = "mediator mass" if spec.interaction is None else spec.interaction.axis.name
        ends = f"{voice.given(min(masses))} to {voice.given(max(masses))} MeV"
        where = f" for {len(set(masses))} values of the {voice.text(name)} from {ends}"
    one = found[0]
    verb = "would" if all(each.of == EXPECTED for each in found) else "do"
    return (
        f"Which values of {voice.symbol(_coupling(spec))} of {interaction_words(spec, voice)} "
        f"{verb} the data of {titles(spec.experiments, voice)} exclude at "
        f"{voice.percent(one.level)} {_KINDS[one.kind]}{where}?"
    )


def _cautions(found: Sequence[QuotedLimit], spec: ModelSpec) -> list[str]:
    """Return what has to be known of limits before they are quoted."""
    coupling = _coupling(spec)
    cautions = []
    failed = [one for one in found if not one.passed]
    if failed:
        cautions.append(f"{_where(failed)}: the fit failed its gate, there is no limit to quote")
    for end, word in (("low", "lower"), ("high", "upper"), ("both", "lower and upper")):
        those = [one for one in found if one.passed and one.at_bound == end]
        if those:
            cautions.append(
                f"{_where(those)}: the limit depends on the {word} end of the range of "
                f"{coupling.symbol}, and is not of the data alone"
            )
    several = [one for one in found if one.passed and one.pieces > 1]
    if several:
        cautions.append(
            f"{_where(several)}: the region of {_signs(several, coupling)} has several pieces; the "
            "limit is the far end of the last one, and values between them are excluded as well"
        )
    zero = [one for one in found if one.passed and one.zero_excluded]
    if zero:
        cautions.append(
            f"{_where(zero)}: zero lies outside of the region; this is a measurement, or a "
            "background that the model lacks, not an exclusion"
        )
    return cautions


def _signs(limits: Sequence[QuotedLimit], coupling: Coupling) -> str:
    """Return of which signs of the amplitude some limits are, or of which coupling."""
    sides = dict.fromkeys(one.side for one in limits)
    signs = [f"{coupling.amplitude} {_SIDES[side]}" for side in sides if side in _SIDES]
    return " and of ".join(signs) or coupling.symbol


def _where(limits: Sequence[QuotedLimit]) -> str:
    """Return at which masses some limits are."""
    masses = list(dict.fromkeys(one.mass_mev for one in limits if one.mass_mev is not None))
    if not masses:
        return "This fit"
    if len(masses) <= 4:
        return f"At {listed(f'{mass:g}' for mass in masses)} MeV"
    return f"At {len(masses)} masses from {min(masses):g} to {max(masses):g} MeV"


def _coupling(spec: ModelSpec) -> Coupling:
    assert spec.interaction is not None, "a limit is on the coupling of an interaction"
    return spec.interaction.coupling
