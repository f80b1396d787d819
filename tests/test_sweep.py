"""A sweep resumes where it ended, blames only the guilty, and gives the same bytes whoever carries it out."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from imagined_town import ImaginedBench

from abm.errors import InputError
from machi.questions.config import read_experiment
from machi.questions.design import Run, runs
from machi.runs.run import runs_table
from machi.runs.runstore import FAILED, opened
from machi.runs.spread import cluster
from machi.runs.sweep import FailedRuns, Hands, carry_out

ROOT = Path(__file__).resolve().parent.parent
TABLE = runs(read_experiment(ROOT / "experiments/twelve_packages.toml").resolved(quick=True))[:60]
ALONE, TWO = Hands(1), Hands(2)


def swept(folder: Path, bench: ImaginedBench, hands: Hands = ALONE, seen: list[Run] | None = None) -> bytes:
    """Carry the table out and return the bytes of the store, the names of its parts included."""
    with opened(folder) as store:
        results = carry_out(TABLE, bench, store, hands, (seen if seen is not None else []).append)
    assert len(runs_table(TABLE, results)) == len(TABLE)
    return b"".join(path.name.encode() + path.read_bytes() for path in sorted(folder.glob("*.*")))


def test_one_process_and_two_workers_leave_the_same_bytes(tmp_path: Path) -> None:
    assert swept(tmp_path / "one", ImaginedBench()) == swept(tmp_path / "two", ImaginedBench(), TWO)


def test_what_is_there_is_not_run_again(tmp_path: Path) -> None:
    first: list[Run] = []
    second: list[Run] = []
    before = swept(tmp_path, ImaginedBench(), seen=first)
    assert swept(tmp_path, ImaginedBench(closed=True), seen=second) == before
    assert sorted(first) == sorted(TABLE) and not second


def test_a_failed_run_stops_nothing_and_is_tried_again(tmp_path: Path) -> None:
    seen: list[Run] = []
    with opened(tmp_path) as store, pytest.raises(FailedRuns, match="nobody lives here") as caught:
        carry_out(TABLE, ImaginedBench(fails=("P03",)), store, ALONE, seen.append)
    failed = [run for run in TABLE if run.arm == "P03"]
    assert len(seen) == len(TABLE) and f"{len(failed)} of {len(TABLE)}" in str(caught.value)
    again: list[Run] = []
    assert swept(tmp_path, ImaginedBench(), seen=again) == swept(tmp_path / "whole", ImaginedBench())
    assert sorted(again) == sorted(failed)


def test_a_run_that_kills_its_worker_is_the_only_one_blamed(tmp_path: Path) -> None:
    guilty = TABLE[7].arm
    bench = ImaginedBench(poison=(guilty,))
    with opened(tmp_path) as store, pytest.raises(FailedRuns, match="worker process ended twice"):
        carry_out(TABLE, bench, store, TWO)
    with opened(tmp_path) as store:
        blamed = {key for key, one in store.runs.items() if one.status == FAILED}
        assert blamed == {bench.key(run) for run in TABLE if run.arm == guilty}
        assert len(store.runs) == len(TABLE)


SWEEP = """
import sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from test_sweep import ImaginedBench, swept
swept(Path({folder!r}), ImaginedBench(seconds=0.05))
"""


def test_a_killed_driver_loses_nothing(tmp_path: Path) -> None:
    """Killed with a third of the runs ended, it goes on where it was: nothing is lost or repeated."""
    text = SWEEP.format(tests=str(ROOT / "tests"), folder=str(tmp_path))
    driver = subprocess.Popen([sys.executable, "-c", text], cwd=ROOT)
    journal = tmp_path / "journal.jsonl"
    while not journal.is_file() or journal.read_bytes().count(b"\n") < len(TABLE) // 3:
        assert driver.poll() is None
        time.sleep(0.02)
    driver.kill()
    driver.wait()
    with opened(tmp_path) as store:
        kept = set(store.runs)
    assert len(kept) >= len(TABLE) // 3
    again: list[Run] = []
    assert swept(tmp_path, ImaginedBench(), seen=again) == swept(tmp_path / "whole", ImaginedBench())
    assert {ImaginedBench().key(run) for run in again} == {ImaginedBench().key(run) for run in TABLE} - kept


def test_workers_keep_the_memory_that_a_year_frees() -> None:
    """Dask has a process hand back what is free at every 64 kB: a whole town then takes half as long again."""
    with cluster(1) as client:
        kept = client.submit(os.environ.get, "MALLOC_TRIM_THRESHOLD_").result()
    assert int(kept) >= 1 << 30


@pytest.mark.parametrize("hands", [ALONE, TWO])
def test_workers_that_cannot_start_say_why(tmp_path: Path, hands: Hands) -> None:
    with opened(tmp_path) as store, pytest.raises(FailedRuns, match="founding cannot be read"):
        carry_out(TABLE[:3], ImaginedBench(closed=True), store, hands)


def test_a_scheduler_that_is_not_there_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("machi.runs.spread.PATIENCE", "1s")
    with opened(tmp_path) as store, pytest.raises(InputError, match=r"127\.0\.0\.1:9 does not answer"):
        carry_out(TABLE[:3], ImaginedBench(), store, Hands(2, "tcp://127.0.0.1:9"))


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C cannot be sent to one process there")
def test_an_interrupt_keeps_what_has_ended(tmp_path: Path) -> None:
    before = set(multiprocessing.active_children())

    def interrupt(run: Run) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt), opened(tmp_path) as store:
        carry_out(TABLE, ImaginedBench(seconds=0.01), store, TWO, interrupt)
    with opened(tmp_path) as store:
        assert store.runs
    assert set(multiprocessing.active_children()) <= before
