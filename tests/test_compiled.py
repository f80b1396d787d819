"""Compiled code says what the sources say: never an old rule, never another answer, never beyond a table."""

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from conftest import ROOT
from lived_town import digest

from abm import compiled
from abm.alignment import align
from abm.founding.found import found
from abm.known.scenario import Scenario
from abm.known.town import Town

TINY, TINY_END = 0.002, 2017  # 700 people, two years
LARGER = 0.02  # of the town: 7,005 people
DYING = """
import numpy as np
from abm.decisions.mortality import Deaths, the_dying
from abm.people.population import empty_persons
persons = empty_persons(40)
persons.key[:], persons.place[:] = np.arange(40), 1
print(the_dying(persons, 40, Deaths(np.full((2, 2, 112), 0.5)), np.uint64(5)).tolist())
"""
LIVING = f"""
import sys
from pathlib import Path
sys.path.insert(0, {str(ROOT / "tests")!r})
from lived_town import digest, levers
from abm.alignment import align
from abm.founding.found import found
from abm.levers import LEVERS
from abm.known.scenario import read_scenario
from abm.simulation import simulate
from abm.known.town import read_town
towns = Path({str(ROOT / "towns")!r})
town, scenario = read_town(towns / "iwaki", towns / "japan"), read_scenario(towns / "iwaki/scenarios/baseline.toml")
founding = found(town, "census", {TINY})
reference = align(town, scenario, 2015, {TINY_END}, founding)
arms = [{{}}, {{lever.key: lever.high for lever in LEVERS}}, {{lever.key: lever.low for lever in LEVERS}}]
print(digest(founding.population.persons), digest(reference))
for arm in arms:
    print(digest(simulate(founding, reference, levers({TINY_END} - 2015, **arm), 1)))
"""


def answer(code: str, folder: Path = ROOT, **settings: str) -> str:
    """What a fresh Python prints that finds `abm` in `folder`; it must end well."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("NUMBA_", "MACHI_"))}
    environment |= {"PYTHONPATH": str(folder)} | settings
    ran = subprocess.run([sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True,
                         encoding="utf-8")  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-3000:]
    return ran.stdout


def copied(folder: Path) -> Path:
    """The sources of `abm` alone, under `folder`."""
    for source in (ROOT / "abm").rglob("*.py"):
        target = folder / source.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.read_bytes())
    return folder


def edit(path: Path, old: str, new: str) -> None:
    """Change one line of a source file."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(text.replace(old, new))


# An edited rule is recompiled


def test_an_edited_rule_of_another_file_is_recompiled(tmp_path: Path) -> None:
    """`the_dying` stands in mortality.py and draws with a rule of draws.py: the edit is in the latter."""
    folder, cache = copied(tmp_path / "tree"), tmp_path / "cache"
    draws = folder / "abm" / "draws.py"
    before = answer(DYING, folder, MACHI_CACHE=str(cache))
    compiled_files = sorted(path.name for path in cache.rglob("*.nb*"))
    assert compiled_files  # it was kept where MACHI_CACHE says
    again = answer(DYING, folder, MACHI_CACHE=str(cache))
    assert again == before
    assert sorted(path.name for path in cache.rglob("*.nb*")) == compiled_files  # and read, not compiled again
    edit(draws, "return mix(mix(key ^ stream) + _GOLDEN)", "return mix(mix(key ^ stream) + _MIX1)")
    edited = answer(DYING, folder, MACHI_CACHE=str(cache))
    assert edited != before
    edit(draws, "return mix(mix(key ^ stream) + _MIX1)", "return mix(mix(key ^ stream) + _GOLDEN)")
    assert answer(DYING, folder, MACHI_CACHE=str(cache)) == before


def test_an_edited_number_of_a_module_is_recompiled(tmp_path: Path) -> None:
    """Numba freezes the numbers of a module into compiled code; the new number counts nevertheless."""
    folder, cache = copied(tmp_path / "tree"), tmp_path / "cache"
    before = answer(DYING, folder, MACHI_CACHE=str(cache))
    for number in ("_TWO53", "_TWO24"):  # a draw, and its first bits
        edit(folder / "abm" / "draws.py", f"{number} = 1.0 /", f"{number} = 0.5 /")
    assert len(answer(DYING, folder, MACHI_CACHE=str(cache))) > len(before)  # draws halved: more die


def test_the_fingerprint_changes_with_every_source_and_with_nothing_else(tmp_path: Path) -> None:
    folder = copied(tmp_path) / "abm"
    first = compiled.source_fingerprint(folder)
    assert compiled.source_fingerprint(folder) == first
    (folder / "notes.txt").write_text("no source", encoding="utf-8")
    assert compiled.source_fingerprint(folder) == first
    seen = {first}
    for source in sorted(folder.rglob("*.py")):
        edited = source.read_bytes()
        source.write_bytes(edited + b"# edited\n")
        seen.add(compiled.source_fingerprint(folder))
        source.write_bytes(edited)
    assert len(seen) == 1 + len(list(folder.rglob("*.py")))
    (folder / "decisions" / "mortality.py").rename(folder / "decisions" / "dying.py")
    assert compiled.source_fingerprint(folder) not in seen


def test_the_bounds_check_has_code_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    first = compiled.source_fingerprint()
    monkeypatch.setattr(compiled.numba.config, "BOUNDSCHECK", 1)
    assert compiled.source_fingerprint() != first


# Compiled, uncompiled and checked code live the same lives


@pytest.fixture(scope="module")
def as_compiled() -> str:
    return answer(LIVING)


def test_a_fresh_process_lives_what_this_one_lives(town: Town, scenario: Scenario, as_compiled: str) -> None:
    founding = found(town, "census", TINY)
    reference = align(town, scenario, 2015, TINY_END, founding)
    assert as_compiled.split()[:2] == [digest(founding.population.persons), digest(reference)]


def test_uncompiled_rules_give_the_same_bytes_and_read_within_their_tables() -> None:
    """Plain Python over NumPy arrays, with every lever at its low, neutral and high end.

    An index beyond a table raises IndexError there, where compiled code would read on; and no 8-bit number overflows
    that compiled code widens. In a town large enough for what happens to a few: to marry out with a grown child, to be
    a father at every age, more mothers of a year than an 8-bit number holds.
    """
    larger = LIVING.replace(f'"census", {TINY}', f'"census", {LARGER}')
    assert larger != LIVING
    assert answer(larger, NUMBA_DISABLE_JIT="1", PYTHONWARNINGS="ignore") == answer(larger)


def test_hash_seed_locale_and_time_zone_do_not_matter(as_compiled: str) -> None:
    assert answer(LIVING, PYTHONHASHSEED="7", LC_ALL="C", TZ="Asia/Tokyo", PYTHONUTF8="0") == as_compiled


# Where compiled code is kept


def test_the_first_writable_folder_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MACHI_CACHE", str(tmp_path / "here"))
    folder = compiled.cache_folder()
    assert folder is not None
    assert folder.parent == tmp_path / "here"
    assert folder.is_dir()
    assert not list(folder.iterdir())  # the trial left nothing behind


def test_a_folder_that_cannot_be_written_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("a file where a folder would have to be", encoding="utf-8")
    monkeypatch.setenv("MACHI_CACHE", str(blocked / "here"))
    folder = compiled.cache_folder()
    assert folder is not None
    assert blocked not in folder.parents


def test_a_read_only_install_without_a_home_still_lives(tmp_path: Path) -> None:
    """Every candidate is blocked by a file of its name: rules are compiled and kept nowhere."""
    folder, temporary = copied(tmp_path / "tree"), tmp_path / "temporary"
    temporary.mkdir()
    for blocked in (folder / "abm" / "__pycache__", temporary / "machi-cache", tmp_path / "named", tmp_path / "user"):
        blocked.write_text("", encoding="utf-8")
    nowhere = {"MACHI_CACHE": str(tmp_path / "named"), "LOCALAPPDATA": str(tmp_path / "user"),
               "HOME": "", "XDG_CACHE_HOME": str(tmp_path / "user"), "PYTHONDONTWRITEBYTECODE": "1",
               "TMPDIR": str(temporary), "TEMP": str(temporary), "TMP": str(temporary)}  # fmt: skip
    where = "from abm.compiled import cache_folder\nprint(cache_folder())\n"
    first, rest = answer(where + DYING, folder, **nowhere).split("\n", 1)
    assert first == "None"
    assert rest == answer(DYING)
    assert not list(tmp_path.rglob("*.nb*"))


class Inner(NamedTuple):
    """Two columns."""

    first: np.ndarray
    second: np.ndarray


class Outer(NamedTuple):
    """A table with a table inside."""

    inner: Inner
    more: tuple[np.ndarray, np.ndarray]
    number: float


@compiled.step
def weighed(table: Outer, pair: tuple[Inner, np.ndarray], times: int) -> Inner:
    """Every part counts with another weight, and one is written to."""
    inner, (other, last) = table.inner, pair
    last[0] = times
    total = inner.first + 10.0 * inner.second + 100.0 * table.more[0] + 1e3 * table.more[1] + 1e4 * table.number
    return Inner(total + 1e5 * other.first + 1e6 * other.second, last * table.number)


def test_a_step_sees_every_part_of_its_tables_where_it_belongs() -> None:
    columns = [np.full(3, float(k)) for k in range(1, 8)]
    table = Outer(Inner(columns[0], columns[1]), (columns[2], columns[3]), 5.0)
    found = weighed(table, (Inner(columns[5], columns[6]), columns[4]), 9)
    assert found.first.tolist() == [7_654_321.0] * 3 and columns[4].tolist() == [9.0, 5.0, 5.0]
    assert found.second.tolist() == [45.0, 25.0, 25.0] and weighed.__name__ == "weighed"
    with pytest.raises(TypeError):
        weighed(table, 9)  # type: ignore[call-arg, arg-type]
    whole = table._replace(more=(columns[2].astype(np.int32), columns[3]))  # another type is another compiled code
    assert weighed(whole, (Inner(columns[5], columns[6]), columns[4]), 9).first.tolist() == [7_654_321.0] * 3
