"""Charges of a user's own: a vector mediator without code.

A mediator is named by its charges, ``vector[u=1,d=-1,nu_e=1]``, and the name gives the mediator
back: tables, folders and the identity of a run hold the charges, and nothing else has to.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from bayes_cevns.arguments import named
from bayes_cevns.errors import ArgumentError, shown
from bayes_cevns.physics.checks import real
from bayes_cevns.physics.interactions.base import ELECTRON, NUCLEUS, STANDARD_MODEL, Interaction
from bayes_cevns.physics.interactions.coupling import Coupling
from bayes_cevns.physics.interactions.gauge import flavour_charges
from bayes_cevns.physics.interactions.sterile_mediator import SterileMediator, with_mediator
from bayes_cevns.physics.interactions.vector import VectorMediator

#: The name of a mediator whose charges are given.
VECTOR = "vector"
VECTOR_TEXT = (
    "a vector mediator with charges of your own, L = g_V sum_f c_f fbar gamma f Z': --charges "
    "u=1,d=-1,nu_e=1 or --charges FILE.toml. Charges: u, d or p, n; e; nu_e, nu_mu, nu_tau; q for "
    "u and d, nu for the three neutrinos, l for e and them; besides, a name and what to cite. "
    "Coupling: g_V. Rate: 1, x and x^2, x = g_V^2"
)

_NEUTRINOS = ("nu_e", "nu_mu", "nu_tau")
_LATEX = {"nu_e": r"\nu_e", "nu_mu": r"\nu_\mu", "nu_tau": r"\nu_\tau"}
_CHARGES = ("u", "d", "p", "n", "e", *_NEUTRINOS)
#: One word for several charges.
_SEVERAL = {"q": ("u", "d"), "nu": _NEUTRINOS, "l": ("e", *_NEUTRINOS)}
_NAME, _CITE, _MIXING = "name", "cite", "mixing"
#: Charges are of order one: their size is that of the coupling.
_LEAST, _LARGEST = 1e-6, 1e6

_BRACKETED = re.compile(r"([^\[\]]*)\[(.*)\]")
_TITLE = re.compile(r"[A-Za-z0-9][\w.+-]*", re.ASCII)
_KEY = re.compile(r"[A-Za-z0-9][\w.:-]*", re.ASCII)


def split(name: object) -> tuple[object, dict[str, object] | None]:
    """Return ``vector[u=1,d=-1]`` as ``vector`` and its charges; ``None`` where it has none.

    Raises
    ------
    ArgumentError
        If what is in brackets is no list of charges.
    """
    match = _BRACKETED.fullmatch(name) if isinstance(name, str) else None
    return (name, None) if match is None else (match[1], parsed(match[2]))


def parsed(text: str) -> dict[str, object]:
    """Return the words of ``u=1,d=-1`` by their names.

    Raises
    ------
    ArgumentError
        If there are none, one has another form, or a name comes twice.
    """
    found: dict[str, object] = {}
    for word in text.split(","):
        key, equals, value = (part.strip() for part in word.partition("="))
        if not key or not equals or not value:
            raise ArgumentError(
                f"charges: expected name=number separated by commas, such as u=1,d=-1,nu_e=1, "
                f"got {shown(word.strip())} in {shown(text)}"
            )
        if key in found:
            raise ArgumentError(f"charges: {key!r} is given twice in {shown(text)}")
        found[key] = value
    return found


def with_charges(
    name: str, entry: Interaction | None, charges: object
) -> VectorMediator | SterileMediator:
    """Return ``vector`` with charges, or an entry of the catalogue with an option of its own.

    Parameters
    ----------
    name
        ``"vector"``, or the name of the entry.
    entry
        The entry, if it is one.
    charges
        Charge by fermion: u and d, or p and n; e; nu_e, nu_mu, nu_tau, or q, nu and l for several
        of them. They are numbers, or words such as ``"1/3"``. Besides, a ``name`` and keys to
        ``cite``. An entry of the catalogue has charges of its own, and takes ``mixing`` alone,
        eps_0 e / g, if it mixes with the photon through a loop, or ``mediator_mev`` alone, if it
        upscatters to a sterile neutrino.

    Raises
    ------
    ArgumentError, UnknownNameError
        If a charge is unknown, no number, given twice or missing.
    """
    if not isinstance(charges, Mapping):
        raise ArgumentError(
            f"expected charges by fermion, such as {{'u': 1, 'nu_e': 1}}, got {shown(charges)}"
        )
    if name == VECTOR:
        return _vector(dict(charges))
    if isinstance(entry, SterileMediator):
        return with_mediator(entry, dict(charges))
    if isinstance(entry, VectorMediator) and entry.loop_mev is not None:
        return _mixed(entry, dict(charges))
    raise ArgumentError(
        "the Standard Model has no charges to give: name the interaction 'vector'"
        if name == STANDARD_MODEL
        else f"the charges of {name!r} are fixed: leave them out, or name the interaction 'vector'"
    )


def _vector(given: dict[object, object]) -> VectorMediator:
    title = _title(given.pop(_NAME, VECTOR))
    cite = _cited(given.pop(_CITE, ()))
    charges = _checked(given)
    up, down = charges["u"], charges["d"]
    proton, neutron = charges["p"] + 2.0 * up + down, charges["n"] + up + 2.0 * down
    targets = {NUCLEUS: proton or neutron, ELECTRON: charges["e"]}
    if not any(targets.values()):
        raise ArgumentError(
            "charges: neither protons (2 u + d), neutrons (u + 2 d) nor electrons have one: give "
            "u and d, p and n, or e"
        )
    if not any(charges[neutrino] for neutrino in _NEUTRINOS):
        raise ArgumentError("charges: no neutrino has one: give nu_e, nu_mu or nu_tau, or nu")
    own = {key: value for key, value in charges.items() if value}
    words = [f"{key}={_short(value)}" for key, value in own.items()]
    words = [*([f"{_NAME}={title}"] if title != VECTOR else []), *words]
    words += [f"{_CITE}={'+'.join(cite)}"] if cite else []
    told = ", ".join(f"{key} {value:.4g}" for key, value in own.items())
    return VectorMediator(
        name=f"{VECTOR}[{','.join(words)}]",
        title=title if title != VECTOR else f"vector ({_drawn(own)})",
        formula="Q -> Q + c_nu (c_p Z F_p + c_n N F_n) g^2 / (sqrt2 G_F (q^2 + m_V^2)), c_p = "
        f"{proton:.4g}, c_n = {neutron:.4g}; electrons g_V -> g_V + c_nu c_e g^2 / (sqrt2 G_F "
        "(2 m_e T + m_V^2)); loops that mix it with the photon are neglected",
        coupling=Coupling(
            symbol="g_V",
            latex="g_V",
            definition=f"the gauge coupling of a vector with the charges {told}",
            amplitude="g_V^2",
            amplitude_latex="g_V^2",
        ),
        sign_fixed=True,
        cite=(*cite, "Cerdeno:2016sfi", "Lindner:2016wff"),
        scatters_on=tuple(target for target, charge in targets.items() if charge),
        proton=proton,
        neutron=neutron,
        electron=charges["e"],
        flavours=flavour_charges(*(charges[neutrino] for neutrino in _NEUTRINOS)),
    )


def _mixed(entry: VectorMediator, given: dict[object, object]) -> VectorMediator:
    if set(given) != {_MIXING}:
        raise ArgumentError(
            f"the charges of {entry.name!r} are fixed: give {_MIXING} alone (eps_0 e / g), or name "
            "the interaction 'vector'"
        )
    mixing = _number(_MIXING, given[_MIXING])
    if not mixing:
        return entry
    definition = f"{entry.coupling.definition}; here {_MIXING} = {_short(mixing)}"
    return replace(
        entry,
        name=f"{entry.name}[{_MIXING}={_short(mixing)}]",
        title=f"{entry.title}, mixing {mixing:.3g}",
        formula=f"{entry.formula}; {mixing:.4g} is added to eps",
        coupling=replace(entry.coupling, definition=definition),
        mixing=mixing,
    )


def _checked(given: dict[object, object]) -> dict[str, float]:
    """Return the charge of every fermion, zero where none is given."""
    found: dict[str, float] = {}
    for key, value in given.items():
        if key in ("s", "c", "b", "t"):
            raise ArgumentError(
                f"charges: {key} quarks add nothing to the coherent vector charge of a nucleus, "
                "which counts quarks less antiquarks: leave it out"
            )
        key = named(key, "charge", (*_CHARGES, *_SEVERAL, _NAME, _CITE))
        for fermion in _SEVERAL.get(key, (key,)):
            if fermion in found:
                raise ArgumentError(f"charges: {key!r} gives that of {fermion} once more")
            found[fermion] = _number(key, value)
    quarks, nucleons = ([f for f in pair if f in found] for pair in (("u", "d"), ("p", "n")))
    if quarks and nucleons:
        raise ArgumentError(
            f"charges: expected those of quarks (u, d) or of nucleons (p, n), got "
            f"{', '.join(quarks)} and {', '.join(nucleons)}"
        )
    if not found:
        raise ArgumentError("charges: got none: give some, such as u=1,d=-1,nu_e=1")
    return {fermion: found.get(fermion, 0.0) for fermion in _CHARGES}


def _number(key: str, value: object) -> float:
    what = f"charge {key}"
    if isinstance(value, str):
        over, _, under = value.partition("/")
        try:
            value = float(over) / float(under or 1.0)
        except (ValueError, ZeroDivisionError):
            raise ArgumentError(
                f"{what}: expected a number, such as 1, -0.5 or 1/3, got {shown(value)}"
            ) from None
    number = real(value, what=what)
    if number and not _LEAST <= abs(number) <= _LARGEST:
        raise ArgumentError(
            f"{what}: expected 0 or a number of order one (1e-6 to 1e6), got {number:g}: the "
            "coupling g_V has the size"
        )
    return number + 0.0  # no -0


def _short(number: float) -> str:
    """Return the shortest decimal that gives the number back."""
    short = f"{number:g}"
    return short if float(short) == number else repr(number)


def _drawn(charges: Mapping[str, float]) -> str:
    """Return charges for a figure, in mathtext."""
    return ", ".join(f"${_LATEX.get(key, key)}$ {value:.3g}" for key, value in charges.items())


def _title(value: object) -> str:
    if not isinstance(value, str) or not _TITLE.fullmatch(value):
        raise ArgumentError(
            f"charges: expected a name of letters, digits and _ . + -, got {shown(value)}"
        )
    return value


def _cited(value: object) -> tuple[str, ...]:
    keys = value.split("+") if isinstance(value, str) else value
    if not isinstance(keys, list | tuple) or not all(
        isinstance(key, str) and _KEY.fullmatch(key) for key in keys
    ):
        raise ArgumentError(
            f"charges: expected keys of references.bib to cite, such as Smith:2024abc, got "
            f"{shown(value)}"
        )
    return tuple(keys)
