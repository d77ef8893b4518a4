"""Wrong cards and tables: one named error each, with the line and the key of a card."""

from __future__ import annotations

import gc
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from bayes_cevns.cards import experiment
from bayes_cevns.cards.card_file import CardFile, read_card, shared_nuisances_file
from bayes_cevns.cards.loading import load_experiment
from bayes_cevns.errors import BayesCevnsError, CardError, DataError
from bayes_cevns.storage.resources import check_file, data_dir, models_dir

NAME = "xenonnt_cevns"


def _entry_of_flux_8b() -> Iterator[str]:
    """Yield the lines of flux_8b in the file of shared nuisances."""
    inside = False
    for line in shared_nuisances_file().read_text(encoding="utf-8").splitlines(keepends=True):
        if line.startswith("["):
            inside = line.startswith(("[flux_8b]", "[flux_8b."))
        if inside:
            yield line


CARD = models_dir() / f"{NAME}.toml"
TABLE = data_dir() / NAME / "response.nc"
#: The card with its shared nuisance written out, so that it can be spoilt.
TEXT = CARD.read_text(encoding="utf-8").replace('shared = ["flux_8b"]\n', "") + "".join(
    line.replace("[flux_8b", "[nuisance.flux_8b") for line in _entry_of_flux_8b()
)
NEUTRON = "prior = { normal = [1.0, 0.58], lower = 0.0 }"
ER = 'prior = { normal = [1.0, 1.0], lower = 0.0 }\norigin = "statistical model of the 2024'
TLY = "prior = { normal = [0.0, 1.0], lower = -3.0, upper = 3.0 }"
FLAT = "prior = { uniform = [0.0, 10.0] }"
FLUX = "prior = { normal = [1.0, 0.12], lower = 0.0 }"


def edited(tmp_path: Path, old: str, new: str) -> Path:
    """Write the card with one change, which must be one."""
    assert old in TEXT
    path = tmp_path / "card.toml"
    path.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    return path


def line_of(path: Path, text: str) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if text in line)


@pytest.fixture(scope="module")
def card() -> CardFile:
    return read_card(CARD)


@pytest.fixture(scope="module")
def table() -> xr.Dataset:
    with xr.open_dataset(TABLE, engine="h5netcdf") as opened:
        return opened.load()


# What is changed, into what, what stands on the line that must be named, the key, the message.
WRONG = {
    "typo of a key": ('target = "Xe"', 'targt = "Xe"', "targt", "targt", "mean 'target'"),
    "typo of a component": (
        'scaled_by = "ac"', 'scaledby = "ac"', "scaledby", "background.ac.scaledby",
        "mean 'scaled_by'",
    ),
    "typo in an inline table": (
        NEUTRON, NEUTRON.replace("lower", "lowr"), "lowr", "nuisance.neutron.prior.lowr",
        "mean 'lower'",
    ),
    "typo in an alternative": (
        FLAT, FLAT.replace("uniform", "unifrm"), "unifrm",
        "nuisance.flux_8b.alternatives.flat.prior.unifrm", "mean 'uniform'",
    ),
    "a key twice": (ER, ER.replace("origin", "title"), None, None, "not valid TOML"),
    "nuisance without origin": (
        f'{ER} release, shared over runs"', ER.partition("\n")[0], "[nuisance.er]",
        "nuisance.er.origin", "required key is missing",
    ),
    "nuisance without prior": (
        ER, ER.partition("\n")[2], "[nuisance.er]", "nuisance.er.prior", "required key is missing",
    ),
    "component without template": (
        'template = "ac"\n', "", "[background.ac]", "background.ac.template",
        "required key is missing",
    ),
    "word for a number": (
        "prior = { normal = [1.0, 0.12], lower = 0.0 }",
        'prior = { normal = [0.9, "a"], lower = 0.0 }', '"a"', "nuisance.flux_8b.prior.normal.1",
        "valid number",
    ),
    "one number for two": (
        NEUTRON, "prior = { normal = [1.0], lower = 0.0 }", "normal = [1.0]",
        "nuisance.neutron.prior.normal.1", "required key is missing",
    ),
    "width of zero": (
        NEUTRON, NEUTRON.replace("0.58", "0.0"), "[1.0, 0.0]", "nuisance.neutron.prior",
        "must be > 0",
    ),
    "a number in quotes": (
        NEUTRON, 'prior = { normal = [1.0, "0.58"], lower = 0.0 }', '"0.58"',
        "nuisance.neutron.prior.normal.1", "valid number",
    ),
    "a truth value for a number": (
        NEUTRON, NEUTRON.replace("[1.0,", "[true,"), "[true,", "nuisance.neutron.prior.normal.0",
        "valid number",
    ),
    "a scale that is never 1": (
        NEUTRON, "prior = { uniform = [5.0, 9.0] }", "[nuisance.neutron]", "nuisance.neutron",
        "counts are quoted at 1, which is not within 5 to 9",
    ),
    "a signal that is not quoted at 1": (
        FLUX, f"{FLUX}\nat = 0.9", "at = 0.9", "nuisance.flux_8b.at", "scales signal.cevns",
    ),
    "a component times nothing": (
        'template = "er"', 'template = "er"\nfactor = 0.0', "factor", "background.er.factor",
        "greater than 0",
    ),
    "a conflict without a reason": (
        'overlaps = ["', 'conflicts = ["conus_plus"]\noverlaps = ["', "conflicts", "conflicts",
        "say why they contradict it",
    ),
    "quoted outside of the prior": (
        NEUTRON, f"{NEUTRON}\nat = -1.0", "[nuisance.neutron]", "nuisance.neutron",
        "quoted at -1",
    ),
    "width that is no number": (
        NEUTRON, NEUTRON.replace("0.58", "nan"), "nan", "nuisance.neutron.prior.normal.1",
        "finite number",
    ),
    "two priors at once": (
        NEUTRON, NEUTRON.replace("lower = 0.0", "uniform = [0.0, 1.0]"), "[1.0, 0.58], uniform",
        "nuisance.neutron.prior", "give one of normal = [mean, sd]",
    ),
    "no prior in it": (
        NEUTRON, "prior = { lower = 0.0 }", "prior = { lower", "nuisance.neutron.prior",
        "give one of normal = [mean, sd]",
    ),
    "bounds that do not increase": (
        NEUTRON, NEUTRON.replace("lower = 0.0", "lower = 2.0, upper = 1.0"), "upper = 1.0",
        "nuisance.neutron.prior", "must be below upper",
    ),
    "uniform upside down": (
        FLAT, "prior = { uniform = [10.0, 0.0] }", "[10.0, 0.0]",
        "nuisance.flux_8b.alternatives.flat.prior", "must increase",
    ),
    "string for a list": (
        'runs = ["sr0", "sr1", "sr2"]', 'runs = "sr0"', 'runs = "sr0"', "runs", "tuple",
    ),
    "no runs": ('runs = ["sr0", "sr1", "sr2"]', "runs = []", "runs = []", "runs", "at least 1"),
    "a run twice": (
        'runs = ["sr0", "sr1", "sr2"]', 'runs = ["sr0", "sr1", "sr2", "sr2"]', '"sr2", "sr2"',
        "runs", "named twice",
    ),
    "unknown channel": (
        'channel = "cevns"', 'channel = "eves"', '"eves"', "signal.cevns.channel", "'cevns'",
    ),
    "no signal": ("[signal.cevns]", "[signals.cevns]", None, None, "'signal'"),
    "signal and background alike": (
        "[background.er]", "[background.cevns]", "[background.cevns]", "background.cevns",
        "a signal has this name",
    ),
    "a theory axis that is none": (
        "axis = true\n", "axis = true\ntheory = [-3, -1, 1, 3]\n", "theory", "nuisance.tly.theory",
        "neutron_radius_scale",
    ),
    "values of no axis": (
        ER, f"theory = [0, 1, 2, 3]\n{ER}", "[nuisance.er]", "nuisance.er", "axis = true",
    ),
    "scaled by nothing": (
        'scaled_by = "er"', 'scaled_by = "err"', 'scaled_by = "err"', "background.er.scaled_by",
        "'err' is no nuisance",
    ),
    "scaled by an axis": (
        'scaled_by = "er"', 'scaled_by = "tly"', 'scaled_by = "tly"', "background.er.scaled_by",
        "an axis of the table",
    ),
    "scaled twice by one nuisance": (
        'scaled_by = "er"', 'scaled_by = ["er", "er"]', '"er", "er"', "background.er.scaled_by",
        "named twice",
    ),
    "a nuisance per run that is shared": (
        "per_run = true\n", "per_run = true\nshared = true\n", "[nuisance.ac]", "nuisance.ac",
        "cannot be shared",
    ),
    "a run without width": (
        "sr2 = 0.0576 }", "sr3 = 0.0576 }", "sr3 = 0.0576", "nuisance.ac.prior", "each run",
    ),
    "widths by run without per_run": (
        "per_run = true\n", "", "[nuisance.ac]", "nuisance.ac", "per_run = true",
    ),
    "widths by run in an alternative": (
        FLAT, "prior = { normal = [1.0, { sr0 = 0.1, sr1 = 0.1, sr2 = 0.1 }], lower = 0.0 }",
        "[nuisance.flux_8b]", "nuisance.flux_8b", "alternatives.flat.prior",
    ),
    "a scale that may be negative": (
        ER, ER.replace(", lower = 0.0", ""), "[1.0, 1.0] }", "nuisance.er.prior",
        "cannot be negative",
    ),
    "a mean out of its bounds": (
        NEUTRON, NEUTRON.replace("lower = 0.0", "lower = 2.0"), "lower = 2.0",
        "nuisance.neutron.prior", "must be within 2",
    ),
    "theory values below zero": (
        "[nuisance.er]",
        '[nuisance.neutron_radius_scale]\naxis = true\ntheory = [-1.0, 1.0, 2.0, 3.0]\ntitle = ""\n'
        'origin = ""\nprior = { uniform = [1.0, 2.0] }\n[nuisance.er]',
        "theory", "nuisance.neutron_radius_scale.theory", "> 0",
    ),
    "a name that a model has": (
        "[nuisance.er]", "[nuisance.counts]", "[nuisance.counts]", "nuisance.counts",
        "means something else",
    ),
    "a name that counts have": (
        "[background.er]", "[background.new_physics]", "[background.new_physics]",
        "background.new_physics", "means something else",
    ),
    "a name with a blank": (
        "[background.er]", '[background."e r"]', '[background."e r"]', "background.e r",
        "letters, digits",
    ),
    "a list of tables": (
        "[signal.cevns]", "[[signal.cevns]]", "[[signal.cevns]]", "signal.cevns", "dictionary",
    ),
    "an alternative scale that may be negative": (
        FLAT, "prior = { uniform = [-5.0, 10.0] }", "[-5.0", "nuisance.flux_8b.alternatives.flat",
        "cannot be negative",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_wrong_cards_are_named_with_line_and_key(case: str, tmp_path: Path) -> None:
    old, new, line, key, text = WRONG[case]
    path = edited(tmp_path, old, new)
    with pytest.raises(CardError) as caught:
        read_card(path)
    message = str(caught.value)
    assert message.startswith(f"model card {path}")
    assert "\n" not in message
    assert text in message
    if line is not None:
        assert f"line {line_of(path, line)}, {key}" in message


@pytest.mark.parametrize(
    ("content", "text"),
    [(b"", "title: required key is missing"), (b"\xff\xfe", "cannot be read"), (None, "cannot be")],
)
def test_files_that_are_no_cards(content: bytes | None, text: str, tmp_path: Path) -> None:
    path = tmp_path / "card.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CardError, match=text):
        read_card(path)


@pytest.mark.parametrize(
    ("old", "new", "error", "text"),
    [
        ("[nuisance.tly]", "[nuisance.tlx]", CardError, "'tlx' is an axis that its table lacks"),
        ("axis = true\n", "", CardError, "is an axis missing from the card"),
        (TLY, TLY.replace("3.0", "5.0"), CardError, "reaches from -5 to 5, its table from -3 to 3"),
        (TLY, "prior = { normal = [0.0, 1.0] }", CardError, "not extrapolated"),
        ('template = "er"', 'template = "err"', CardError, "which has response"),
        ('template = "er"', 'template = "exposure"', CardError, "has the dimensions"),
        ('template = "er"', 'template = "response"', CardError, "has the dimensions"),
        ('template = "er"', 'template = "observed"', DataError, "has the unit"),
        ('source = "solar_8b"', 'source = "solar_9b"', CardError, "mean 'solar_8b'"),
        ('target = "Xe"', 'target = "Xx"', CardError, "unknown element"),
        ('scaled_by = "er"', 'scaled_by = "neutron"', CardError, "'er' is used by no component"),
        ('cite = ["', 'cite = ["Nobody:2000", "', CardError, "'Nobody:2000' has no entry in"),
        ('overlaps = ["', 'overlaps = ["card", "', CardError, "'card' is this experiment itself"),
        (
            'overlaps = ["',
            'disputed = "why"\nconflicts = ["nobody"]\noverlaps = ["',
            CardError,
            "conflicts: 'nobody' is no experiment",
        ),
        (
            "[nuisance.tly]",
            '[nuisance.recoil_energy]\naxis = true\ntitle = ""\norigin = ""\n'
            "prior = { uniform = [0.5, 5.0] }\n[nuisance.tly]",
            CardError,
            "'recoil_energy' cannot be an axis",
        ),
    ],
)
def test_cards_that_contradict_their_table(
    old: str, new: str, error: type[BayesCevnsError], text: str, tmp_path: Path
) -> None:
    card = read_card(edited(tmp_path, old, new))
    with pytest.raises(error) as caught:
        load_experiment(card, table=TABLE)
    assert text in str(caught.value)
    where = rf"model card {re.escape(str(card.path))}: line \d+, [\w.]+: "
    assert re.match(where, str(caught.value))


def test_migdal_needs_probabilities_of_the_target(tmp_path: Path) -> None:
    text = TEXT.replace('target = "Xe"', 'target = "CsI"').replace('"cevns"\n', '"migdal"\n')
    path = tmp_path / "card.toml"
    path.write_text(text, encoding="utf-8")
    place = f"line {line_of(path, 'channel =')}, signal.cevns.channel: no Migdal probabilities"
    with pytest.raises(CardError, match=rf"{place} of CsI \(has .*Xe"):
        load_experiment(read_card(path), table=TABLE)


def test_a_run_that_the_table_lacks(tmp_path: Path) -> None:
    text = TEXT.replace('"sr2"]', '"sr9"]').replace("sr2 = 0.0576", "sr9 = 0.0576")
    (tmp_path / "card.toml").write_text(text)
    with pytest.raises(CardError, match=r"'sr9' is not in .* \(has sr0, sr1, sr2\)"):
        load_experiment(read_card(tmp_path / "card.toml"), table=TABLE)


def spoilt(name: str, value: float) -> Callable[[xr.Dataset], xr.Dataset]:
    def spoil(data: xr.Dataset) -> xr.Dataset:
        values = data[name].values.astype(float)
        values.flat[1] = value
        return data.assign({name: (data[name].dims, values, data[name].attrs)})

    return spoil


def typed(name: str, kind: str) -> Callable[[xr.Dataset], xr.Dataset]:
    def spoil(data: xr.Dataset) -> xr.Dataset:
        old = data[name]
        made = old.dims, np.ones(old.shape).astype(kind), old.attrs
        return (
            data.assign_coords({name: made}) if name in data.coords else data.assign({name: made})
        )

    return spoil


def energies(*values: float, units: str = "keV") -> Callable[[xr.Dataset], xr.Dataset]:
    """Give the first recoil energies these values."""

    def spoil(data: xr.Dataset) -> xr.Dataset:
        new = data["recoil_energy"].values.copy()
        new[: len(values)] = values
        return data.assign_coords(recoil_energy=("recoil_energy", new, {"units": units}))

    return spoil


def as_other_dimension(name: str) -> Callable[[xr.Dataset], xr.Dataset]:
    """Give a variable another number of bins, which are then another dimension of the file."""

    def spoil(data: xr.Dataset) -> xr.Dataset:
        values = (
            data[name].isel(bin=slice(5)).rename(bin="other").drop_vars("other", errors="ignore")
        )
        return data.assign({name: values})

    return spoil


@pytest.mark.parametrize(
    ("spoil", "key", "text"),
    [
        *((typed(name, "U1"), "table", f"'{name}' has the type <U1") for name in
          ("observed", "exposure")),
        (typed("er", "U1"), "background.er.template", "'er' has the type <U1, expected numbers"),
        (typed("er", "bool"), "background.er.template", "has the type bool"),
        (typed("response", "U1"), "signal.cevns.template", "'response' has the type <U1"),
        (typed("recoil_energy", "U1"), "signal.cevns.template", "'recoil_energy' has the type"),
        (typed("tly", "U1"), "nuisance.tly", "'tly' has the type <U1"),
        (energies(0.0), "signal.cevns.template", "4 or more increasing recoil energies > 0 keV"),
        (energies(0.6, 0.5), "signal.cevns.template", "increasing recoil energies"),
        (energies(0.6, 0.6), "signal.cevns.template", "increasing recoil energies"),
        (energies(np.nan), "signal.cevns.template", "increasing recoil energies"),
        (energies(units="eV"), "signal.cevns.template", "has the unit 'eV', expected 'keV'"),
        (lambda d: d.isel(recoil_energy=[0, 1, 2]), "signal.cevns.template", "4 or more"),
        (lambda d: d.isel(recoil_energy=[]), "signal.cevns.template", "4 or more"),
        (lambda d: d.drop_vars("recoil_energy"), "signal.cevns.template", "has no values of"),
        (lambda d: d.rename_dims(recoil_energy="recoil_energy_x"), "signal.cevns.template",
         "has no values of its dimension 'recoil_energy'"),
        (lambda d: d.assign(response=100 * d["response"].assign_attrs(units="1")),
         "signal.cevns.template", "expected a probability"),
        (lambda d: d.assign(response=0 * d["response"].assign_attrs(units="1")),
         "signal.cevns.template", "expected a probability above 0"),
        (lambda d: d.assign(er=0 * d["er"]), "background.er.template", "is zero in all runs"),
        (as_other_dimension("er"), "background.er.template", "has the dimensions"),
        (as_other_dimension("response"), "signal.cevns.template", "has the dimensions"),
        (as_other_dimension("observed"), "table", "'observed' has the shape"),
        (lambda d: d.assign_coords(bin=np.r_[0, 0, 2:81]), "table", "has the bin '0' more than"),
        (lambda d: d.isel(run=[0, 1, 2, 0]), "table", "has the run 'sr0' more than once"),
        (lambda d: d.assign_coords(run=["a", "b", "c"]), "runs", "'sr0' is not in .*has a, b, c"),
    ],
)  # fmt: skip
def test_wrong_numbers_bins_and_energies(
    spoil: Callable[[xr.Dataset], xr.Dataset],
    key: str,
    text: str,
    table: xr.Dataset,
    card: CardFile,
    tmp_path: Path,
) -> None:
    """Each is named with the card, the line and the key."""
    with xr.set_options(keep_attrs=True):
        spoil(table).to_netcdf(tmp_path / "table.nc", engine="h5netcdf")
    with pytest.raises((CardError, DataError), match=text) as caught:
        load_experiment(card, table=tmp_path / "table.nc")
    message = str(caught.value)
    assert re.match(
        rf"model card {re.escape(str(card.path))}: line \d+, {re.escape(key)}: ", message
    )
    assert "\n" not in message


@pytest.mark.parametrize(
    ("spoil", "text"),
    [
        (lambda d: d, "a normal likelihood needs 'sigma'"),
        (lambda d: d.assign(sigma=0.0 * d["observed"]), "'sigma' has 0, expected distances > 0"),
        (
            lambda d: d.assign(sigma=-1.0 + 0 * d["observed"]),
            "'sigma' has -1, expected",
        ),
        (lambda d: d.assign(sigma=(1.0 + d["observed"]).sum("run")), "'sigma' has the shape"),
        (lambda d: d.assign(sigma=(1.0 + d["observed"]).drop_attrs()), "has the unit ''.*'counts'"),
        (lambda d: d.assign(sigma=d["observed"].astype("U3")), "'sigma' has the type"),
    ],
)
def test_wrong_errors_of_a_normal_likelihood(
    spoil: Callable[[xr.Dataset], xr.Dataset], text: str, table: xr.Dataset, tmp_path: Path
) -> None:
    (tmp_path / "mine.toml").write_text(f'likelihood = "normal"\n{TEXT}', encoding="utf-8")
    spoil(table).to_netcdf(tmp_path / "table.nc", engine="h5netcdf")
    with pytest.raises(DataError, match=rf"line \d+, table: .*{text}"):
        load_experiment(read_card(tmp_path / "mine.toml"), table=tmp_path / "table.nc")


def test_a_table_without_counts_still_has_bins(table: xr.Dataset, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(f'likelihood = "none"\n{TEXT}', encoding="utf-8")
    table[["exposure"]].drop_vars("bin", errors="ignore").to_netcdf(
        tmp_path / "table.nc", engine="h5netcdf"
    )
    with pytest.raises(DataError, match=r"line \d+, table: .*has no dimension 'bin'"):
        load_experiment(read_card(tmp_path / "mine.toml"), table=tmp_path / "table.nc")


@pytest.mark.parametrize("name", ["", ".", "no/such.nc"])
def test_a_table_that_is_nowhere(name: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    text = re.sub(r"^table = .*$", f'table = "{name}"', TEXT, flags=re.MULTILINE)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CardError, match=rf"line {line_of(path, 'table =')}, table: .*is no file"):
        experiment(str(path))


def test_a_theory_axis_is_not_in_the_table(table: xr.Dataset, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        TEXT.replace("cite =", 'shared = ["neutron_radius_scale"]\ncite =', 1), encoding="utf-8"
    )
    nodes = table.assign_coords(neutron_radius_scale=[0.9, 1.0])
    nodes.to_netcdf(tmp_path / "table.nc", engine="h5netcdf")
    with pytest.raises(CardError, match="'neutron_radius_scale' is in the table as well"):
        load_experiment(read_card(path), table=tmp_path / "table.nc")


def test_a_theory_axis_of_nuclei_alone(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    text = TEXT.replace("cite =", 'shared = ["neutron_radius_scale"]\ncite =', 1)
    path.write_text(text.replace('channel = "cevns"', 'channel = "electron"'), encoding="utf-8")
    place = (
        f"line {line_of(path, 'shared =')}, shared: nuisance 'neutron_radius_scale' is used by no"
    )
    with pytest.raises(CardError, match=place):
        load_experiment(read_card(path), table=TABLE)


@pytest.mark.parametrize(
    ("spoil", "error", "text"),
    [
        *(
            (spoilt(name, value), DataError, f"'{name}' has negative or non-finite")
            for name in ("response", "ac", "er", "neutron", "observed", "exposure")
            for value in (-1.0, np.nan, np.inf)
        ),
        (spoilt("observed", 1.5), DataError, "counts that are not whole"),
        (spoilt("exposure", 0.0), DataError, "'exposure' has zeros"),
        (lambda d: d.drop_vars("observed"), DataError, "lacks the variable 'observed'"),
        (lambda d: d.drop_vars("exposure"), DataError, "lacks the variable 'exposure'"),
        (lambda d: d.rename(run="season"), DataError, r"expected .* along \['run'\]"),
        (lambda d: d.isel(bin=[]), DataError, "one value or more"),
        (lambda d: d.assign(er=d["er"].drop_attrs()), DataError, "has the unit ''"),
        (lambda d: d.isel(tly=[0, 3, 6]), CardError, "4 or more increasing nodes"),
        (lambda d: d.isel(tly=slice(None, None, -1)), CardError, "increasing nodes"),
        (lambda d: d.assign_coords(tly=d["tly"] / 2), CardError, "reaches from -3 to 3"),
    ],
)
def test_wrong_tables_are_refused(
    spoil: Callable[[xr.Dataset], xr.Dataset],
    error: type[BayesCevnsError],
    text: str,
    table: xr.Dataset,
    card: CardFile,
    tmp_path: Path,
) -> None:
    spoil(table).to_netcdf(tmp_path / "table.nc", engine="h5netcdf")
    with pytest.raises(error, match=text):
        load_experiment(card, table=tmp_path / "table.nc")


def test_the_order_of_dimensions_in_a_table_does_not_matter(
    table: xr.Dataset, card: CardFile, tmp_path: Path
) -> None:
    turned = table.transpose(*reversed(list(table.dims)))
    assert turned["observed"].dims != table["observed"].dims
    turned.to_netcdf(tmp_path / "table.nc", engine="h5netcdf")
    one = load_experiment(card, table=TABLE)
    two = load_experiment(card, table=tmp_path / "table.nc")
    np.testing.assert_array_equal(one.observed.values, two.observed.values)
    np.testing.assert_array_equal(one.signals[0].values.values, two.signals[0].values.values)


@pytest.mark.parametrize("size", [0, 100, 5000, -1])
def test_truncated_tables_are_data_errors(size: int, card: CardFile, tmp_path: Path) -> None:
    (tmp_path / "table.nc").write_bytes(TABLE.read_bytes()[:size])
    with pytest.raises(DataError, match=r"table\.nc cannot be read .*rebuild the table"):
        load_experiment(card, table=tmp_path / "table.nc")


def test_a_table_whose_own_attributes_are_damaged_says_nothing_else(
    table: xr.Dataset, card: CardFile, tmp_path: Path
) -> None:
    """h5netcdf would leave half an object behind, which complains when it is collected."""
    path = tmp_path / "table.nc"
    table.to_netcdf(path, engine="h5netcdf")
    content = bytearray(path.read_bytes())
    content[content.index(b"OHDR") + 12] ^= 255  # the header of the file's first group
    path.write_bytes(content)
    said: list[object] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "unraisablehook", said.append)
        with pytest.raises(DataError, match=r"table\.nc cannot be read"):
            load_experiment(card, table=path)
        gc.collect()
    assert said == []


@pytest.mark.parametrize(
    ("spoil", "text"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-1]), "altered or truncated"),
        (lambda path: path.write_bytes(b"\0" + path.read_bytes()[1:]), "altered or truncated"),
        (lambda path: path.unlink(), "is missing"),
        (lambda path: path.with_name("checksums.toml").write_text(""), "has no entry"),
        (lambda path: path.with_name("checksums.toml").write_text("a = "), "not valid TOML"),
        (lambda path: path.with_name("checksums.toml").unlink(), "no checksum list"),
    ],
)
def test_altered_data_are_not_read(
    spoil: Callable[[Path], object], text: str, tmp_path: Path
) -> None:
    from bayes_cevns.storage.resources import sha256

    path = tmp_path / "table.nc"
    path.write_bytes(TABLE.read_bytes()[:1000])
    (tmp_path / "checksums.toml").write_text(f'"table.nc" = "{sha256(path)}"\n')
    assert check_file(tmp_path, "table.nc") == path
    spoil(path)
    with pytest.raises(DataError, match=text):
        check_file(tmp_path, "table.nc")


def test_an_axis_of_the_signal_is_not_per_run(
    card: CardFile,
) -> None:
    """Its table would be one for each run; nothing needs that yet."""
    own = card.card.nuisance
    nuisance = own | {"tly": own["tly"].model_copy(update={"per_run": True})}
    spoilt = replace(card, card=card.card.model_copy(update={"nuisance": nuisance}))
    with pytest.raises(CardError, match="an axis of the signal cannot be per_run"):
        load_experiment(spoilt, table=TABLE)


@pytest.mark.parametrize(
    ("shared", "text"),
    [
        ('["flux_9b"]', "'flux_9b' is no shared nuisance (has flux_8b"),
        ('["flux_8b", "flux_8b"]', "is named twice"),
        ('"flux_8b"', "tuple"),
        ("[[3]]", "string"),
        ("[{ a = 1 }]", "string"),
    ],
)
def test_shared_nuisances_that_are_not_there(shared: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / "card.toml"
    card = CARD.read_text(encoding="utf-8").replace('["flux_8b"]\n', f"{shared}\n", 1)
    path.write_text(card, encoding="utf-8")
    with pytest.raises(CardError) as caught:
        read_card(path)
    assert re.search(rf"line {line_of(path, 'shared =')}, shared(\.0)?: ", str(caught.value))
    assert text in str(caught.value)


def test_a_card_of_ones_own(tmp_path: Path) -> None:
    """Its table is beside it, or one of the package; its name is its own."""
    path = tmp_path / "mine.toml"
    path.write_text(TEXT, encoding="utf-8")
    assert experiment(str(path)).name == "mine"
    (tmp_path / NAME).mkdir()
    (tmp_path / NAME / "response.nc").write_bytes(b"no table")
    with pytest.raises(DataError, match="cannot be read"):
        experiment(str(path))
    with pytest.raises(CardError, match="rename"):
        experiment(str(path.rename(tmp_path / f"{NAME}.toml")))
    with pytest.raises(CardError, match="cannot be read"):
        experiment(str(tmp_path / "nothing.toml"))


@pytest.mark.parametrize("unit", ["kg d", "t", ""])
def test_an_exposure_in_another_unit(
    unit: str, table: xr.Dataset, card: CardFile, tmp_path: Path
) -> None:
    exposure = table["exposure"].assign_attrs(units=unit)
    table.assign(exposure=exposure).to_netcdf(tmp_path / "table.nc", engine="h5netcdf")
    with pytest.raises(DataError, match=r"line \d+, table: .*'exposure' has the unit .*'t yr'"):
        load_experiment(card, table=tmp_path / "table.nc")
