"""Speed and memory of founding, alignment and runs, against the goals of the project."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from abm.founding.found import found
from benchmarks.memory import NOT_AVAILABLE, peak_growth
from benchmarks.town import END, Iwaki, median_of, residents

_COLD = """
import time
began = time.process_time()
from benchmarks.speed import cold
cold()
print(time.process_time() - began)
"""
_FIRST = "from benchmarks.speed import cold; cold()"
PUBLISHED = ((2030, 292_000), (2060, 173_000))


def cold() -> None:
    """Found and align a small town for one year: everything that is compiled is used."""
    from abm.alignment import align

    iwaki = Iwaki(Path(__file__).parent.parent / "towns")
    founding = found(iwaki.town, fraction=0.05)
    arm = align(iwaki.town, iwaki.scenario, 2015, 2016, founding)
    iwaki.run(1, arm, founding)


def cpu_of(work: Callable[[], object]) -> float:
    """CPU seconds of this process."""
    began = time.process_time()
    work()
    return time.process_time() - began


def measure(iwaki: Iwaki) -> Iterator[tuple[str, str]]:
    """One row a figure, with the goal in brackets."""
    with tempfile.TemporaryDirectory() as cache:
        environment = os.environ | {"MACHI_CACHE": cache}
        command = [sys.executable, "-c", _COLD]
        first = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
        yield "cold compilation of everything, CPU s (goal 45)", f"{float(first):.1f}"
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", _FIRST], env=environment, check=True)
        yield "warm start to a first, freshly aligned result at 1:20, s", f"{time.perf_counter() - began:.2f}"
    cold()
    yield "founding at 1:1, CPU s (goal 10)", median_of(lambda: cpu_of(lambda: found(iwaki.town)), 3)
    yield "alignment to 2060 at 1:1, CPU s", f"{cpu_of(lambda: iwaki.reference):.2f}"
    yield f"one 1:1 run 2015-{END}, CPU s (goal 1)", median_of(lambda: cpu_of(lambda: iwaki.run(1)))
    small = found(iwaki.town, fraction=0.05)
    yield f"one 1:20 run 2015-{END}, CPU s", median_of(lambda: cpu_of(lambda: iwaki.run(1, founding=small)))
    yield "bytes per resident at the peak of a 1:1 run (goal 150)", _bytes_per_resident(iwaki)
    for year, printed in PUBLISHED:
        runs = [residents(iwaki.run(seed), year) for seed in (1, 2, 3)]
        mean = sum(runs) / len(runs)
        yield f"residents {year}, mean of 3 (printed {printed:,})", f"{mean:,.0f}  ({mean / printed - 1:+.1%})"


def _bytes_per_resident(iwaki: Iwaki) -> str:
    """Peak growth of the process's memory during a run over the residents at the start."""
    start = iwaki.people.population.residents.size
    risen = peak_growth(lambda: iwaki.run(1))
    return NOT_AVAILABLE if risen is None else f"{risen / start:.0f}"
