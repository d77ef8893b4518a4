"""Turning command-line words into values, with errors that say what was expected."""

from __future__ import annotations

import cmath
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from bayes_cevns.errors import ArgumentError
from bayes_cevns.names import DEFAULT_FORM_FACTOR

if TYPE_CHECKING:
    from bayes_cevns.experiments import Experiment
    from bayes_cevns.physics.oscillation import Propagation

#: What separates words and their values, outside of brackets: names such as ee[eta=30,phi=45].
_COMMA = re.compile(r",(?![^\[\]]*\])")
_EQUALS = re.compile(r"(=)(?![^\[\]]*\])")


def numbers(text: str, *, what: str) -> list[float]:
    """Parse a comma-separated list of numbers.

    Raises
    ------
    ArgumentError
        If it is empty or has a word that is no number.
    """
    values = []
    for word in text.split(","):
        try:
            values.append(float(word))
        except ValueError:
            raise ArgumentError(
                f"{what}: expected numbers separated by commas, got {word.strip()!r} in {text!r}"
            ) from None
    return values


def masses(text: str) -> list[float]:
    """Parse mediator masses: ``low:high:number`` (log-spaced) or a comma list, in MeV.

    Raises
    ------
    ArgumentError
        If it is neither, or the range is empty.
    """
    from bayes_cevns.studies.masses import log_masses

    if ":" not in text:
        return numbers(text, what="--masses")
    parts = text.split(":")
    if len(parts) != 3:
        raise ArgumentError(f"--masses: expected low:high:number or a comma list, got {text!r}")
    low, high = numbers(",".join(parts[:2]), what="--masses")
    try:
        number = int(parts[2])
    except ValueError:
        raise ArgumentError(
            f"--masses: expected a whole number of masses, got {parts[2]!r}"
        ) from None
    return [float(mass) for mass in log_masses(low, high, number)]


def interaction(name: str, charges: str | None) -> str:
    """Return the name of an interaction, with the charges that ``--charges`` gives it.

    Parameters
    ----------
    name
        What ``--interaction`` says.
    charges
        What ``--charges`` says: ``u=1,d=-1,nu_e=1``, or the path of a TOML file.

    Raises
    ------
    ArgumentError, UnknownNameError
        If there is no such interaction, or its charges are missing, wrong or fixed.
    """
    from bayes_cevns.physics.interactions import interaction_or_none
    from bayes_cevns.physics.interactions.charge_file import read_charges
    from bayes_cevns.physics.interactions.charges import parsed

    if charges is None:
        own = None
    else:
        own = read_charges(Path(charges)) if charges.endswith(".toml") else parsed(charges)
    found = interaction_or_none(name, charges=own)
    return name if found is None else found.name


def interactions(text: str, charges: str | None) -> list[str]:
    """Parse a comma list of interactions, with ``--charges`` for the one named ``vector``.

    Raises
    ------
    ArgumentError
        If there are charges, but no ``vector`` in the list.
    """
    from bayes_cevns.physics.interactions.charges import VECTOR

    names = words(text)
    if charges is not None and VECTOR not in names:
        raise ArgumentError(f"--charges needs {VECTOR!r} in --interactions, got {text!r}")
    return [interaction(name, charges) if name == VECTOR else name for name in names]


def given_options(context: typer.Context, *, besides: Sequence[str]) -> list[str]:
    """Return the options that a command line has, by the names of their parameters."""
    return [
        f"--{name.replace('_', '-')}"
        for name in context.params
        if name not in besides
        and getattr(context.get_parameter_source(name), "name", "") == "COMMANDLINE"
    ]


def words(text: str) -> list[str]:
    """Parse a comma-separated list of names, which may be empty and have commas in brackets."""
    return [word.strip() for word in _COMMA.split(text) if word.strip()]


def ranges(words: Sequence[str], *, what: str) -> dict[str, tuple[float, float]]:
    """Parse ``name=low:high`` words into a dictionary.

    Raises
    ------
    ArgumentError
        If a word has another form, or a name comes twice.
    """
    found = {}
    for name, text in choices(words, what=what).items():
        ends = numbers(text.replace(":", ","), what=what)
        if text.count(":") != 1 or len(ends) != 2:
            raise ArgumentError(f"{what}: expected name=low:high, got {name}={text}")
        found[name] = (ends[0], ends[1])
    return found


def repeated(words: Sequence[str], options: Sequence[str]) -> list[str]:
    """Write ``--option a b,c`` as ``--option a --option b --option c``.

    An option takes all words up to the next one that begins with a dash.
    """
    found: list[str] = []
    option = None
    for word in words:
        if word.startswith("-"):
            name, equals, value = word.partition("=")
            option = name if name in options else None
            if option is None:
                found.append(word)
                continue
            word = value if equals else ""
        if option is None:
            found.append(word)
        else:
            found += [part for name in _COMMA.split(word) if name for part in (option, name)]
    return found


def choices(words: Sequence[str], *, what: str) -> dict[str, str]:
    """Parse ``name=value`` words into a dictionary; names may have equals signs in brackets.

    Raises
    ------
    ArgumentError
        If a word has no equals sign, or a name comes twice.
    """
    found: dict[str, str] = {}
    for word in words:
        name, equals, value = (*_EQUALS.split(word, maxsplit=1), "", "")[:3]
        if not equals or not name or not value:
            raise ArgumentError(f"{what}: expected name=value, got {word!r}")
        if name in found:
            raise ArgumentError(f"{what}: {name!r} is given twice")
        found[name] = value
    return found


def propagation(flavours: str, earth: str, detection: str, solar: str | None) -> Propagation:
    """Return how solar neutrinos arrive, from the words of four options.

    Two flavours are by day alone: the Earth is left out where nothing else is asked for.

    Raises
    ------
    ArgumentError, UnknownNameError
        If a word is unknown, or they do not go together.
    """
    from bayes_cevns.physics.oscillation import DEFAULT_MODEL, Propagation

    return Propagation(
        flavours=flavours,
        earth="none" if flavours == "two" and earth == "year" else earth,
        detection=detection,
        model=solar or DEFAULT_MODEL,
    )


def couplings(text: str) -> dict[str, complex]:
    """Parse values of couplings, ``eps_ee_u=0.1,eps_emu_u=0.2@90`` (modulus @ phase in degrees).

    Raises
    ------
    ArgumentError
        If a word is no coupling and a value, or a coupling comes twice.
    """
    found: dict[str, complex] = {}
    for name, value in choices(words(text), what="--couplings").items():
        modulus, at, phase = value.partition("@")
        size, *angle = numbers(f"{modulus},{phase}" if at else modulus, what="--couplings")
        if angle and not -180.0 <= angle[0] <= 180.0:
            raise ArgumentError(
                f"--couplings: expected a phase from -180 to 180 degrees, got {angle[0]:g} of "
                f"{name}"
            )
        turn = cmath.exp(1j * math.radians(angle[0])) if angle else 1.0
        found[name] = size * turn
    return found


def experiments(
    names: Sequence[str],
    *,
    runs: str | None,
    source: str | None,
    data: str = "observed",
    form_factor: str = DEFAULT_FORM_FACTOR,
) -> list[Experiment]:
    """Load experiments by name, with a subset of runs, another source or other data where asked.

    Data are ``"observed"``, ``"asimov"``, or ``"toy:SEED"``, the latter two by the Standard Model
    with a form factor.

    Raises
    ------
    ArgumentError
        If runs are chosen for several experiments at once, or there are no such data.
    """
    from bayes_cevns.experiments import experiment
    from bayes_cevns.sources import source as get_source

    loaded = [experiment(name) for name in names]
    for one in loaded:
        if one.card.disputed:
            typer.echo(f"{one.name} is disputed: {one.card.disputed}", err=True)
    if runs is not None:
        if len(loaded) != 1:
            raise ArgumentError("--runs goes with one experiment only")
        loaded = [loaded[0].select_runs([run.strip() for run in runs.split(",") if run.strip()])]
    if source is not None:
        loaded = [e.with_source(get_source(source)) for e in loaded]
    return _with_data(loaded, data, form_factor)


def _with_data(loaded: list[Experiment], data: str, form_factor: str) -> list[Experiment]:
    from bayes_cevns.specification.simulation import asimov, toy

    kind, _, seed = data.partition(":")
    if data == "observed":
        return loaded
    if data == "asimov":
        return [asimov(e, form_factor=form_factor) for e in loaded]
    if kind == "toy" and seed.isascii() and seed.isdecimal():
        return [toy(e, seed=int(seed), form_factor=form_factor) for e in loaded]
    raise ArgumentError(f"--data: expected observed, asimov or toy:SEED, got {data!r}")
