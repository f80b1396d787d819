"""An experiment as a TOML file states it: which question, on which town, with how many runs."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator

from abm.errors import InputError
from abm.reading.forms import Record, Text, read_form
from abm.reading.toml_lines import line_of
from machi.places import suggestion
from machi.policy.portfolio import RunTime
from machi.questions.sections import (
    DESIGNS,
    Ablation,
    Alone,
    Efast,
    Factorial,
    FractionalFactorial,
    GivenData,
    Grid,
    LeaveOneOut,
    Morris,
    Predictive,
    Scenarios,
    Sobol,
    Structure,
)

DesignName = Literal[
    "alone", "predictive", "morris", "sobol", "leave_one_out", "factorial", "fraction", "grid", "efast", "given_data",
    "structure", "ablation", "scenarios",
]  # fmt: skip
RANKED = ("alone", "predictive", "morris", "sobol")  # the designs that a ranking and its page are made of
LARGEST = 5_000_000  # bytes: no experiment comes near it (an assumption)
OF_FRACTION = 12  # packages that the 2^(12-4) fraction holds (machi.questions.fraction.GENERATORS)


def _number(value: object) -> object:
    """Quick overrides are numbers, so that they cannot change what is asked."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"`quick` holds numbers only, not {value!r}; write a number")
    return value


class Experiment(Record):
    """One question: a town in a scenario, its packages, a horizon, and the designs that answer it.

    `run_time` is the one that the headline ranking speaks of. Each design may be left out, not all of them; a ranking
    with its page needs `alone`, `predictive`, `morris` and `sobol`. `quick` overrides numbers of designs and nothing
    else.
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
    alone: Alone | None = None
    predictive: Predictive | None = None
    morris: Morris | None = None
    sobol: Sobol | None = None
    leave_one_out: LeaveOneOut | None = None
    factorial: Factorial | None = None
    fraction: FractionalFactorial | None = None
    grid: Grid | None = None
    efast: Efast | None = None
    given_data: GivenData | None = None
    structure: Structure | None = None
    ablation: Ablation | None = None
    scenarios: Scenarios | None = None
    quick: dict[DesignName, dict[str, Annotated[Any, AfterValidator(_number)]]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        if self.end <= self.start:
            raise ValueError(f"`end` is {self.end}; give a year after `start`, {self.start}")
        if len(set(self.packages)) < len(self.packages):
            raise ValueError("`packages` names one package twice; name each once")
        if self.alone is not None and self.run_time not in self.alone.run_times:
            raise ValueError(f"`alone.run_times` must hold the headline's run_time, `{self.run_time}`")
        if all(getattr(self, design) is None for design in DESIGNS):
            raise ValueError(f"no design is asked for; add one or more of {', '.join(f'[{name}]' for name in DESIGNS)}")
        self._fit_for_portfolios()
        self._fit_for_scenarios()
        for design in self.quick:
            if getattr(self, design) is None:
                raise ValueError(f"`quick.{design}` changes a design that is not asked for; add [{design}] or leave it")
        return self

    def _fit_for_portfolios(self) -> None:
        """Refuse portfolios of more packages than there are, or than the fraction holds (ValueError)."""
        for name in ("factorial", "fraction"):
            asked = getattr(self, name)
            if asked is not None and asked.packages is not None and asked.packages > len(self.packages):
                raise ValueError(f"`{name}.packages` is {asked.packages}; there are {len(self.packages)}, give no more")
        if self.fraction is not None and self.combined(self.fraction) > OF_FRACTION:
            raise ValueError(
                f"`fraction` holds {OF_FRACTION} packages or fewer, not {self.combined(self.fraction)}; "
                f"write `packages = {OF_FRACTION}` there, or ask for [factorial]"
            )

    def _fit_for_scenarios(self) -> None:
        """Refuse a scenario that is the experiment's own, and portfolios of other packages (ValueError)."""
        asked = self.scenarios
        if asked is None:
            return
        if self.scenario in asked.also:
            raise ValueError(f"`scenarios.also` holds `{self.scenario}`, which is always run; name others")
        if self.run_time not in asked.run_times:
            raise ValueError(f"`scenarios.run_times` must hold the headline's run_time, `{self.run_time}`")
        asked.combined(self.packages)

    def combined(self, design: Factorial | FractionalFactorial) -> int:
        """How many packages the portfolios of a design are formed of."""
        return len(self.packages) if design.packages is None else design.packages

    @property
    def is_ranked(self) -> bool:
        """Whether all is asked that a ranking and its page need."""
        return all(getattr(self, design) is not None for design in RANKED)

    def fractions(self) -> list[float]:
        """Every fraction at which the town is founded once for all runs, the largest first.

        Draws of structure and the ablation found towns of their own.
        """
        names = [name for name in DESIGNS if name not in ("structure", "ablation")]
        designs = [getattr(self, name) for name in names]
        return sorted({design.fraction for design in designs if design is not None}, reverse=True)

    def resolved(self, quick: bool) -> "Experiment":
        """The experiment as it will be run: with its quick numbers or without them, and no `quick` left."""
        table = self.model_dump(by_alias=True)
        overrides = table.pop("quick")
        for design, numbers in overrides.items() if quick else ():
            table[design] |= numbers
        return Experiment.model_validate(table)


def read_experiment(path: Path) -> Experiment:
    """Read an experiment's TOML, its quick numbers included; InputError names the file and the field."""
    if path.is_file() and path.stat().st_size > LARGEST:
        raise InputError(f"{path}: the file has over {LARGEST // 1_000_000} MB; an experiment fits on a screen.")
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
        line = line_of(path.read_text(encoding="utf-8"), ("quick", *first["loc"]))
        raise InputError(f"{path}, line {line}: {where}: {first['msg']}; correct it.{_near_field(error)}") from error
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
