"""An experiment as a TOML file states it: which question, on which town, with how many runs."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator

from abm.errors import InputError
from abm.forms import Record, Text, read_form
from machi.places import suggestion
from machi.portfolio import RunTime
from machi.priors import Prior

DesignName = Literal["alone", "predictive", "morris", "sobol", "structure", "ablation"]

Count = Annotated[int, Field(ge=1)]
Several = Annotated[int, Field(ge=2)]
Fraction = Annotated[float, Field(gt=0.0, le=1.0)]


def _number(value: object) -> object:
    """Quick overrides are numbers, so that they cannot change what is asked."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"`quick` holds numbers only, not {value!r}; write a number")
    return value


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


DESIGNS: dict[str, type[Record]] = {
    "alone": Alone,
    "predictive": Predictive,
    "morris": Morris,
    "sobol": Sobol,
    "structure": Structure,
    "ablation": Ablation,
}


class Experiment(Record):
    """One question: a town in a scenario, its packages, a horizon, and the designs that answer it.

    `run_time` is the one that the headline ranking speaks of. `structure` and `ablation` may be left out. `quick`
    overrides numbers of designs and nothing else.
    """

    schema_: Literal[1] = Field(alias="schema")
    title_en: Text
    title_ja: Text
    town: Text
    basis: Literal["census", "register"]
    scenario: Text
    packages: Annotated[tuple[Text, ...], Field(strict=False, min_length=1)]
    start: int
    end: int
    run_time: RunTime
    seed: Annotated[int, Field(ge=1, lt=2**31)]
    alone: Alone
    predictive: Predictive
    morris: Morris
    sobol: Sobol
    structure: Structure | None = None
    ablation: Ablation | None = None
    quick: dict[DesignName, dict[str, Annotated[Any, AfterValidator(_number)]]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        if self.end <= self.start:
            raise ValueError(f"`end` is {self.end}; give a year after `start`, {self.start}")
        if len(set(self.packages)) < len(self.packages):
            raise ValueError("`packages` names one package twice; name each once")
        if self.run_time not in self.alone.run_times:
            raise ValueError(f"`alone.run_times` must hold the headline's run_time, `{self.run_time}`")
        for design in self.quick:
            if getattr(self, design) is None:
                raise ValueError(f"`quick.{design}` changes a design that is not asked for; add [{design}] or leave it")
        return self

    def fractions(self) -> list[float]:
        """Every fraction at which the town is founded once for all runs, the largest first.

        Draws of structure and the ablation found towns of their own.
        """
        designs = (self.alone, self.predictive, self.morris, self.sobol)
        return sorted({design.fraction for design in designs}, reverse=True)

    def resolved(self, quick: bool) -> "Experiment":
        """The experiment as it will be run: with its quick numbers or without them, and no `quick` left."""
        table = self.model_dump(by_alias=True)
        overrides = table.pop("quick")
        for design, numbers in overrides.items() if quick else ():
            table[design] |= numbers
        return Experiment.model_validate(table)


def read_experiment(path: Path) -> Experiment:
    """Read an experiment's TOML, its quick numbers included; InputError names the file and the field."""
    try:
        experiment = read_form(path, Experiment)
    except InputError as error:
        cause = error.__cause__
        near = _near_field(cause) if isinstance(cause, ValidationError) else ""
        raise InputError(f"{error}{near}") from error
    try:
        experiment.resolved(quick=True)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(["quick", *(str(step) for step in first["loc"])])
        raise InputError(f"{path}: {where}: {first['msg']}; correct it.{_near_field(error)}") from error
    return experiment


def _near_field(error: ValidationError) -> str:
    """For the first field that does not exist: which one is near, or which there are (else an empty text)."""
    unknown = [each["loc"] for each in error.errors() if each["type"] == "extra_forbidden"]
    if not unknown:
        return ""
    *above, name = unknown[0]
    form = DESIGNS.get(str(above[0]), Experiment) if above else Experiment
    known = [field.alias or key for key, field in form.model_fields.items() if key != "assumed"]
    return f" For `{name}` {suggestion(str(name), known)}"
