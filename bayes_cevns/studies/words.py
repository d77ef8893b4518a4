"""Words of the command line and of analysis files as values.

A text that is no text in the end, such as ``0.1:1000:61`` for masses, is read here.
"""

from __future__ import annotations

import cmath
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bayes_cevns.errors import ArgumentError
from bayes_cevns.storage.values import plain
from bayes_cevns.studies.units import UNITS, in_unit

if TYPE_CHECKING:
    from bayes_cevns.inference.settings import SamplerSettings
    from bayes_cevns.physics.oscillation import Propagation

#: What separates words and their values, outside of brackets: names such as ee[eta=30,phi=45].
_COMMA = re.compile(r",(?![^\[\]]*\])")
_EQUALS = re.compile(r"(=)(?![^\[\]]*\])")


def numbers(text: str, *, what: str, unit: str = "") -> list[float]:
    """Parse a comma-separated list of numbers, which may have units if they are energies.

    Raises
    ------
    ArgumentError
        If it is empty or has a word that is no number.
    """
    values = []
    for word in text.split(","):
        try:
            values.append(in_unit(word, unit) if unit else float(word))
        except ValueError:
            units = f", in {unit} or with one of {', '.join(UNITS)}" if unit else ""
            raise ArgumentError(
                f"{what}: expected numbers separated by commas{units}, got {word.strip()!r} in "
                f"{text!r}"
            ) from None
    return values


def mass(text: str) -> float:
    """Parse one mediator mass in MeV, ``10``, ``10MeV`` or ``1GeV``.

    Raises
    ------
    ArgumentError
        If it is anything else.
    """
    found = numbers(text, what="--mass", unit="MeV")
    if len(found) > 1:
        raise ArgumentError(f"--mass: expected one mass, got {text!r}")
    return found[0]


def masses(text: str) -> list[float]:
    """Parse mediator masses: ``low:high:number`` (log-spaced) or a comma list, in MeV.

    Raises
    ------
    ArgumentError
        If it is neither, or the range is empty.
    """
    from bayes_cevns.studies.masses import log_masses

    return _spaced(text, log_masses, what="--masses", kind="masses", unit="MeV")


def energies(text: str) -> list[float]:
    """Parse energies: ``low:high:number`` (log-spaced) or a comma list, in keV.

    Raises
    ------
    ArgumentError
        If it is neither, or the range is empty.
    """
    from bayes_cevns.studies.masses import log_energies

    return _spaced(text, log_energies, what="--energies", kind="energies", unit="keV")


def _spaced(
    text: str, spaced: Callable[[float, float, int], Any], *, what: str, kind: str, unit: str
) -> list[float]:
    if ":" not in text:
        return numbers(text, what=what, unit=unit)
    parts = text.split(":")
    if len(parts) != 3:
        raise ArgumentError(f"{what}: expected low:high:number or a comma list, got {text!r}")
    low, high = numbers(",".join(parts[:2]), what=what, unit=unit)
    try:
        number = int(parts[2])
    except ValueError:
        raise ArgumentError(
            f"{what}: expected a whole number of {kind}, got {parts[2]!r}"
        ) from None
    return [float(value) for value in spaced(low, high, number)]


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


def words(text: str) -> list[str]:
    """Parse a comma-separated list of names, which may be empty and have commas in brackets."""
    return [word.strip() for word in _COMMA.split(text) if word.strip()]


def listed(text: str | None) -> list[str] | None:
    """Parse a comma-separated list of names; ``None`` for what is not said."""
    return None if text is None else words(text)


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


def propagation(
    flavours: str = "three",
    earth: str = "year",
    detection: str = "density-matrix",
    solar: str | None = None,
    mixing: Mapping[str, float] | None = None,
) -> Propagation:
    """Return how solar neutrinos arrive, from the words of four options and a table of mixing.

    Two flavours are by day alone: the Earth is left out where nothing else is asked for.

    Raises
    ------
    ArgumentError, UnknownNameError
        If a word is unknown, or they do not go together.
    """
    from bayes_cevns.arguments import mapping, named
    from bayes_cevns.physics.oscillation import DEFAULT_MODEL, OscillationParameters, Propagation

    parameters = mapping(mixing, what="a table of mixing, such as delta_cp_rad = 0.0")
    for name in map(str, parameters):
        named(name, "parameter of mixing", [f.name for f in fields(OscillationParameters)])
    return Propagation(
        flavours=flavours,
        earth="none" if flavours == "two" and earth == "year" else earth,
        detection=detection,
        model=solar or DEFAULT_MODEL,
        parameters=OscillationParameters(**{str(k): v for k, v in parameters.items()}),  # type: ignore[arg-type]  # it checks them
    )


def propagation_of(table: Mapping[str, Any]) -> Propagation:
    """Return how solar neutrinos arrive, from a table of the options of `propagation`.

    Raises
    ------
    ArgumentError, UnknownNameError
        If a key or a word is unknown, or they do not go together.
    """
    from inspect import signature

    from bayes_cevns.arguments import named

    for name in map(str, table):
        named(name, "option of the propagation", signature(propagation).parameters)
    return propagation(**table)


def of_propagation(way: Propagation) -> dict[str, Any]:
    """Return the table of which `propagation_of` makes how solar neutrinos arrive.

    Component and latitude are not in it: they are those of each experiment.
    """
    return {
        "flavours": way.flavours,
        "earth": way.earth,
        "detection": way.detection,
        "solar": way.model,
        "mixing": plain(way.parameters),
    }


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


def alternatives(text: object) -> dict[str, str]:
    """Parse priors of nuisances, ``["flux_8b=1.0+-0.05"]``; a table is taken as it is."""
    return _table(text, lambda listed: choices(listed, what="--nuisance"))


def bounds(text: object) -> dict[str, tuple[float, float]]:
    """Parse bounds of couplings, ``["ee_u=-1:1"]``; a table is taken as it is."""
    return _table(text, lambda listed: ranges(listed, what="--bounds"))


def pairs(text: object) -> object:
    """Parse pairs of parameters, ``"ee_u:ee_d,ee_u:flux_8b"``, or ``none``; pairs stay as they are.

    Raises
    ------
    ArgumentError
        If a word is no pair.
    """
    return _list(text, lambda text: [] if text == "none" else list(map(_pair, words(text) or [""])))


def _pair(word: str) -> tuple[str, str]:
    one, colon, two = word.partition(":")
    if not colon or ":" in two:
        raise ArgumentError(f"--pairs: expected one:other, such as ee_u:ee_d, got {word!r}")
    return one, two


def levels(text: object) -> object:
    """Parse credible levels, ``"0.68,0.9"`` or several such texts; numbers stay as they are."""
    return _list(text, lambda text: numbers(text, what="--levels"))


def truths(text: object) -> object:
    """Parse true values of x, ``"0,1e-11"``, named by themselves; a table is taken as it is."""
    if not isinstance(text, str):
        return text
    return {f"{x:g}": x for x in numbers(text, what="--truths")}


def truths_of_couplings(text: object) -> dict[str, dict[str, float]]:
    """Parse true couplings, ``["zero:", "limit:ee_u=0.3,ee_d=0"]``; a table is taken as it is.

    Couplings of a truth may be words of their own, ``["zero:", "limit:ee_u=0.3", "ee_d=0"]``.

    Raises
    ------
    ArgumentError
        If a word has no name or another form, or a name comes twice.
    """
    return _table(text, _truths_of_couplings)


def _truths_of_couplings(listed: Sequence[str]) -> dict[str, dict[str, float]]:
    """Return couplings by truth: a word with a colon names the next truth, all others are of it."""
    own: dict[str, list[str]] = {}
    truth = ""
    for word in (word for text in listed for word in words(text)):
        name, colon, coupling = word.partition(":")
        if colon and name in own:
            raise ArgumentError(f"--truths: {name!r} is given twice")
        truth, coupling = (name, coupling) if colon else (truth, word)
        if not truth:
            raise ArgumentError(
                "--truths: expected name:coupling=value,..., such as limit:ee_u=0.3, or zero: for "
                f"the Standard Model, got {word!r}"
            )
        own.setdefault(truth, []).extend([coupling] if coupling else [])
    return {
        name: {
            key: numbers(x, what="--truths")[0] for key, x in choices(one, what="--truths").items()
        }
        for name, one in own.items()
    }


def names(text: object) -> object:
    """Parse a list of names, ``"b-l,scalar-universal"`` or several such texts."""
    return _list(text, words)


def _list(given: object, parse: Callable[[str], Sequence[object]]) -> object:
    listed = [given] if isinstance(given, str) else given
    if not isinstance(listed, list | tuple) or not all(isinstance(each, str) for each in listed):
        return given
    return [part for each in listed for part in parse(each)]


def _table[T](given: object, parse: Callable[[Sequence[str]], dict[str, T]]) -> dict[str, T]:
    listed: Any = [given] if isinstance(given, str) else given
    if not isinstance(listed, list | tuple) or not all(isinstance(each, str) for each in listed):
        return given  # type: ignore[return-value]  # the field's own check says what was expected
    return parse(listed)


def sampler_settings(
    table: Mapping[str, Any], default: SamplerSettings | None = None
) -> SamplerSettings:
    """Return the settings of a sampler from a table of them.

    Parameters
    ----------
    table
        Settings by their names, and those of the gate under ``gate``.
    default
        What the others are.

    Raises
    ------
    ArgumentError, UnknownNameError
        If there is no such setting, or it is out of its range.
    """
    from dataclasses import fields, replace

    from bayes_cevns.arguments import mapping, named
    from bayes_cevns.inference.gate import Gate
    from bayes_cevns.inference.settings import SamplerSettings

    given = dict(table)
    gate = mapping(given.pop("gate", None), what="a table of the gate, such as ess_min = 800")
    for name in map(str, given):
        named(name, "setting of the sampler", [f.name for f in fields(SamplerSettings)])
    for name in map(str, gate):
        named(name, "setting of the gate", [f.name for f in fields(Gate)])
    own = SamplerSettings.of(default)
    return replace(own, **given, gate=replace(own.gate, **gate))  # type: ignore[arg-type]  # names are checked
