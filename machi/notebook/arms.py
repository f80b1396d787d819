"""One town, with and without a portfolio of packages, for some replications; or one run of it as a Mesa model."""

import math
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from numbers import Integral, Real
from typing import TYPE_CHECKING

import numpy as np

from abm.errors import InputError
from machi.notebook.places import Folder, places_of
from machi.notebook.result import REFERENCE, Result
from machi.places import suggestion
from machi.runs.groundwork import Ground, read_ground

if TYPE_CHECKING:
    from abm.founding.found import Founding
    from abm.levels.reference import Reference
    from abm.model import TownModel
    from abm.people.outputs import Outputs
    from machi.policy.portfolio import LeverPaths, RunTime

Portfolio = Sequence[str] | Mapping[str, float] | str | None
MOST_SEED = 2**31 - 1  # as in experiment files


def simulate(
    town: str,
    *,
    scenario: str = "baseline",
    packages: Portfolio = None,
    seeds: Sequence[int] = (1, 2, 3),
    fraction: float = 1.0,
    start: int | None = None,
    end: int | None = None,
    basis: str | None = None,
    run_time: "RunTime" = "sustained",
    calibrated: bool = False,
    workspace: Folder | None = None,
) -> Result:
    """Live a town without policy and, where packages are given, with them; every seed in both arms.

    - `town`, `scenario`: names (see `machi.towns()`) or paths.
    - `packages`: one portfolio: `None` for none, `["P03", "P06"]` at strength 1, or strengths from 0 to 1 as in
      `{"P03": 0.5}` (see `machi.packages(town)`).
    - `seeds`: one replication each, whole numbers from 1.
    - `fraction`: share of the people who are simulated, above 0 to 1; figures always speak of the whole town.
    - `start`, `end`: first and last stock date; without them the newest base and the scenario's end.
    - `basis`: census or register; without one the scenario's own.
    - `run_time`: `sustained`, or `plan` where packages stop with the city's plan.
    - `calibrated`: with the factors of the town's calibration.toml (see `machi calibrate`), in every arm.

    The town is founded and aligned once and kept in the workspace's results/.cache for later calls. Effect sizes are
    at their central values. Returns a `Result`. Raises `InputError` for what cannot be used.

        >>> import machi
        >>> result = machi.simulate("iwaki", packages=["P03"], fraction=0.01, end=2018)
        >>> result.arms
        ('none', 'P03')
        >>> list(result.years.columns)
        ['arm', 'replication', 'year', 'measure', 'value', 'unit']
    """
    from abm.simulation import simulate as live
    from machi.experiment import cores

    chosen, share = _seeds(seeds), _fraction(fraction)
    ground = read_ground(places_of(workspace), town, scenario, basis, start, end)
    arms = {REFERENCE: {}, **_portfolio(packages)}
    paths = _paths(ground, arms, run_time)
    founding, reference = _start(ground, share, calibrated)
    tasks = [(arm, seed) for arm in arms for seed in chosen]

    def lived(task: tuple[str, int]) -> "Outputs":
        return live(founding, reference, paths[task[0]].array, task[1])

    with ThreadPoolExecutor(min(cores(), len(tasks))) as pool:  # the compiled year releases the interpreter lock
        outputs = dict(zip(tasks, pool.map(lived, tasks), strict=True))
    cost = {arm: np.asarray(one.cost_million_yen, dtype=np.float64) for arm, one in paths.items()}
    return Result(ground.town.key, scenario, run_time, share, ground.start, ground.end, chosen, arms, outputs, cost)


def town_model(
    town: str,
    *,
    scenario: str = "baseline",
    packages: Portfolio = None,
    seed: int = 1,
    follow: int = 200,
    fraction: float = 1.0,
    start: int | None = None,
    end: int | None = None,
    basis: str | None = None,
    run_time: "RunTime" = "sustained",
    calibrated: bool = False,
    workspace: Folder | None = None,
) -> "TownModel":
    """One run as a Mesa model, a year a step, for Mesa's own tools; its figures are those of `simulate`.

    Arguments are those of `simulate`, for one seed; `follow` is the number of households that are agents from the start
    (windows on the town's columns: following changes nothing). `model.datacollector` holds yearly totals; another
    `mesa.DataCollector` may read the model (`model.outputs`, `model.town`) and its agents (`household.members`,
    `household.type`). Close the model when done, or use it in a `with`. Raises `InputError` for what cannot be used.

        >>> import machi, mesa
        >>> sizes = mesa.DataCollector(agent_reporters={"size": lambda household: len(household.rows)})
        >>> with machi.town_model("iwaki", fraction=0.01, end=2018, follow=20) as model:
        ...     while model.running:
        ...         model.step()
        ...         sizes.collect(model)
        >>> model.datacollector.get_model_vars_dataframe()["year"].tolist()
        [2015, 2016, 2017, 2018]
        >>> len(sizes.get_agent_vars_dataframe())
        60
    """
    from abm.model import TownModel

    if isinstance(follow, bool) or not isinstance(follow, Integral):
        raise InputError(f"follow: {follow!r} is no number of households; give a whole number from 0.")
    (chosen,), share = _seeds([seed]), _fraction(fraction)
    ground = read_ground(places_of(workspace), town, scenario, basis, start, end)
    arms = _portfolio(packages) or {REFERENCE: {}}
    (path,) = (one for arm, one in _paths(ground, arms, run_time).items() if arm in arms)
    return TownModel(*_start(ground, share, calibrated), path.array, chosen, int(follow))


def _start(ground: Ground, fraction: float, with_factors: bool) -> "tuple[Founding, Reference]":
    """The people and the reference arm that runs start from, with the town's calibrated factors where asked for."""
    from abm.levels.calibrated import calibrated
    from machi.calibration.file import factors_of

    factors = factors_of(ground) if with_factors else {}
    return ground.founding(fraction), calibrated(ground.reference(), factors)


def _seeds(seeds: Sequence[int]) -> tuple[int, ...]:
    """The seeds, refused where one is no whole number from 1 or stands there twice (InputError)."""
    given = [seeds] if isinstance(seeds, Integral) else list(seeds)
    for seed in given:
        if isinstance(seed, bool) or not isinstance(seed, Integral) or not 1 <= int(seed) <= MOST_SEED:
            raise InputError(f"seeds: {seed!r} is no seed; give whole numbers from 1 to {MOST_SEED}, such as [1, 2].")
    if not given or len(set(given)) < len(given):
        raise InputError("seeds: give at least one seed, and each only once.")
    return tuple(int(seed) for seed in given)


def _fraction(fraction: float) -> float:
    """The share of the people, refused where it is none (InputError)."""
    if isinstance(fraction, bool) or not isinstance(fraction, Real) or not 0.0 < float(fraction) <= 1.0:
        raise InputError(f"fraction: {fraction!r} is no share; give a number above 0, up to 1.")
    return float(fraction)


def _portfolio(packages: Portfolio) -> dict[str, dict[str, float]]:
    """The strengths of the one arm with policy under its name, or nothing (InputError for what is no portfolio)."""
    if packages is None:
        return {}
    if isinstance(packages, str):
        packages = [packages]
    if not isinstance(packages, Mapping):
        listed = list(packages)
        if not all(isinstance(key, str) for key in listed):
            raise InputError(f'packages: {listed!r} is no list of names; write it like ["P03"] or {{"P03": 0.5}}.')
        twice = [key for key in listed if listed.count(key) > 1]
        if twice:
            raise InputError(f"packages: {twice[0]} stands there twice; name each once.")
        packages = dict.fromkeys(listed, 1.0)
    strengths: dict[str, float] = {}
    for key, strength in packages.items():
        sound = isinstance(strength, Real) and not isinstance(strength, bool) and math.isfinite(float(strength))
        if not sound or not 0.0 <= float(strength) <= 1.0:
            raise InputError(f"packages: the strength of {key} is {strength!r}; give a number from 0 to 1.")
        strengths[key] = float(strength)
    if not strengths:
        return {}
    name = "+".join(key if value == 1.0 else f"{key}={value:g}" for key, value in strengths.items())
    return {name: strengths}


def _paths(ground: Ground, arms: Mapping[str, Mapping[str, float]], run_time: "RunTime") -> "dict[str, LeverPaths]":
    """Levers and cost of each arm by year, at central values (InputError for a package that there is not)."""
    from abm.levers import neutral
    from machi.policy.package import read_packages
    from machi.policy.portfolio import LeverPaths, levers_by_year
    from machi.policy.priors import central
    from machi.policy.shared import read_shared

    if run_time not in ("sustained", "plan"):
        raise InputError(f"run_time: there is no `{run_time}`; write `sustained` or `plan`.")
    years = ground.end - ground.start
    found = {REFERENCE: LeverPaths(neutral(years), np.zeros(years))}
    policies = {arm: strengths for arm, strengths in arms.items() if arm != REFERENCE}
    if not policies:
        return found
    folder = ground.places.package_dir(str(ground.town_dir))
    packages, shared = read_packages(folder), read_shared(folder.parent / "shared.toml")
    keys = [package.key for package in packages]
    for strengths in policies.values():
        for key in strengths:
            if key not in keys:
                raise InputError(f"packages: there is no package `{key}`; {suggestion(str(key), keys)}")
    theta = central(packages, shared)
    for arm, strengths in policies.items():
        found[arm] = levers_by_year(packages, strengths, theta, run_time, ground.start, ground.end)
    return found
