"""Two generators, one town: what it is and what two packages change, under the everyday stream and under Philox.

A replication is the whole chain, founding, alignment and a few runs, each with seeds of its own, so that its spread is
all that chance does to an answer. Each generator has a process of its own, as it is chosen before compiling.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from abm.alignment import align
from abm.founding.found import found
from abm.generator import GENERATORS, VARIABLE
from abm.known.scenario import Scenario, read_scenario
from abm.known.town import Town, read_town
from abm.levers import neutral
from abm.people.outputs import Outputs
from abm.simulation import simulate
from benchmarks.town import END, Iwaki

Array = NDArray[np.float64]
Answers = dict[str, list[float]]  # one figure a replication, by name
FIGURES = ("residents", "births", "deaths", "marriages", "moves out")
ROOT = Path(__file__).parent.parent
SEEDS, FRACTION, RUNS = range(1, 17), 0.1, 2
PACKAGES = ("P03", "P06")
T_95 = 2.131  # Student's 97.5 % point at 15 degrees of freedom, for 16 replications


def figures(outputs: Outputs) -> Array:
    """What FIGURES names, for the whole town: residents at the end, and events of all years."""
    counts = (outputs.population[-1].sum(), outputs.births.sum(), outputs.deaths.sum(), outputs.marriages.sum() / 2,
              outputs.moves_out.sum())  # fmt: skip
    return np.array(counts) / outputs.fraction


def replication(
    town: Town, scenario: Scenario, arms: Mapping[str, Array], fraction: float, end: int, seed: int, runs: int
) -> dict[str, float]:
    """Each figure of the do-nothing arm, and each arm's effect on it: means over the runs of one founding."""
    founding = found(town, scenario.basis, fraction, seed)
    reference = align(town, scenario, founding.start, end, founding, seed)

    def lived(levers: Array) -> Array:
        return np.mean([figures(simulate(founding, reference, levers, runs * seed + r)) for r in range(runs)], axis=0)

    plain = lived(neutral(end - founding.start))
    row = dict(zip(FIGURES, plain.tolist(), strict=True))
    for name, levers in arms.items():
        effects = (lived(levers) - plain).tolist()
        row |= {f"{name}: {key}": effect for key, effect in zip(FIGURES, effects, strict=True)}
    return row


def answers_under(
    generator: str, arms: Mapping[str, Array], fraction: float, end: int, seeds: Sequence[int], runs: int
) -> tuple[Answers, float]:
    """All replications of Iwaki's baseline in a fresh process that draws with a generator, and the seconds of one."""
    asked = {
        "arms": {name: levers.tolist() for name, levers in arms.items()},
        "fraction": fraction, "end": end, "seeds": list(seeds), "runs": runs,
    }  # fmt: skip
    ran = subprocess.run([sys.executable, "-m", "benchmarks.stream"], cwd=ROOT, input=json.dumps(asked), check=True,
                         env=os.environ | {VARIABLE: generator}, stdout=subprocess.PIPE, text=True,
                         encoding="utf-8")  # fmt: skip
    told: dict[str, Any] = json.loads(ran.stdout)
    return told["answers"], told["seconds"]


def apart(one: Sequence[float], other: Sequence[float]) -> float:
    """The distance between two means in standard errors of their difference; 0 where neither varies nor differs."""
    error = np.sqrt(np.var(one, ddof=1) / len(one) + np.var(other, ddof=1) / len(other))
    distance = float(np.mean(one) - np.mean(other))
    return distance / float(error) if error > 0 else distance


def measure(iwaki: Iwaki) -> Iterator[tuple[str, str]]:
    """Means with 95 % intervals under both, at 1:10 to 2060, their distance in standard errors, and the seconds."""
    from machi.arm import Arm, levers_of
    from machi.places import find_places
    from machi.runs.groundwork import read_ground

    ground = read_ground(find_places(start=ROOT), "iwaki", "baseline", end=END)
    arms = {key: levers_of(ground, Arm({key: 1.0}), 1, 1, uncertain=False)[0] for key in PACKAGES}
    both = {name: answers_under(name, arms, FRACTION, END, SEEDS, RUNS) for name in GENERATORS}
    one, other = (both[name][0] for name in GENERATORS)
    for key in one:
        told = [f"{np.mean(x):,.0f} +- {T_95 * np.std(x, ddof=1) / len(x) ** 0.5:,.0f}" for x in (one[key], other[key])]
        yield f"{key}: {' and '.join(GENERATORS)}", f"{told[0]} and {told[1]} ({apart(one[key], other[key]):+.1f} s.e.)"
    for name in GENERATORS:
        yield (
            f"seconds a replication, {name}: founding, alignment and {RUNS * (1 + len(arms))} runs",
            f"{both[name][1]:.2f}",
        )


def tell() -> None:
    """Answer what stdin asks, on stdout, and how long a replication took: the median, as the first may also compile."""
    asked = json.load(sys.stdin)
    towns = ROOT / "towns"
    town = read_town(towns / "iwaki", towns / "japan")
    scenario = read_scenario(towns / "iwaki" / "scenarios" / "baseline.toml")
    arms = {name: np.array(levers) for name, levers in asked["arms"].items()}
    table: Answers = {}
    taken = []
    for seed in asked["seeds"]:
        began = time.perf_counter()
        row = replication(town, scenario, arms, asked["fraction"], asked["end"], seed, asked["runs"])
        for key, value in row.items():
            table.setdefault(key, []).append(value)
        taken.append(time.perf_counter() - began)
    json.dump({"answers": table, "seconds": float(np.median(taken))}, sys.stdout)


if __name__ == "__main__":
    tell()
