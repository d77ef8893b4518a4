"""Gauge bosons of a new U(1): a table of charges."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from bayes_cevns.physics import constants as const
from bayes_cevns.physics.interactions.base import ELECTRON, NUCLEUS
from bayes_cevns.physics.interactions.coupling import Coupling
from bayes_cevns.physics.interactions.vector import VectorMediator
from bayes_cevns.physics.vacuum_polarisation import loop_charge

_E, _MU, _TAU = const.ELECTRON_MASS_MEV, const.MUON_MASS_MEV, const.TAU_MASS_MEV


class _Model(NamedTuple):
    """A row of the table: three times the charge of u and d, and the charges of e, mu, tau."""

    name: str
    latex: str
    symbol: str
    quarks: int
    leptons: tuple[int, int, int]
    cite: tuple[str, ...]
    loop_mev: tuple[float, float] | None = None


_B_L = ("Cerdeno:2016sfi", "Lindner:2016wff")
_MODELS = ("AtzoriCorona:2022moj", "delaVega:2021wpx")
_LOOPS = ("He:1990pn", "AtzoriCorona:2022moj")
_LOOP_MU_TAU = ("Altmannshofer:2014pba", "Araki:2017wyg")

#: Free of anomalies with a right-handed neutrino for each lepton that has a charge: the charges of
#: leptons add up to minus those of three generations of quarks. In b_y+l_mu+l_tau, B_y = B_1 -
#: y B_2 - (3 - y) B_3 differs between the generations; nuclei see the first one.
TABLE = (
    _Model("b-l", "B-L", "BL", 1, (-1, -1, -1), _B_L),
    _Model("b-3l_e", "B-3L_e", "B3Le", 1, (-3, 0, 0), _MODELS),
    _Model("b-3l_mu", r"B-3L_\mu", "B3Lmu", 1, (0, -3, 0), _MODELS),
    _Model("b-3l_tau", r"B-3L_\tau", "B3Ltau", 1, (0, 0, -3), _MODELS),
    _Model("b-2l_e-l_mu", r"B-2L_e-L_\mu", "B2LeLmu", 1, (-2, -1, 0), _MODELS),
    _Model("b-l_e-2l_mu", r"B-L_e-2L_\mu", "BLe2Lmu", 1, (-1, -2, 0), _MODELS),
    _Model("b-2l_mu-l_tau", r"B-2L_\mu-L_\tau", "B2LmuLtau", 1, (0, -2, -1), _MODELS[1:]),
    _Model("b_y+l_mu+l_tau", r"B_y+L_\mu+L_\tau", "ByLmuLtau", 1, (0, 1, 1), _MODELS[:1]),
    _Model("l_e-l_mu", r"L_e-L_\mu", "emu", 0, (1, -1, 0), _LOOPS, (_E, _MU)),
    _Model("l_e-l_tau", r"L_e-L_\tau", "etau", 0, (1, 0, -1), _LOOPS, (_E, _TAU)),
    _Model("l_mu-l_tau", r"L_\mu-L_\tau", "mutau", 0, (0, 1, -1), _LOOP_MU_TAU, (_MU, _TAU)),
)


def flavour_charges(e: float, mu: float, tau: float) -> tuple[float, ...]:
    """Return charges of neutrinos in the order of `FLAVOURS`, those of antineutrinos alike."""
    return (float(e), float(mu), float(tau)) * 2


def _mediator(model: _Model) -> VectorMediator:
    e, mu, tau = model.leptons
    on_electrons = (ELECTRON,) if e or model.loop_mev else ()
    return VectorMediator(
        name=model.name,
        title=f"${model.latex}$ vector",
        formula=_formula(model),
        coupling=_coupling(model),
        sign_fixed=True,
        cite=model.cite,
        scatters_on=(NUCLEUS, *on_electrons),
        proton=float(model.quarks),
        neutron=float(model.quarks),
        electron=float(e),
        flavours=flavour_charges(e, mu, tau),
        loop_mev=model.loop_mev,
    )


def _coupling(model: _Model) -> Coupling:
    symbol, latex = f"g_{model.symbol}", f"g_{{{model.latex}}}"
    quark = Fraction(model.quarks, 3)
    charges = ", ".join(f"{c:d}" for c in model.leptons)
    mixing = (
        ", all charged particles through a loop of the two leptons, whose kinetic mixing vanishes "
        "far above their masses (else mixing = eps_0 e / g adds to it)"
        if model.loop_mev
        else f"; loops that mix {symbol} with the photon are neglected"
        if len(set(model.leptons)) > 1
        else ""
    )
    return Coupling(
        symbol=symbol,
        latex=latex,
        definition=f"the gauge coupling: it is multiplied by {quark} for u and d, by {charges} for "
        f"e, mu, tau and their neutrinos{mixing}",
        amplitude=f"{symbol}^2",
        amplitude_latex=f"{latex}^2",
    )


def _formula(model: _Model) -> str:
    """Return the amplitudes in plain text; c_nu and c_e are charges of neutrino and electron."""
    charges = ", ".join(f"{c:d}" for c in model.leptons)
    nuclei, electrons = "(q^2 + m_V^2)", "(2 m_e T + m_V^2)"
    electron = model.leptons[0]
    if model.loop_mev:
        heavy = "m_mu" if model.loop_mev[1] == _MU else "m_tau"
        light = "m_e" if model.loop_mev[0] == _E else "m_mu"
        tree = f"({electron:d} - eps)" if electron else "(-eps)"
        return (
            f"one loop: Q -> Q + c_nu eps(q^2) g^2 Z F_p / (sqrt2 G_F {nuclei}); electrons g_V -> "
            f"g_V + c_nu {tree} g^2 / (sqrt2 G_F {electrons}); c_nu = {charges} for nu_e, nu_mu, "
            "nu_tau; eps = (2 alpha/pi) int_0^1 x (1-x) "
            f"ln[({heavy}^2 + x (1-x) q^2) / ({light}^2 + x (1-x) q^2)] dx, at q = 0 "
            f"alpha/(3 pi) ln({heavy}^2/{light}^2)"
        )
    on_electrons = (
        f"electrons g_V -> g_V + ({electron:d}) c_nu g^2 / (sqrt2 G_F {electrons})"
        if electron
        else "no electrons"
    )
    return (
        f"Q -> Q + c_nu A g^2 F / (sqrt2 G_F {nuclei}), c_nu = {charges} for nu_e, nu_mu, nu_tau; "
        f"{on_electrons}; {_way(model.leptons)} with nuclei"
    )


def _way(leptons: Sequence[int]) -> str:
    """Return how the amplitudes of flavours with a charge interfere on nuclei, where Q < 0."""
    ways = {1: "destructive", -1: "constructive"}
    by_sign = {
        sign: [
            name
            for name, c in zip(("nu_e", "nu_mu", "nu_tau"), leptons, strict=True)
            if c * sign > 0
        ]
        for sign in ways
    }
    found = {sign: names for sign, names in by_sign.items() if names}
    if len(found) == 1:
        return ways[next(iter(found))]
    return ", ".join(f"{ways[sign]} for {' and '.join(names)}" for sign, names in found.items())


#: The loop at zero momentum transfer: alpha / (3 pi) ln(m_tau^2 / m_mu^2).
_LOOP_AT_REST = float(loop_charge(0.0, _MU, _TAU))

_AS_PRINTED = VectorMediator(
    name="l_mu-l_tau-paper-001",
    title=r"$L_\mu-L_\tau$ vector (as printed in 2112.03309)",
    formula="as l_mu-l_tau with eps at q = 0 and, on protons, the opposite sign: - for nu_mu, "
    "+ for nu_tau, as on electrons, against the electric charges; for comparison only",
    coupling=_coupling(next(model for model in TABLE if model.name == "l_mu-l_tau")),
    sign_fixed=True,
    cite=("Majumdar:2021vdw",),
    proton=-_LOOP_AT_REST,
    electron=-_LOOP_AT_REST,
    flavours=flavour_charges(0, 1, -1),
)

ENTRIES = (*map(_mediator, TABLE), _AS_PRINTED)
