"""The layers of bayes_cevns, held by reading the imports of its files."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = "bayes_cevns"
ARCHITECTURE = ROOT / "ARCHITECTURE.md"

ARVIZ = ("arviz", "arviz_base", "arviz_plots", "arviz_stats")
INFERENCE_TOOLS = ("pymc", "pytensor", "nutpie", *ARVIZ, "xarray")
ABOVE_SPECIFICATION = ("model", "inference", "studies", "figures", "plots", "cli")
UPPER_LAYERS = tuple(f"{PACKAGE}.{name}" for name in ("cards", "model", "inference", "cli"))
HEAVY = (
    *INFERENCE_TOOLS,
    *(
        "dask",
        "distributed",
        "dynesty",
        "emcee",
        "h5netcdf",
        "h5py",
        "iminuit",
        "matplotlib",
        "numba",
        "pandas",
        "scipy",
    ),
)

#: Modules or subpackages -> what they, and what they load, never import.
FORBIDDEN = {
    "physics": (*INFERENCE_TOOLS, *UPPER_LAYERS),
    "sources": (*INFERENCE_TOOLS, *UPPER_LAYERS),
    "rates": (*INFERENCE_TOOLS, *UPPER_LAYERS),
    "tables": ("pymc", "nutpie"),
    "couplings": (
        "nutpie",
        *ARVIZ,
        *(f"{PACKAGE}.{name}" for name in ("model", "inference", "cli")),
    ),
    "model": ("nutpie", *ARVIZ, f"{PACKAGE}.inference", f"{PACKAGE}.cli"),
    "published": (*INFERENCE_TOOLS, *UPPER_LAYERS),
    "plots": ("pymc", "nutpie", f"{PACKAGE}.inference.engine"),
    "summary": ("matplotlib", "pymc", "nutpie", f"{PACKAGE}.inference", f"{PACKAGE}.studies"),
    "specification": ("pymc", "nutpie", *(f"{PACKAGE}.{name}" for name in ABOVE_SPECIFICATION)),
    "progress": tuple(
        f"{PACKAGE}.{name}" for name in ("cards", "model", "inference", "studies", "figures", "cli")
    ),
    "inference": tuple(f"{PACKAGE}.{name}" for name in ("studies", "figures", "plots", "cli")),
    "studies": ("matplotlib", f"{PACKAGE}.figures", f"{PACKAGE}.cli"),
    "storage": (*INFERENCE_TOOLS, *UPPER_LAYERS, f"{PACKAGE}.studies", f"{PACKAGE}.physics"),
}


@dataclass(frozen=True)
class Import:
    """One imported name: ``from a.b import c`` imports ``a.b.c``."""

    path: Path
    line: int
    name: str
    on_load: bool  # runs when the file is loaded: not in a function, not for type checkers only

    def is_of(self, modules: tuple[str, ...]) -> bool:
        return any(f"{self.name}.".startswith(f"{module}.") for module in modules)

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.line} imports {self.name}"


def files_of(module: str) -> list[Path]:
    """Return the file of a module, or all files of a package, named as in an import."""
    folder = ROOT.joinpath(*module.split("."))
    files = sorted(folder.rglob("*.py")) or [folder.with_suffix(".py")]
    assert files[0].is_file(), f"{module} is not there any more: update {Path(__file__).name}"
    return files


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def module_file(module: str) -> Path | None:
    folder = ROOT.joinpath(*module.split("."))
    candidates = (folder / "__init__.py", folder.with_suffix(".py"))
    return next((path for path in candidates if path.is_file()), None)


@cache
def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


@cache
def imports(path: Path) -> list[Import]:
    return list(_imports(parse(path), path, on_load=True))


def _imports(node: ast.AST, path: Path, *, on_load: bool) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield Import(path, node.lineno, alias.name, on_load)
    elif isinstance(node, ast.ImportFrom):
        for alias in node.names:
            yield Import(path, node.lineno, f"{_source(node, path)}.{alias.name}", on_load)
    elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        for statement in node.body:
            yield from _imports(statement, path, on_load=False)
        for statement in node.orelse:
            yield from _imports(statement, path, on_load=on_load)
    else:
        is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for child in ast.iter_child_nodes(node):
            yield from _imports(child, path, on_load=on_load and not is_function)


def _source(node: ast.ImportFrom, path: Path) -> str:
    """Return the absolute name of the module that is imported from."""
    if not node.level:
        return node.module or ""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join([*parts[: -node.level], *([node.module] if node.module else [])])


def loaded_files(name: str) -> Iterator[Path]:
    """Yield the files of the package that importing a name loads first-hand."""
    parts = name.split(".")
    for end in range(1, len(parts) + 1):
        path = module_file(".".join(parts[:end]))
        if parts[0] == PACKAGE and path:
            yield path


def load_chains(start: list[Path], forbidden: tuple[str, ...]) -> list[str]:
    """Return one line for each forbidden import that loading the files leads to."""
    reached: dict[Path, list[Import]] = {
        path: [] for first in start for path in loaded_files(module_name(first))
    }
    queue = list(reached)
    found = []
    for path in queue:
        for each in imports(path):
            if each.on_load and each.is_of(forbidden):
                found.append(", ".join(map(str, [*reached[path], each])))
            elif each.on_load:
                new = [file for file in loaded_files(each.name) if file not in reached]
                reached |= {file: [*reached[path], each] for file in new}
                queue += new
    return found


def fail_on(violations: list[str], rule: str) -> None:
    if violations:
        pytest.fail("\n  ".join([rule, *dict.fromkeys(violations)]), pytrace=False)


@pytest.mark.parametrize("layer", FORBIDDEN)
def test_layer_imports_nothing_from_above(layer: str) -> None:
    files, forbidden = files_of(f"{PACKAGE}.{layer}"), FORBIDDEN[layer]
    direct = [str(each) for path in files for each in imports(path) if each.is_of(forbidden)]
    rule = f"{layer} never imports, nor loads, {', '.join(forbidden)}:"
    fail_on(direct + load_chains(files, forbidden), rule)


def test_only_one_module_imports_nutpie() -> None:
    nuts = module_file(f"{PACKAGE}.inference.nuts")
    everywhere = (each for path in files_of(PACKAGE) for each in imports(path))
    others = [str(each) for each in everywhere if each.is_of(("nutpie",)) and each.path != nuts]
    fail_on(others, "only inference/nuts.py imports nutpie:")


def test_only_ops_and_kernels_of_couplings_import_pytensor() -> None:
    """Whatever a coupling does is NumPy, and has a twin that a sampler can call."""
    folder = ROOT / PACKAGE / "couplings"
    allowed = {
        "ops.py",
        "propagation.py",
        "stretched.py",
        *(p.name for p in folder.glob("*_kernels.py")),
    }
    others = [
        str(each)
        for path in files_of(f"{PACKAGE}.couplings")
        for each in imports(path)
        if each.is_of(("pytensor", "pymc", "numba")) and path.name not in allowed
    ]
    fail_on(others, f"in couplings only {', '.join(sorted(allowed))} import pytensor or pymc:")


def test_only_the_minimum_imports_iminuit() -> None:
    minimum = module_file(f"{PACKAGE}.inference.profile.minimum")
    everywhere = (each for path in files_of(PACKAGE) for each in imports(path))
    others = [str(each) for each in everywhere if each.is_of(("iminuit",)) and each.path != minimum]
    fail_on(others, "only inference/profile/minimum.py imports iminuit:")


def test_only_the_cluster_imports_dask() -> None:
    cluster = module_file(f"{PACKAGE}.studies.execution.cluster")
    everywhere = (each for path in files_of(PACKAGE) for each in imports(path))
    dask = ("dask", "distributed", "dask_jobqueue")
    others = [str(each) for each in everywhere if each.is_of(dask) and each.path != cluster]
    fail_on(others, "only studies/execution/cluster.py imports dask:")


def test_only_model_builds_a_pymc_model() -> None:
    elsewhere = set(files_of(PACKAGE)) - set(files_of(f"{PACKAGE}.model"))
    built = [
        f"{path.relative_to(ROOT)}:{line} builds a PyMC model"
        for path in sorted(elsewhere)
        for line in pymc_models(parse(path))
    ]
    fail_on(built, "only model/ builds a pm.Model:")


def pymc_models(tree: ast.Module) -> list[int]:
    """Return the lines that call ``pymc.Model``, whatever its name in the file."""
    names = {"pymc.Model"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {f"{a.asname}.Model" for a in node.names if a.name == "pymc" and a.asname}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "pymc":
            names |= {a.asname or a.name for a in node.names if a.name == "Model"}
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    return [call.lineno for call in calls if ast.unparse(call.func) in names]


@pytest.mark.parametrize("module", [PACKAGE, f"{PACKAGE}.cli"])
def test_loading_is_light(module: str) -> None:
    path = module_file(module)
    assert path, f"{module} is missing"
    fail_on(load_chains([path], HEAVY), f"import {module} must be quick; import these where used:")


#: What samples, differentiates, minimises or draws: nothing that the result of a run needs.
COMPUTING = ("pymc", "pytensor", "nutpie", "numba", "matplotlib", "iminuit", *ARVIZ)


@pytest.mark.parametrize("module", ["load", "run", "scan", "sample"])
def test_reading_a_result_loads_nothing_that_computes_one(module: str) -> None:
    path = module_file(f"{PACKAGE}.studies.{module}")
    assert path, f"studies.{module} is missing"
    rule = f"studies.{module} only describes and reads; import these in the functions that compute:"
    fail_on(load_chains([path], COMPUTING), rule)


def test_help_loads_nothing_heavy() -> None:
    script = f"""
import sys
from bayes_cevns.cli import main
sys.argv = ["bayes-cevns", "--help"]
try:
    main()
finally:
    print(*sorted(set(sys.modules) & set({HEAVY})), sep=", ")
"""
    shown = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    *text, loaded = shown.stdout.splitlines()
    assert any("scan" in line for line in text), shown.stdout
    assert loaded == "", f"'bayes-cevns --help' loads {loaded}: import them in the command"


def test_no_star_imports() -> None:
    everywhere = (each for path in files_of(PACKAGE) for each in imports(path))
    fail_on([str(each) for each in everywhere if each.name.endswith(".*")], "no star imports:")


def test_the_reader_of_imports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    path = tmp_path / PACKAGE / "physics" / "nuclei.py"
    path.parent.mkdir(parents=True)
    path.write_text(
        "import xarray as xr\n"
        "from ..tables import store\n"
        "from .cevns import *\n"
        "if TYPE_CHECKING:\n    import pymc\n"
        "def f():\n    import nutpie.compile_pymc\n"
    )
    assert [(each.line, each.name, each.on_load) for each in imports(path)] == [
        (1, "xarray", True),
        (2, "bayes_cevns.tables.store", True),
        (3, "bayes_cevns.physics.cevns.*", True),
        (5, "pymc", False),
        (7, "nutpie.compile_pymc", False),
    ]
    assert [each.is_of(("nutpie", "pymc")) for each in imports(path)] == [False] * 3 + [True] * 2
    assert str(imports(path)[0]) == "bayes_cevns/physics/nuclei.py:1 imports xarray"


@pytest.mark.parametrize(
    "source",
    [
        "import pymc as pm\nwith pm.Model() as model: pass",
        "import pymc\nmodel = pymc.Model(coords={})",
        "from pymc import Model as M\nmodel = M()",
    ],
)
def test_a_pymc_model_is_seen_under_any_name(source: str) -> None:
    assert pymc_models(ast.parse(source)) == [2]


ENTRY = r"`?(?:bayes_cevns/)?(\w+(?:/|\.py))[\w/.]*`?"


def module_map(text: str) -> set[str]:
    """Return the modules (``rates.py``) and packages (``physics/``) of the module map.

    The map is the section with "module" in its title. It names them in the first column of a
    table, or at the least indentation of a fenced block; commas separate several of one line.
    """
    section = re.search(r"(?ims)^(#+) [^\n]*\bmodule.*?(?=^\1 |\Z)", text)
    if not section:
        return set()
    fences = re.findall(r"(?ms)^```[^\n]*\n(.*?)^```", section[0])
    rows = re.findall(r"(?m)^\| *(.*)$", section[0])
    names = set()
    for lines in [rows, *(fence.splitlines() for fence in fences)]:
        entries = [m for line in lines if (m := re.match(rf"([\W_]*?){ENTRY}(?:, {ENTRY})*", line))]
        entries = [m for m in entries if m[0].strip(" `") != f"{PACKAGE}/"]
        least = min((len(m[1]) for m in entries), default=0)
        names |= {name for m in entries if len(m[1]) == least for name in re.findall(ENTRY, m[0])}
    return names


def existing_modules() -> set[str]:
    files = {path.relative_to(ROOT / PACKAGE).parts for path in files_of(PACKAGE)}
    names = {f"{parts[0]}/" if len(parts) > 1 else parts[0] for parts in files}
    return {name for name in names if not name.startswith("__")}


def test_architecture_names_every_module() -> None:
    named, existing = module_map(ARCHITECTURE.read_text(encoding="utf-8")), existing_modules()
    missing = [f"missing: {name}" for name in sorted(existing - named)]
    surplus = [f"not in {PACKAGE}: {name}" for name in sorted(named - existing)]
    rule = "the module map of ARCHITECTURE.md (section with 'module' in its title) is not right:"
    fail_on(missing + surplus, rule)


MAPS = {
    "table": """
## Module map
| file | what |
|---|---|
| `physics/` | formulas, `c.py` |
|`a.py`, `b.py`| helpers |
""",
    "block": """
## Modules
```text
physics/    formulas, c.py
  cevns.py  cross sections
a.py, b.py  helpers
```
## Data
| `d.py` | elsewhere |
""",
    "tree": """
# The modules
```
bayes_cevns/
├── physics/      formulas
│   └── cevns.py  cross sections
├── a.py
└── b.py
```
""",
}


@pytest.mark.parametrize("text", MAPS.values(), ids=MAPS)
def test_the_reader_of_the_module_map(text: str) -> None:
    assert module_map(text) == {"physics/", "a.py", "b.py"}
