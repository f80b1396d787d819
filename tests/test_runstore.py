"""The store of runs: nothing that has ended is lost, read damaged, or dependent on who ran it and when."""

import errno
import os
import random
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abm.errors import InputError
from machi.runs.runstore import JOURNAL, PARTS, Ended, as_ended, opened
from machi.store import fingerprint_of

YEARS = pd.DataFrame({"year": [2015, 2016], "indicator": ["births", "births"], "value": [2.5, 1 / 3]})


def run(number: int) -> Ended:
    """An imagined run that has ended; every fifth has failed."""
    key = fingerprint_of(["run", number])
    if number % 5 == 4:
        return as_ended(key, "nobody lives here", {})
    return as_ended(key, "", {"population": number / 7, "population_2030": float("nan")}, YEARS, None)


def same(one: Ended, other: Ended) -> bool:
    """Equal, NaN to NaN."""
    return repr(one) == repr(other)


def fill(folder: Path, numbers: list[int]) -> None:
    with opened(folder) as store:
        for number in numbers:
            store.add(run(number))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "lock"}


def test_what_is_kept_is_read_again(tmp_path: Path) -> None:
    fill(tmp_path, list(range(30)))
    with opened(tmp_path) as store:
        assert len(store.runs) == 30 and not store.damaged
        assert all(same(store.runs[run(number).key], run(number)) for number in range(30))
    assert not (tmp_path / JOURNAL).exists()


@settings(max_examples=8, deadline=None)
@given(order=st.permutations(range(12)), cuts=st.sets(st.integers(1, 11), max_size=3))
def test_neither_order_nor_sittings_change_a_byte(
    tmp_path_factory: pytest.TempPathFactory, order: list[int], cuts: set[int]
) -> None:
    once, often = tmp_path_factory.mktemp("once"), tmp_path_factory.mktemp("often")
    fill(once, list(range(12)))
    edges = [0, *sorted(cuts), 12]
    for first, last in pairwise(edges):
        fill(often, order[first:last])
    assert contents(once) == contents(often)


def test_a_driver_that_is_killed_loses_nothing_that_had_ended(tmp_path: Path) -> None:
    """The process ends without a farewell after 7 runs: the journal holds them, a torn line costs only itself."""
    lines = (
        "import os, sys",
        "from pathlib import Path",
        f"sys.path.insert(0, {str(Path(__file__).parent)!r})",
        "from test_runstore import run",
        "from machi.runs.runstore import opened",
        f"with opened(Path({str(tmp_path)!r})) as store:",
        "    [store.add(run(number)) for number in range(7)]",
        "    os._exit(9)",
    )
    text = "\n".join(lines)
    ended = subprocess.run([sys.executable, "-c", text], cwd=Path(__file__).parent.parent, check=False)
    assert ended.returncode == 9
    with (tmp_path / JOURNAL).open("ab") as journal:
        journal.write(b'0123 {"key": "torn')
    with opened(tmp_path) as store:
        assert set(store.runs) == {run(number).key for number in range(7)}
        assert store.damaged == [f"{JOURNAL}, line 8"]
        store.add(run(7))
    with opened(tmp_path) as store:
        assert len(store.runs) == 8 and not store.damaged


def flip(path: Path, place: int, bit: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1 << bit
    path.write_bytes(bytes(data))


@pytest.mark.parametrize("seed", range(20))
def test_a_flipped_bit_costs_only_the_runs_beside_it(tmp_path: Path, seed: int) -> None:
    """Every file of the store in turn, its list of parts too: each bit is noticed, and the store is mended."""
    numbers = list(range(40))
    fill(tmp_path, numbers)
    before = contents(tmp_path)
    chance = random.Random(seed)
    path = tmp_path / sorted(before)[seed % len(before)]
    beside = {run(number).key for number in numbers if path.name.startswith(f"runs-{run(number).key[0]}-")}
    flip(path, chance.randrange(len(before[path.name])), chance.randrange(8))
    whole = {run(number).key: run(number) for number in numbers}
    with opened(tmp_path) as store:
        assert [one.split(":")[0] for one in store.damaged] == [path.name]
        assert set(whole) - set(store.runs) == beside
        assert bool(beside) == (path.name != PARTS)
        assert all(same(one, whole[key]) for key, one in store.runs.items())
        for key in beside:
            store.add(whole[key])
    assert contents(tmp_path) == before
    with opened(tmp_path) as store:
        assert set(store.runs) == set(whole) and not store.damaged


def test_any_flipped_byte_of_the_list_is_noticed_and_costs_no_run(tmp_path: Path) -> None:
    """Also where it stays JSON: a digit of a count, white space."""
    fill(tmp_path, [0, 1])
    before = contents(tmp_path)
    for place in range(len(before[PARTS])):
        flip(tmp_path / PARTS, place, place % 8)
        with opened(tmp_path) as store:
            assert store.damaged and len(store.runs) == 2, place
        assert contents(tmp_path) == before


def test_parts_that_are_not_listed_yet_are_not_damage(tmp_path: Path) -> None:
    """A driver may be killed between writing the parts and their list: the old list goes with the new parts."""
    fill(tmp_path, [0])
    old = (tmp_path / PARTS).read_bytes()
    fill(tmp_path, list(range(20)))
    (tmp_path / PARTS).write_bytes(old)
    one = run(0).key[0]
    (tmp_path / "new").mkdir()
    fill(tmp_path / "new", [0])  # its first part, which the new one would have replaced last
    for path in (tmp_path / "new").glob(f"runs-{one}-*"):
        path.replace(tmp_path / path.name)
    with opened(tmp_path) as store:
        assert len(store.runs) == 20 and not store.damaged


@pytest.mark.parametrize("seed", range(10))
def test_a_flipped_bit_in_the_journal_costs_one_or_two_runs(tmp_path: Path, seed: int) -> None:
    """Two where the bit makes one line of two, or two of one."""
    with opened(tmp_path) as store:
        for number in range(12):
            store.add(run(number))
        data = (tmp_path / JOURNAL).read_bytes()
    fill(tmp_path, [])
    for path in tmp_path.glob("runs-*"):
        path.unlink()
    (tmp_path / "parts.json").unlink()
    chance = random.Random(seed)
    (tmp_path / JOURNAL).write_bytes(bytes(data))
    flip(tmp_path / JOURNAL, chance.randrange(len(data)), chance.randrange(8))
    with opened(tmp_path) as store:
        assert store.damaged
        assert 10 <= len(store.runs) <= 11
        assert all(
            same(one, run(number)) for number in range(12) for one in [store.runs.get(run(number).key, run(number))]
        )


def test_a_lost_list_of_parts_loses_nothing(tmp_path: Path) -> None:
    fill(tmp_path, list(range(20)))
    (tmp_path / "parts.json").write_text("{", encoding="utf-8")
    with opened(tmp_path) as store:
        assert len(store.runs) == 20
    next(tmp_path.glob("runs-*")).unlink()
    fill(tmp_path, list(range(20)))
    with opened(tmp_path) as store:
        assert len(store.runs) == 20 and not store.damaged


def test_a_second_driver_is_told_who_is_at_work(tmp_path: Path) -> None:
    with opened(tmp_path):
        text = "from pathlib import Path; from machi.runs.runstore import opened\nwith opened(Path({!r})): pass"
        other = subprocess.run(
            [sys.executable, "-c", text.format(str(tmp_path))], cwd=Path(__file__).parent.parent,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert other.returncode != 0
    assert f"process {os.getpid()} on" in other.stderr and "is at work on these runs" in other.stderr
    with opened(tmp_path):
        pass


def test_the_disk_is_waited_for_now_and_then_and_at_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every run is handed to the system at once; thousands of small runs do not wait for the disk one by one."""
    waits: list[int] = []
    monkeypatch.setattr("machi.runs.runstore.SYNC_SECONDS", 1e9)
    monkeypatch.setattr(os, "fsync", waits.append)
    with opened(tmp_path) as store:
        before = len(waits)
        for number in range(120):
            store.add(run(number))
            assert (tmp_path / JOURNAL).read_bytes().count(b"\n") == number + 1
        assert len(waits) - before == 2
    assert len(waits) > before + 2


def test_runs_of_code_with_other_outcomes_stay_apart(tmp_path: Path) -> None:
    older, newer = as_ended("0a", "", {"b": 1.0, "a": 2.0}), as_ended("0b", "", {"a": 3.0})
    with opened(tmp_path) as store:
        store.add(older)
        store.add(newer)
    with opened(tmp_path) as store:
        assert list(store.runs["0a"].outcomes.items()) == [("b", 1.0), ("a", 2.0)]
        assert store.runs["0b"] == newer
        store.forget()
        assert not store.runs
    with opened(tmp_path) as store:
        assert not store.runs and not store.damaged


def test_a_full_disk_is_one_sentence_and_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with (
        pytest.raises(InputError, match=r"cannot be kept \(No space left on device\); make room"),
        opened(tmp_path) as store,
    ):
        store.add(run(0))
        monkeypatch.setattr(os, "fsync", full)
        store.add(run(1))
    monkeypatch.undo()
    with opened(tmp_path) as store:
        assert run(0).key in store.runs
        store.add(run(1))
    with opened(tmp_path) as store:
        assert len(store.runs) == 2 and not store.damaged
