"""What a sweep outlives: killed workers and drivers, flipped bits, a full disk; where it listens; what memory it takes.

Most runs are of an imagined town that costs nothing, so that the figures are the sweep's own.
"""

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from machi.questions.design import CENTRAL, NO_SAMPLE, Run
from machi.runs.outcomes import outcomes
from machi.runs.run import RunResult, Simulation
from machi.runs.runkey import name_of
from machi.runs.runstore import JOURNAL, as_ended, opened
from machi.runs.sweep import FailedRuns, Hands, carry_out, kept

ROOT = Path(__file__).parent.parent
RUNS = 400
FLIPS = 200
MEGABYTE = 1_000_000


class Idle:
    """A bench that takes a moment for a run and answers with its seed; a worker may end itself at one seed."""

    def __init__(self, seconds: float = 0.0, deadly: int = -1) -> None:
        self.seconds, self.deadly = seconds, deadly

    def key(self, run: Run) -> str:
        """The name of a run: its seed alone."""
        return name_of([str(run.seed)])

    def open(self) -> Simulation:
        """Carry out nothing."""

        def carry(run: Run) -> RunResult:
            if run.seed == self.deadly:
                os.kill(os.getpid(), signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
            time.sleep(self.seconds)
            return RunResult({"population": run.seed / 7, "cost_million_yen": 0.0}, None, None)

        return carry


def table(runs: int) -> list[Run]:
    """So many runs that differ by their seeds."""
    return [Run("sobol", "sustained", f"s{k}", NO_SAMPLE, CENTRAL, 1, k, 0.1, (0.0,)) for k in range(runs)]


def sweep(folder: Path, hands: Hands, bench: Idle, runs: int = RUNS) -> list[Run]:
    """Carry the runs out, and which were done now."""
    done: list[Run] = []
    with opened(folder) as store:
        carry_out(table(runs), bench, store, hands, done.append)
    return done


def contents(folder: Path) -> dict[str, bytes]:
    """The parts of a store, by name."""
    return {path.name: path.read_bytes() for path in folder.glob("*.*")}


def measure(_: Any) -> Iterator[tuple[str, str]]:
    """Every figure with its label."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sweep(folder / "whole", Hands(1), Idle())
        whole = contents(folder / "whole")
        yield from killed_worker(folder, whole)
        yield from killed_driver(folder, whole)
        yield from flipped_bits(folder, whole)
        yield from full_disk(folder)
        yield from many_runs(folder)
    yield from memory()


def killed_worker(folder: Path, whole: dict[str, bytes]) -> Iterator[tuple[str, str]]:
    """A worker is killed from outside, then by a run of its own; where the workers listen."""
    killed: list[int] = []
    heard: set[str] = set()

    def kill(run: Run) -> None:
        if not killed:
            workers = sorted(pid for pid in descendants(os.getpid()) if "spawn_main" in command(pid))
            heard.update(listening([os.getpid(), *workers]))
            killed.append(workers[-1])
            os.kill(workers[-1], signal.SIGKILL)

    with opened(folder / "worker") as store:
        results = carry_out(table(RUNS), Idle(0.01), store, Hands(2), kill)
    same = contents(folder / "worker") == whole
    yield "a worker killed (kill -9): runs that failed, store as if nothing had been", f"{RUNS - len(results)}, {same}"
    yield "addresses that driver and workers listen on", ", ".join(sorted(heard)) or "cannot be read here"
    with opened(folder / "poison") as store:
        try:
            carry_out(table(RUNS), Idle(0.001, deadly=77), store, Hands(2))
            problem = "none"
        except FailedRuns as error:
            problem = str(error)
        found = kept(table(RUNS), Idle(), store)
    yield "a run that kills its worker: kept, and who is blamed", f"{found} of {RUNS}; {problem[:80]}"


def killed_driver(folder: Path, whole: dict[str, bytes]) -> Iterator[tuple[str, str]]:
    """The driver is killed when a share of the runs is there, and started again."""
    for share in (0.25, 0.5, 0.75):
        place = folder / f"driver{share}"
        lines = f"from benchmarks.endurance import *\nsweep(Path({str(place)!r}), Hands(1), Idle(0.005))"
        driver = subprocess.Popen([sys.executable, "-c", lines], cwd=ROOT)
        journal = place / JOURNAL
        while not journal.is_file() or journal.read_bytes().count(b"\n") < share * RUNS:
            time.sleep(0.01)
        driver.kill()
        driver.wait()
        lines_kept = journal.read_bytes().count(b"\n")
        again = sweep(place, Hands(1), Idle())
        lost = len(again) - (RUNS - lines_kept)
        same = contents(place) == whole
        yield f"the driver killed at {share:.0%}: kept, lost, same store in the end", f"{lines_kept}, {lost}, {same}"


def flipped_bits(folder: Path, whole: dict[str, bytes]) -> Iterator[tuple[str, str]]:
    """One bit of the kept runs is flipped, many times over: is it noticed, is the store mended, and at what price?

    Every second time it is a bit of the journal of a driver that was killed before it could fold it.
    """
    chance = random.Random(1)
    journal = journal_of(folder / "unfolded")
    noticed = mended = repeated = dear = 0
    for number in range(FLIPS):
        place = folder / "flipped"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        for name, data in (whole, {JOURNAL: journal})[number % 2].items():
            (place / name).write_bytes(data)
        path = chance.choice(sorted(place.glob("*.*")))
        flipped = bytearray(path.read_bytes())
        flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
        path.write_bytes(bytes(flipped))
        with opened(place) as store:
            noticed += bool(store.damaged)
            done: list[Run] = []
            carry_out(table(RUNS), Idle(), store, Hands(1), done.append)
        mended += contents(place) == whole
        repeated += len(done)
        dear += len(done) > held(path.name)
    yield f"{FLIPS} single bits flipped: noticed, same store in the end", f"{noticed}, {mended}"
    yield (
        "runs repeated for one flipped bit: on average, how often more than it can have spoilt",
        f"{repeated / FLIPS:.1f} of {RUNS}, {dear}",
    )


def journal_of(folder: Path) -> bytes:
    """The journal of all runs, before it is folded."""
    with opened(folder) as store:
        carry_out(table(RUNS), Idle(), store, Hands(1))
        return (folder / JOURNAL).read_bytes()


def held(name: str) -> int:
    """How many runs one bit of a file can spoil: those of a part, two lines of the journal, none of the list."""
    if name == JOURNAL:
        return 2
    return sum(name.startswith(f"runs-{Idle().key(run)[0]}-") for run in table(RUNS))


def full_disk(folder: Path) -> Iterator[tuple[str, str]]:
    """A sweep on a disk of one megabyte, where one can be made."""
    with small_disk(folder / "disk") as disk:
        if disk is None:
            yield "a disk of 1 MB", "cannot be made here (needs root on Linux)"
            return
        problem = "none"
        with opened(disk / "runs") as store:
            before = len(store.runs)
        try:
            sweep(disk / "runs", Hands(1), Idle(), 20_000)
        except Exception as error:
            problem = f"{type(error).__name__}: {error}"
        with opened(disk / "runs") as store:
            there = len(store.runs) - before
        yield "a disk of 1 MB: runs kept when it was full, and what is said", f"{there}; {problem}"
        subprocess.run(["mount", "-o", "remount,size=64m", str(disk)], check=True)
        again = len(sweep(disk / "runs", Hands(1), Idle(), 20_000))
        yield "the same command with more room: runs done again that were kept", str(again - (20_000 - there))


@contextmanager
def small_disk(place: Path) -> Iterator[Path | None]:
    """A file system of one megabyte in memory, None where it cannot be mounted."""
    place.mkdir()
    mounted = shutil.which("mount") is not None and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)], capture_output=True, check=False
    ).returncode == 0  # fmt: skip
    try:
        yield place if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", str(place)], check=False)


def many_runs(folder: Path) -> Iterator[tuple[str, str]]:
    """As many runs as a large Sobol design, that cost nothing: what keeping and reading them takes."""
    began = time.perf_counter()
    sweep(folder / "many", Hands(1), Idle(), 14_336)
    kept_in, began = time.perf_counter() - began, time.perf_counter()
    with opened(folder / "many") as store:
        found = len(store.runs)
    size = sum(path.stat().st_size for path in (folder / "many").glob("*.*")) / MEGABYTE
    yield (
        f"{found:,} runs: seconds to keep, to read, megabytes",
        f"{kept_in:.1f}, {time.perf_counter() - began:.1f}, {size:.1f}",
    )


def memory() -> Iterator[tuple[str, str]]:
    """How much a thousand runs of a small real town add to a process, after the first fifty."""
    lines = "from benchmarks.endurance import grown\nprint(grown(1000))"
    done = subprocess.run([sys.executable, "-c", lines], cwd=ROOT, capture_output=True, text=True, check=False)
    yield "1,000 runs (Iwaki at 1:100, 10 years): megabytes that they add", done.stdout.strip() or done.stderr[-200:]


def grown(runs: int) -> str:
    """Megabytes of resident memory that runs of a small real town add, kept results included."""
    from abm.levers import neutral
    from abm.simulation import simulate
    from machi.places import Places
    from machi.runs.groundwork import read_ground

    with tempfile.TemporaryDirectory() as name:
        ground = read_ground(Places(Path(name), ROOT), "iwaki", "baseline", "census", 2015, 2025)
        founding, reference = ground.founding(0.01), ground.reference()
        before = 0.0
        with opened(Path(name) / "runs") as store:
            for seed in range(1, runs + 51):
                if seed == 51:
                    before = resident()
                record = simulate(founding, reference, neutral(10), seed)
                store.add(as_ended(name_of([str(seed)]), "", outcomes(record)))
            return f"{resident() - before:.1f}"


def resident() -> float:
    """Megabytes of resident memory of this process (Linux)."""
    pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MEGABYTE


def command(pid: int) -> str:
    """The command line of a process (Linux), empty where it cannot be read."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def descendants(pid: int) -> list[int]:
    """The processes below one (Linux)."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text(encoding="utf-8").split():
            found += [int(child), *descendants(int(child))]
    return found


def listening(pids: list[int]) -> set[str]:
    """The addresses on which processes listen (Linux)."""
    sockets = set()
    for pid in pids:
        for link in Path(f"/proc/{pid}/fd").glob("*"):
            try:
                target = str(link.readlink())
            except OSError:
                continue
            if target.startswith("socket:["):
                sockets.add(target[8:-1])
    found = set()
    for name, family in (("tcp", socket.AF_INET), ("tcp6", socket.AF_INET6)):
        for line in Path(f"/proc/net/{name}").read_text(encoding="utf-8").splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[9] in sockets:
                words = bytes.fromhex(fields[1].split(":")[0])
                packed = b"".join(words[k : k + 4][::-1] for k in range(0, len(words), 4))
                found.add(socket.inet_ntop(family, packed))
    return found
