"""The sections of an experiment's file, one for each design that can be asked for."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from abm.reading.forms import Record, Text
from machi.policy.portfolio import RunTime
from machi.policy.priors import Prior

HARMONICS = 4  # of eFAST, as in Saltelli et al. 1999
MOST_SCENARIOS = 10  # beside the experiment's own: what is kept of each must be there when all are run; by choice

Count = Annotated[int, Field(ge=1)]
Several = Annotated[int, Field(ge=2)]
Fraction = Annotated[float, Field(gt=0.0, le=1.0)]


class Alone(Record):
    """Each package alone, none and all together, at central values and paired by seed."""

    replications: Several
    fraction: Fraction
    run_times: Annotated[tuple[RunTime, ...], Field(strict=False, min_length=1)]


class Predictive(Record):
    """The same arms under joint draws of what is uncertain; replications measure the noise within a draw.

    With `rates`, births, deaths and moves of the reference arm are drawn as well, alike in every arm of a draw.
    """

    draws: Several
    replications: Several
    fraction: Fraction
    prior: Prior
    rates: bool


class Morris(Record):
    """One-at-a-time trajectories over strengths (Morris 1991), repeated over common seeds."""

    trajectories: Several
    levels: Several
    fraction: Fraction
    seeds: Count

    @model_validator(mode="after")
    def _even(self) -> Self:
        if self.levels % 2:
            raise ValueError("`levels` must be even, so that strengths are drawn evenly; write 4")
        return self


class Sobol(Record):
    """Saltelli's design over strengths; two seeds or more, so that noise cancels in cross-seed products."""

    n: Several
    fraction: Fraction
    seeds: Several

    @model_validator(mode="after")
    def _power_of_two(self) -> Self:
        if self.n & (self.n - 1):
            raise ValueError("`n` must be a power of two, as Sobol's sequence needs; write 32 or 64")
        return self


class LeaveOneOut(Record):
    """All packages together, and all but one, at central values and paired by seed."""

    replications: Several
    fraction: Fraction


class Factorial(Record):
    """Every portfolio that the first `packages` (default: all) can form, each in it or not, under common seeds."""

    seeds: Count
    fraction: Fraction
    packages: Count | None = None


class FractionalFactorial(Record):
    """A part of these portfolios that tells main effects and pairs apart: 256 of 4,096 for twelve packages.

    Up to eight packages it holds every portfolio. Two seeds or more, so that effects have intervals.
    """

    seeds: Several
    fraction: Fraction
    packages: Count | None = None


class Grid(Record):
    """One package at a time at `levels` strengths from 0 to 1, the others off, paired by seed."""

    levels: Several
    replications: Several
    fraction: Fraction


class Efast(Record):
    """Saltelli's extended Fourier amplitude sensitivity test over strengths: `n` portfolios for each package."""

    n: Several
    fraction: Fraction
    seeds: Count

    @model_validator(mode="after")
    def _enough(self) -> Self:
        least = 4 * HARMONICS**2 + 1
        if self.n < least:
            raise ValueError(f"`n` must be {least} or more for {HARMONICS} harmonics; write {least}")
        return self


class GivenData(Record):
    """A Latin hypercube over strengths, for measures that look at whole distributions (PAWN, delta)."""

    n: Several
    fraction: Fraction
    seeds: Count


class Structure(Record):
    """The arms under draws of the town's structural parameters, each draw founded and aligned anew at the fraction.

    Effect sizes stay central, so that structure alone varies, or are drawn as well.
    """

    draws: Several
    seeds: Several
    fraction: Fraction
    effects: Literal["central", "drawn"]


class Ablation(Record):
    """The arms in the full model and without market, network and vacancies, both aligned anew at the fraction."""

    replications: Several
    fraction: Fraction


class Scenarios(Record):
    """The arms in other scenarios of the town too: none, each package, all, all but one, and named `portfolios`.

    The experiment's own scenario is always among them. At central values under `replications` common seeds, for each of
    `run_times`; with `draws` also under so many joint draws of what is uncertain, one seed each, at the headline's
    run-time; with `rates` births, deaths and moves of each scenario are drawn as well. A portfolio is written P03+P06.
    """

    also: Annotated[tuple[Text, ...], Field(strict=False, min_length=1, max_length=MOST_SCENARIOS)]
    run_times: Annotated[tuple[RunTime, ...], Field(strict=False, min_length=1)]
    replications: Several
    fraction: Fraction
    portfolios: Annotated[tuple[Text, ...], Field(strict=False)] = ()
    draws: Annotated[int, Field(ge=0)] = 0
    prior: Prior = "evidence"
    rates: bool = True

    @model_validator(mode="after")
    def _once(self) -> Self:
        for name in ("also", "run_times", "portfolios"):
            listed = getattr(self, name)
            if len(set(listed)) < len(listed):
                raise ValueError(f"`{name}` names one twice; name each once")
        return self

    def combined(self, packages: tuple[str, ...]) -> dict[str, frozenset[str]]:
        """The packages of each named portfolio, by its name (ValueError for one that cannot be formed)."""
        found: dict[str, frozenset[str]] = {}
        for name in self.portfolios:
            keys = [key.strip() for key in name.split("+")]
            unknown = [key for key in keys if key not in packages]
            if unknown:
                raise ValueError(
                    f"`scenarios.portfolios`: `{name}` names `{unknown[0]}`; combine {', '.join(packages)} with +"
                )
            if len(keys) < 2 or len(set(keys)) < len(keys):
                raise ValueError(f"`scenarios.portfolios`: `{name}` must combine two or more packages, each once")
            if frozenset(keys) in found.values():
                raise ValueError(f"`scenarios.portfolios`: `{name}` is there twice; name each portfolio once")
            found[name] = frozenset(keys)
        return found


DESIGNS: dict[str, type[Record]] = {
    "alone": Alone,
    "predictive": Predictive,
    "morris": Morris,
    "sobol": Sobol,
    "leave_one_out": LeaveOneOut,
    "factorial": Factorial,
    "fraction": FractionalFactorial,
    "grid": Grid,
    "efast": Efast,
    "given_data": GivenData,
    "structure": Structure,
    "ablation": Ablation,
    "scenarios": Scenarios,
}
