"""What a command line says of a signal: an interaction and its coupling, or couplings by name."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from bayes_cevns.cli.completion import interaction_words
from bayes_cevns.cli.studies import PROPAGATION
from bayes_cevns.errors import ArgumentError
from bayes_cevns.names import DEFAULT_ATOMS, DEFAULT_FORM_FACTOR, DEFAULT_WEAK_CHARGES
from bayes_cevns.signatures import with_signature

if TYPE_CHECKING:
    from bayes_cevns.physics.theory import Theory


@dataclass
class Signal:
    """The options of a signal; `takes` puts them into a command."""

    interaction: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="Name of an interaction.", autocompletion=interaction_words
        ),
    ] = "sm"
    mass: Annotated[
        str | None,
        typer.Option(metavar="MASS", help="Mediator mass in MeV, or with a unit: 100keV, 1GeV."),
    ] = None
    coupling: Annotated[
        float | None, typer.Option(help="The quoted coupling of the interaction: see `list`.")
    ] = None
    negative: Annotated[
        bool, typer.Option("--negative", help="Take x < 0 (where its sign is observable).")
    ] = False
    charges: Annotated[
        str | None,
        typer.Option(
            help="Charges of the interaction 'vector', such as u=1,d=-1,nu_e=1, or a TOML file of "
            "them."
        ),
    ] = None
    couplings: Annotated[
        str | None,
        typer.Option(
            help="Couplings by name, such as eps_ee_u=0.1,eps_emu_d=0.2@90 (modulus @ phase in "
            "degrees); see 'list couplings'."
        ),
    ] = None
    matter: Annotated[
        bool, typer.Option(help="Whether the couplings act in Sun and Earth as well.")
    ] = True
    flavours: Annotated[str, typer.Option(help=PROPAGATION["flavours"])] = "three"
    earth: Annotated[str, typer.Option(help=PROPAGATION["earth"])] = "year"
    detection: Annotated[str, typer.Option(help=PROPAGATION["detection"])] = "density-matrix"
    solar: Annotated[str | None, typer.Option(help=PROPAGATION["solar"])] = None
    form_factor: Annotated[str, typer.Option(help="Nuclear form factor.")] = DEFAULT_FORM_FACTOR
    weak_charges: Annotated[
        str, typer.Option(help="Charges of the Standard Model: tree or radiative.")
    ] = DEFAULT_WEAK_CHARGES
    atoms: Annotated[str, typer.Option(help="Response of atoms: see 'list atoms'.")] = DEFAULT_ATOMS

    @property
    def theory(self) -> Theory:
        """What is assumed of nuclei, weak charges and atoms.

        Raises
        ------
        UnknownNameError
            If a name is unknown.
        """
        from bayes_cevns.physics.theory import Theory

        return Theory(self.form_factor, self.weak_charges, self.atoms)

    @property
    def mass_mev(self) -> float | None:
        """The mediator mass in MeV.

        Raises
        ------
        ArgumentError
            If it is no number with or without a unit.
        """
        from bayes_cevns.studies import words

        return None if self.mass is None else words.mass(self.mass)

    @property
    def by_name(self) -> bool:
        """Whether couplings are given by name, in place of an interaction."""
        return self.couplings is not None

    def values(self) -> dict[str, complex]:
        """Return couplings by name.

        Raises
        ------
        ArgumentError
            If they are wrong, or there is an interaction as well.
        """
        from bayes_cevns.studies import words

        given = {
            "--interaction": self.interaction != "sm",
            "--coupling": self.coupling is not None,
            "--charges": self.charges is not None,
            "--negative": self.negative,
        }
        for option, is_given in given.items():
            if is_given:
                raise ArgumentError(
                    f"either --couplings or an interaction: {option} is for the latter"
                )
        return words.couplings(self.couplings or "")

    def by_name_options(self) -> dict[str, Any]:
        """Return how solar neutrinos arrive, as functions of couplings by name take it."""
        from bayes_cevns.studies import words

        way = words.propagation(self.flavours, self.earth, self.detection, self.solar)
        return {"propagation": way, "matter": self.matter}

    @cached_property
    def interaction_name(self) -> str:
        """The name of the interaction, with charges in it."""
        from bayes_cevns.studies import words

        return words.interaction(self.interaction, self.charges)

    def product(self, targets: set[str]) -> float:
        """Return x from the quoted coupling and its sign, for scattering on some targets.

        Raises
        ------
        ArgumentError, UnknownNameError
            If there is no such interaction, or it lacks its coupling, or has no such sign.
        """
        from bayes_cevns.physics.interactions import Sign
        from bayes_cevns.physics.interactions import interaction as get_interaction

        name = self.interaction_name
        if name == "sm":
            given = {"--mass": self.mass is not None, "--coupling": self.coupling is not None}
            for option, is_given in {**given, "--negative": self.negative}.items():
                if is_given:
                    raise ArgumentError(f"{option} needs an --interaction")
            return 0.0
        entry = get_interaction(name)
        if self.coupling is None:
            needed = "--mass (in MeV) and --coupling" if entry.has_mass else "--coupling"
            quoted = entry.coupling
            raise ArgumentError(f"{name} needs {needed}: {quoted.named}, {quoted.definition}")
        sign = entry.sign_on(targets)
        if self.negative and sign is not Sign.OBSERVABLE:
            where = f" in scattering on {' and '.join(sorted(targets))}"
            raise ArgumentError(
                f"--negative is not for {name}: the sign of {entry.coupling.amplitude} is "
                f"{sign}{'' if sign is Sign.FIXED else where}"
            )
        product = entry.product(self.coupling)
        return float(entry.check_product(-product if self.negative else product))


def takes(**groups: type[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return a decorator that puts the fields of dataclasses among the options of a command.

    Parameters
    ----------
    groups
        By the names of the parameters that take one.
    """

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        own = inspect.signature(function, eval_str=True).parameters
        parameters = [each for name, each in own.items() if name not in groups]
        for group in groups.values():
            hints = get_type_hints(group, include_extras=True)
            parameters += [
                inspect.Parameter(
                    field.name,
                    inspect.Parameter.KEYWORD_ONLY,
                    default=field.default,
                    annotation=hints[field.name],
                )
                for field in fields(group)
            ]

        def command(**given: Any) -> None:
            for name, group in groups.items():
                words = {field.name: given.pop(field.name) for field in fields(group)}
                given[name] = group(**words)
            function(**given)

        command.__name__, command.__doc__ = function.__name__, function.__doc__
        in_order = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in parameters]
        return with_signature(command, inspect.Signature(in_order))

    return decorate
