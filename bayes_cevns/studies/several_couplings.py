"""What every study of several couplings is asked for: the couplings, bounds, and the way there."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any

from bayes_cevns.arguments import mapping, named, of_kind
from bayes_cevns.couplings.coupling import NamedCoupling
from bayes_cevns.couplings.model import CouplingModel, listed_couplings
from bayes_cevns.names import OCTANT_TEXTS
from bayes_cevns.physics.oscillation import CITE, Propagation
from bayes_cevns.specification.model_spec import ModelSpec
from bayes_cevns.specification.references import bibtex, citations
from bayes_cevns.storage.values import plain
from bayes_cevns.studies import words
from bayes_cevns.studies.options import Flag, Mass, Option, asked, checked
from bayes_cevns.studies.study import Study

#: Fields that `spec_request` has in its table of couplings.
_OF_COUPLINGS = ("mass_mev", "bounds", "propagation", "matter", "octant")


def _bounds(value: object) -> dict[Any, Any]:
    return mapping(value, what="bounds by coupling, such as {'eps_ee_u': (-1.0, 1.0)}")


def _propagation(value: object) -> Propagation:
    if isinstance(value, Mapping):
        return words.propagation_of(value)
    given = Propagation() if value is None else value
    return of_kind(given, Propagation, what="a Propagation of solar neutrinos")


Couplings = Annotated[
    tuple[NamedCoupling, ...],
    checked(listed_couplings),
    Option(("--free",), read=words.names, many=True, greedy=True, metavar="NAME..."),
]
Bounds = Annotated[
    dict[str, tuple[float, float]],
    checked(_bounds),
    Option(read=words.bounds, many=True, greedy=True, metavar="NAME=LOW:HIGH..."),
]
Way = Annotated[Propagation, checked(_propagation)]
Octant = Annotated[
    str, checked(lambda value: named(value, "octant of theta_12", OCTANT_TEXTS)), Option()
]


class SeveralCouplingsStudy[Content, Point, Found](Study[Content, Point, Found]):
    """A study of a model of several couplings."""

    couplings: Couplings = asked("Free couplings, such as ee_u ee_d; see 'list couplings'.")
    mass_mev: Mass = asked("Mediator mass in MeV, for couplings of one, such as x_u.", None)
    bounds: Bounds = asked(
        "Bounds of flat priors by coupling, such as ee_u=-1:1; by default -1 to 1 for eps, and for "
        "those without a natural scale where the counts of one alone are far above the data.",
        None,
        validate_default=True,
    )
    propagation: Way = asked(
        "How solar neutrinos arrive; three flavours and the Earth by default.",
        None,
        validate_default=True,
    )
    matter: Flag = asked("Whether the couplings act in Sun and Earth as well.", True)
    octant: Octant = asked(
        "Octant of theta_12: lma, lma-d or both, which needs free mixing.", "lma"
    )

    @cached_property
    def model(self) -> CouplingModel:
        """The couplings."""
        return CouplingModel.of(
            self.couplings,
            mass_mev=self.mass_mev,
            propagation=self.propagation,
            matter=self.matter,
            mixing=self.mixing,
            octant=self.octant,
        )

    @cached_property
    def spec(self) -> ModelSpec:
        """The model that is fitted."""
        return ModelSpec.of(
            self.experiments,
            couplings=self.model,
            bounds=self.bounds,
            nuisance_priors=self.nuisance_priors,
            theory=self.theory,
            allow_overlap=self.allow_overlap,
            allow_conflict=self.allow_conflict,
        )

    def word_of(self, name: str) -> Any:
        """Return the word of a field, with full names."""
        if name == "couplings":
            return list(self.model.names)
        if name == "bounds":
            return plain(self.spec.bounds)
        if name == "propagation":
            return words.of_propagation(self.propagation)
        return super().word_of(name)

    def _decides(self, name: str) -> bool:
        """Return whether the request has a field of its own, and not among its couplings."""
        return name not in _OF_COUPLINGS and super()._decides(name)

    def references(self) -> str:
        """Return the BibTeX entries of what is used, and of how neutrinos propagate."""
        return bibtex(tuple(dict.fromkeys([*citations(self.spec), *CITE])))
