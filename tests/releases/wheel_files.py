"""Small wheels in the layout of those that the builders read."""

from __future__ import annotations

import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

from bayes_cevns.releases.isotopes import NUBASE_FILE, RADII_FILE
from bayes_cevns.releases.isotopes import WHEEL as NUCLEI
from bayes_cevns.releases.neutral_atoms import (
    ELEMENTS_FILE,
    LEVELS_FILE,
    MENDELEEV,
    XRAYDB,
)
from bayes_cevns.releases.wheels import FOLDER, Wheel


def nubase_line(a: int, z: int, symbol: str, excess_kev: float, spin: str, share: str) -> str:
    """A ground state in the columns of NUBASE2020."""
    nucleus = f"{a}{symbol}"
    return f"{a:03d} {z:03d}0   {nucleus:<5}  {excess_kev:13.5f}{'':57}{spin:<14}{'':17}{share}"


NUBASE = "\n".join(
    [
        "# a comment with IS=",
        nubase_line(2, 1, "Yy", 9314.9410242, "1+", "IS=100"),
        nubase_line(3, 1, "Yy", 9314.0, "1/2+", "B-=100"),
        nubase_line(129, 54, "Xx", -93149.410242, "1/2+*", "IS=75 4"),
        nubase_line(131, 54, "Xx", -93149.410242, "3/2+*", "IS=25 4"),
        "",
    ]
)
RADII = "# a comment\n1,Yy,1,2,1.5,0.1,,\n54,Xx,75,129,4.6,0.0050,,\n54,Xx,77,131,4.7,0.005,,\n"


def write_wheel(raw: Path, wheel: Wheel, files: dict[str, str | bytes]) -> Path:
    """Write a wheel among the raw releases."""
    path = raw / FOLDER / wheel.file
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def write_nuclei(raw: Path, nubase: str = NUBASE, radii: str = RADII) -> Path:
    """Write three isotopes of two elements, and one that is not natural."""
    return write_wheel(raw, NUCLEI, {NUBASE_FILE: nubase, RADII_FILE: radii})


def database(*statements: str) -> bytes:
    """The bytes of a database."""
    with closing(sqlite3.connect(":memory:")) as made:
        for statement in statements:
            made.execute(statement)
        made.commit()
        return bytes(made.serialize())


LEVELS = (
    "create table xray_levels (element text, iupac_symbol text, absorption_edge real)",
    "insert into xray_levels values ('H','K',13.6), ('He','K',24.6), ('Be','K',111.5), "
    "('Be','L1',9.3), ('B','K',188.0), ('B','L1',12.0)",
)
ELEMENTS = (
    "create table elements (symbol text, atomic_number integer, electronic_configuration text)",
    "create table ionizationenergies "
    "(atomic_number integer, ion_charge integer, ionization_energy real)",
    "insert into elements values ('B',5,'[He] 2s2 2p'), ('He',2,'1s2'), ('Be',4,'[He] 2s2'), "
    "('Np',93,'nothing')",
    "insert into ionizationenergies values (2,0,24.587), (2,1,54.4), (4,0,9.3227), (5,0,8.29802)",
)


def write_atoms(
    raw: Path, levels: tuple[str, ...] = LEVELS, elements: tuple[str, ...] = ELEMENTS
) -> None:
    """Write He, Be and B."""
    write_wheel(raw, XRAYDB, {LEVELS_FILE: database(*levels)})
    write_wheel(raw, MENDELEEV, {ELEMENTS_FILE: database(*elements)})
