"""The doors of the house: who may import whom, who may write columns, and which names are not used."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# A library and the only files that may import it.
LIBRARY_DOORS = {
    "mesa": {"abm/model.py"},
    "numba": {"abm/compiled.py"},
    "SALib": {"machi/analysis/sensitivity.py", "machi/questions/samples.py", "machi/analysis/indices.py"},
    "dask": {"machi/runs/spread.py"},
    "distributed": {"machi/runs/spread.py"},
}
# By folder: the order of its modules and rooms, one way only.
HOUSE = tomllib.loads((ROOT / "tests" / "house.toml").read_text(encoding="utf-8"))
DECISIONS = set(HOUSE["abm/decisions"]["alone"])
COLUMN_WRITERS = {f"abm/people/{name}.py" for name in ("population", "verbs", "unions", "ageing")}
COLUMNS = {"persons", "households"}
BANNED = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
DATA_FOLDERS = ("towns", "policies", "experiments")


def sources(root: Path, *folders: str) -> Iterator[tuple[str, ast.Module]]:
    """Every Python file below the named folders that exist, as (path from the root, syntax tree)."""
    for folder in folders:
        for path in sorted((root / folder).rglob("*.py")):
            yield path.relative_to(root).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def imports(path: str, tree: ast.Module) -> set[str]:
    """Absolute dotted names that a file imports anywhere, including names taken from a package."""
    package = path.removesuffix(".py").split("/")[:-1]
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            whole = ".".join([*base, *([node.module] if node.module else [])])
            names |= {whole} | {f"{whole}.{alias.name}" for alias in node.names}
    return names


def layer(folder: str, name: str) -> int | None:
    """The place of a module or room in its folder's order, None for names that the order does not hold."""
    return next((at for at, names in enumerate(HOUSE.get(folder, {}).get("order", [])) if name in names), None)


def is_later(path: str, name: str) -> bool:
    """Whether the dotted name stands in a later layer than the file, in the folder where their ways part."""
    here, there = path.removesuffix(".py").split("/"), name.split(".")
    shared = next((k for k, (a, b) in enumerate(zip(here, there, strict=False)) if a != b), 0)
    if not shared:
        return False
    folder = "/".join(here[:shared])
    a, b = layer(folder, here[shared]), layer(folder, there[shared])
    return a is not None and b is not None and b > a


def broken_imports(path: str, tree: ast.Module) -> list[str]:
    """Sentences for every import of a file that goes through a closed door."""
    parts = path.removesuffix(".py").split("/")
    package, module = parts[0], parts[1]
    found = []
    for name in sorted(imports(path, tree)):
        head, *rest = name.split(".")
        if package == "abm" and head == "machi":
            found.append(f"{path} imports {name}: abm never imports machi")
        if head in LIBRARY_DOORS and path not in LIBRARY_DOORS[head]:
            found.append(f"{path} imports {name}: only {sorted(LIBRARY_DOORS[head])} may")
        if package == "machi" and module == "report" and head == "abm" and not name.startswith("abm.errors"):
            found.append(f"{path} imports {name}: report reads the store and nothing of abm")
        if parts[:2] == ["abm", "decisions"] == name.split(".")[:2] and {parts[2], *rest[1:2]} <= DECISIONS:
            found += [f"{path} imports {name}: decisions never import each other"] * (parts[2] not in rest[1:2])
        if is_later(path, name):
            found.append(f"{path} imports {name}: that is a later room")
    return found


def targets(node: ast.AST) -> Iterator[ast.expr]:
    """The expressions that a statement assigns to, tuples taken apart."""
    left: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        left = list(node.targets)
    elif isinstance(node, ast.AugAssign | ast.AnnAssign):
        left = [node.target]
    while left:
        target = left.pop()
        if isinstance(target, ast.Tuple | ast.List):
            left += target.elts
        else:
            yield target.value if isinstance(target, ast.Starred) else target


def is_column(target: ast.expr) -> bool:
    """Whether an assignment's target is an element of `persons.x` or `households.x`, whoever owns them."""
    if not isinstance(target, ast.Subscript):
        return False
    inner: ast.expr = target
    while isinstance(inner, ast.Subscript):
        inner = inner.value
    if not isinstance(inner, ast.Attribute):
        return False
    owner = inner.value
    name = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
    return name in COLUMNS


def broken_doors(root: Path) -> list[str]:
    """Sentences for every broken door below a root; folders and files that do not exist are no fault."""
    found = []
    for path, tree in sources(root, "abm", "machi"):
        found += broken_imports(path, tree)
        if path not in COLUMN_WRITERS:
            lines = [n.lineno for n in ast.walk(tree) for target in targets(n) if is_column(target)]
            found += [f"{path}:{line} writes a column: only {sorted(COLUMN_WRITERS)} may" for line in lines]
    for folder in ("abm", "machi", "tests", "benchmarks"):
        for file in sorted((root / folder).rglob("*.py")):
            words = {w for part in file.relative_to(root).with_suffix("").parts for w in part.split("_")}
            if words & BANNED:
                found.append(f"{file.relative_to(root).as_posix()} is named {sorted(words & BANNED)}")
    for folder in DATA_FOLDERS:
        python = sorted((root / folder).rglob("*.py"))
        found += [f"{file.relative_to(root).as_posix()}: data folders hold no Python" for file in python]
    return found


def test_every_door_is_kept() -> None:
    assert broken_doors(ROOT) == []


def test_every_module_has_its_place() -> None:
    """Every module and room of a folder that tests/house.toml names, and nothing else, has its place there."""
    for folder, told in HOUSE.items():
        there = {path.stem for path in (ROOT / folder).glob("*.py")} - {"__init__", "__main__"}
        there |= {path.parent.name for path in (ROOT / folder).glob("*/__init__.py")}
        assert sorted(name for names in told["order"] for name in names) == sorted(there), folder


def test_an_empty_house_has_no_broken_door(tmp_path: Path) -> None:
    assert broken_doors(tmp_path) == []


@pytest.mark.parametrize(
    ("path", "source", "reason"),
    [
        ("abm/year.py", "import machi", "abm never imports machi"),
        ("abm/year.py", "def f():\n    from machi.places import towns", "abm never imports machi"),
        ("abm/year.py", "import mesa", "abm/model.py"),
        ("machi/runs/run.py", "from mesa import Model", "abm/model.py"),
        ("abm/draws.py", "from numba import njit", "abm/compiled.py"),
        ("machi/runs/run.py", "from SALib.sample import sobol", "machi/analysis/sensitivity.py"),
        ("abm/decisions/marriage.py", "from abm.decisions.childbirth import birth_hazard", "decisions never"),
        ("abm/decisions/marriage.py", "from .childbirth import birth_hazard", "decisions never"),
        ("abm/decisions/marriage.py", "from abm.decisions import mortality", "decisions never"),
        ("abm/people/population.py", "from abm.year import step", "a later room"),
        ("machi/questions/design.py", "from machi import cli", "a later room"),
        ("abm/founding/base.py", "from abm.founding.found import found", "a later room"),
        ("abm/people/roll.py", "from abm.decisions import marriage", "a later room"),
        ("machi/report/page.py", "from abm.levers import LEVERS", "nothing of abm"),
        ("machi/report.py", "import abm", "nothing of abm"),
        ("abm/year.py", "def f(persons, i):\n    persons.age[i] = 1", "writes a column"),
        ("abm/year.py", "def f(p, i):\n    p.population.households.size[i] += 1", "writes a column"),
        ("abm/founding/found.py", "def f(persons, i):\n    x, persons.age[i] = 1, 2", "writes a column"),
        ("abm/founding/found.py", "def f(persons, i):\n    persons.age[:][i] = 1", "writes a column"),
        ("abm/utils.py", "", "is named"),
        ("machi/plot_helpers/tables.py", "", "is named"),
        ("experiments/question.py", "", "no Python"),
    ],
)
def test_a_broken_door_is_seen(tmp_path: Path, path: str, source: str, reason: str) -> None:
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_text(source, encoding="utf-8")
    found = broken_doors(tmp_path)
    assert found and all(sentence.startswith(path) for sentence in found)
    assert any(reason in sentence for sentence in found)


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("abm/model.py", "import mesa\nfrom abm.simulation import simulate"),
        ("abm/compiled.py", "import numba"),
        ("machi/questions/samples.py", "import SALib"),
        ("machi/runs/run.py", "from abm.simulation import simulate"),
        ("abm/people/population.py", "def f(persons, i):\n    persons.age[i] = 1"),
        ("abm/founding/found.py", "def f(age, i):\n    age[i] = 1"),
        ("abm/year.py", "def f(persons, i):\n    return persons.age[i]"),
        ("abm/year.py", "from abm.decisions.marriage import newlyweds\nfrom abm.decisions.childbirth import mothers"),
    ],
)
def test_an_open_door_is_let_be(tmp_path: Path, path: str, source: str) -> None:
    (tmp_path / path).parent.mkdir(parents=True)
    (tmp_path / path).write_text(source, encoding="utf-8")
    assert broken_doors(tmp_path) == []
