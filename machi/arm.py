"""One arm on request: packages with strengths and levers set by hand, in one town, for a few replications."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from abm.errors import InputError
from abm.levers import LEVER_INDEX, LEVERS, check, neutral
from machi.places import suggestion
from machi.policy.portfolio import RunTime, levers_by_year
from machi.runs.aside import NAME, aside
from machi.runs.groundwork import Ground

if TYPE_CHECKING:
    from abm.founding.found import Founding
    from abm.levels.doubted import Doubts
    from abm.levels.reference import Reference
    from abm.people.outputs import Outputs

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Arm:
    """What the city does: strengths by package, and values by lever that hold from a year on."""

    strengths: Mapping[str, float] = field(default_factory=dict)
    run_time: RunTime = "sustained"
    levers: Mapping[str, float] = field(default_factory=dict)
    from_year: int | None = None


def assignments(option: str, words: Sequence[str]) -> dict[str, float]:
    """`P03=1.0` and the like as a table; InputError for what is not NAME=NUMBER or stands there twice."""
    table: dict[str, float] = {}
    for word in words:
        name, equals, number = word.partition("=")
        try:
            value = float(number)
        except ValueError:
            equals = ""
            value = 0.0
        if not equals or not name or not np.isfinite(value):
            raise InputError(f"{option}: `{word}` is not NAME=NUMBER; write it like {name or 'NAME'}=1.0.")
        if name in table:
            raise InputError(f"{option}: {name} stands there twice; give it once.")
        table[name] = value
    return table


def known_levers(levers: Mapping[str, float]) -> None:
    """Refuse a lever that does not exist (InputError)."""
    for key in levers:
        if key not in LEVER_INDEX:
            raise InputError(f"--lever: there is no lever `{key}`; {suggestion(key, LEVER_INDEX)}")


def move_by_hand(array: Floats, arm: Arm, start: int) -> Floats:
    """The levers of packages with those set by hand on top, from `from_year` (default: the start) on.

    A multiplier multiplies, an amount or percentage points add, a probability takes the value given.
    """
    known_levers(arm.levers)
    first = start if arm.from_year is None else arm.from_year
    if not start <= first < start + len(array):
        raise InputError(
            f"--from-year: {first} is not simulated; give a year from {start} to {start + len(array) - 1}."
        )
    moved = array.copy()
    for key, value in arm.levers.items():
        column, later = LEVER_INDEX[key], slice(first - start, None)
        alone = neutral(1)
        alone[0, column] = value
        check(alone)
        match LEVERS[column].kind:
            case "multiplier":
                moved[later, column] *= value
            case "amount" | "share":
                moved[later, column] += value
            case "probability":
                moved[later, column] = value
    check(moved)
    return moved


def levers_of(ground: Ground, arm: Arm, replications: int, seed: int, uncertain: bool) -> list[Floats]:
    """The levers of each replication: float64[n_years, len(LEVERS)].

    They follow the packages' central values, or with `uncertain` one joint draw per replication.
    """
    from machi.policy.package import read_packages
    from machi.policy.priors import central, draw_thetas
    from machi.policy.shared import read_shared

    if not arm.strengths:
        return [move_by_hand(neutral(ground.end - ground.start), arm, ground.start)] * replications
    folder = ground.places.package_dir(ground.town.key)
    packages, shared = read_packages(folder), read_shared(folder.parent / "shared.toml")
    keys = [package.key for package in packages]
    for key in arm.strengths:
        if key not in keys:
            raise InputError(f"--package: there is no package `{key}`; {suggestion(key, keys)}")
    drawn = draw_thetas(packages, shared, replications, seed) if uncertain else []
    arrays = []
    for theta in drawn or [central(packages, shared)] * replications:
        paths = levers_by_year(packages, arm.strengths, theta, arm.run_time, ground.start, ground.end)
        arrays.append(move_by_hand(paths.array, arm, ground.start))
    return arrays


def restructured(
    ground: Ground,
    fraction: float,
    arrays: Sequence[Floats],
    seed: int,
    done: Callable[[], None] = lambda: None,
    uncertain: bool = False,
) -> Iterator["Outputs"]:
    """As `replicated`, each replication in a town of its own: a draw of structure, founded and aligned anew.

    With `uncertain`, rates are drawn as well, and structure without what effect sizes draw already.
    """
    from abm.known.structure import draw_figures
    from machi.runs.altered import altered, structure_drawn

    parameters = structure_drawn(ground, uncertain)
    doubts = aside(partial(ground.doubts, len(arrays), seed)) if uncertain else None
    for r, array in enumerate(arrays):
        town = aside(partial(altered, ground, draw_figures(parameters, r, seed), fraction))
        yield aside(partial(_lived, town.founding, town.reference, array, seed + r, doubts, r))
        done()


def _lived(
    founding: "Founding", reference: "Reference", array: Floats, seed: int, doubts: "Doubts | None", r: int
) -> "Outputs":
    """One run, where there are doubts under their draw r."""
    from abm.levels.doubted import doubted
    from abm.simulation import simulate

    return simulate(founding, reference if doubts is None else doubted(reference, doubts, r), array, seed)


def replicated(
    founding: "Founding",
    reference: "Reference",
    arrays: Sequence[Floats],
    seed: int,
    threads: int,
    done: Callable[[], None] = lambda: None,
    doubts: "Doubts | None" = None,
) -> Iterator["Outputs"]:
    """The outputs of replications 1, 2, ... in order; replication r has the seed `seed + r - 1`.

    With doubts, replication r lives under the r-th draw of uncertain rates. They run in threads of this process: the
    compiled year releases the interpreter lock. An interrupt waits for none of them.
    """
    pool = ThreadPoolExecutor(min(threads, len(arrays)), thread_name_prefix=NAME)
    try:
        futures = [
            pool.submit(_lived, founding, reference, array, seed + r, doubts, r) for r, array in enumerate(arrays)
        ]
        for future in futures:
            outputs = aside(future.result)
            done()
            yield outputs
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()
