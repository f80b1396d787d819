"""What we do not know, drawn: effect sizes, costs and shared parameters, one joint draw (`Theta`) at a time.

Draw i depends on the seed and on i only, and each package, measure and parameter has a stream of its own
(keyed by its name), so that neither the number of draws nor the presence of other packages changes a value.
"""

import math
import zlib
from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

import numpy as np

from abm.errors import InputError
from abm.levers import Kind
from machi.policy.package import Cost, Effect, Package, effect_id
from machi.policy.portfolio import Theta
from machi.policy.shared import Priors, Shared, SharedParameter, check_shared

Prior = Literal["evidence", "equal_width"]

Z_95 = 1.6448536269514722  # standard normal quantile: low and high stand at 5 % and 95 %


class _Chance(NamedTuple):
    """What one draw gives a measure: a normal (larger = works better) and a uniform for its null spike."""

    normal: float
    uniform: float


def split_normal(normal: float, low: float, central: float, high: float, kind: Kind) -> float:
    """The split-normal value: 5/50/95 % at low/central/high (on the log for multipliers)."""
    if kind == "multiplier":
        return math.exp(split_normal(normal, math.log(low), math.log(central), math.log(high), "amount"))
    side = high - central if normal > 0.0 else central - low
    return central + side * normal / Z_95


def equal_width(normal: float, central: float, kind: Kind, priors: Priors) -> float:
    """Central x a uniform factor of the range in shared.toml (on the log for multipliers)."""
    uniform = 0.5 * (1.0 + math.erf(normal / math.sqrt(2.0)))
    factor = priors.equal_width_low + (priors.equal_width_high - priors.equal_width_low) * uniform
    return math.exp(factor * math.log(central)) if kind == "multiplier" else factor * central


def central(packages: Sequence[Package], shared: Shared) -> Theta:
    """Everything at its central value, nothing spiked, costs at the geometric mean of their range."""
    check_shared(packages, shared)
    effects = {
        effect_id(package, measure, effect): effect.central
        for package in packages
        for measure in package.measures
        for effect in measure.effects
        if _drawn(effect)
    }
    cost = {package.key: package.cost_million_yen_per_year.centre for package in packages}
    parameters = {parameter.key: parameter.central for parameter in shared.parameters if parameter.modelled}
    return Theta(None, effects, frozenset(), cost, parameters, shared)


def draw_thetas(
    packages: Sequence[Package], shared: Shared, n: int, seed: int, prior: Prior = "evidence"
) -> list[Theta]:
    """n joint draws; `prior` is `evidence` (split-normal, null spike) or `equal_width` (else InputError)."""
    check_shared(packages, shared)
    if prior not in get_args(Prior):
        raise InputError(f"priors: the prior is `{prior}`; write {' or '.join(get_args(Prior))}.")
    if n < 0 or seed < 0:
        raise InputError(f"priors: {n} draws with seed {seed} were asked for; neither may be negative.")
    return [_theta(packages, shared, number, seed, prior) for number in range(n)]


def _theta(packages: Sequence[Package], shared: Shared, number: int, seed: int, prior: Prior) -> Theta:
    effects: dict[str, float] = {}
    spiked: set[str] = set()
    cost: dict[str, float] = {}
    weight = shared.priors.measure_correlation
    for package in packages:
        common = _stream(seed, number, f"package:{package.key}").standard_normal()
        for measure in package.measures:
            name = f"{package.key}/{measure.key}"
            stream = _stream(seed, number, f"measure:{name}")
            own = stream.standard_normal()
            chance = _Chance(math.sqrt(weight) * common + math.sqrt(1.0 - weight) * own, stream.random())
            if prior == "evidence" and chance.uniform < shared.priors.null_spike.of(measure.worst_grade):
                spiked.add(name)
            for effect in filter(_drawn, measure.effects):
                effects[effect_id(package, measure, effect)] = _effect(effect, chance, prior, shared.priors)
        cost[package.key] = _cost(package.cost_million_yen_per_year, _normal(seed, number, f"cost:{package.key}"))
    parameters = {
        parameter.key: _parameter(parameter, _normal(seed, number, f"shared:{parameter.key}"), prior, shared.priors)
        for parameter in shared.parameters
        if parameter.modelled
    }
    return Theta(number, effects, frozenset(spiked), cost, parameters, shared)


def _stream(seed: int, number: int, role: str) -> np.random.Generator:
    """The generator of one role in one draw."""
    sequence = np.random.SeedSequence(seed, spawn_key=(number, zlib.crc32(role.encode("utf-8"))))
    return np.random.Generator(np.random.PCG64(sequence))


def _normal(seed: int, number: int, role: str) -> float:
    return float(_stream(seed, number, role).standard_normal())


def _drawn(effect: Effect) -> bool:
    """Whether a row has a value of its own (shared parameters are drawn once, not row by row)."""
    return effect.modelled and effect.shared is None


def _effect(effect: Effect, chance: _Chance, prior: Prior, priors: Priors) -> float:
    """One row's value, clipped to its lever's bounds; a row that works downwards turns the normal round."""
    lever = effect.moved
    if prior == "equal_width":
        value = equal_width(chance.normal, effect.central, lever.kind, priors)
    else:
        normal = chance.normal if effect.direction == "+" else -chance.normal
        value = split_normal(normal, effect.low, effect.central, effect.high, lever.kind)
    return min(max(value, lever.low), lever.high)


def _parameter(parameter: SharedParameter, normal: float, prior: Prior, priors: Priors) -> float:
    """One shared parameter's value, clipped to its own bounds."""
    if prior == "equal_width":
        value = equal_width(normal, parameter.central, parameter.kind, priors)
    else:
        value = split_normal(normal, parameter.low, parameter.central, parameter.high, parameter.kind)
    return min(max(value, parameter.bound_low), parameter.bound_high)


def _cost(cost: Cost, normal: float) -> float:
    """A lognormal cost: 5/50/95 % at low, geometric mean, high."""
    return split_normal(normal, cost.low, cost.centre, cost.high, "multiplier")
