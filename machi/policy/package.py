"""A policy package as data: its measures, the levers they move, what they cost and how well that is known."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import Field, model_validator

from abm.errors import InputError
from abm.levers import LEVER_INDEX, LEVERS, Kind, Lever
from abm.reading.forms import Record, Text, Words, read_form

Grade = Literal["A", "B", "C", "D"]
CitationStatus = Literal["read", "abstract or press", "from memory", "unverified", "expert assumption"]
Share = Annotated[float, Field(gt=0.0, le=1.0)]
Years = Annotated[int, Field(ge=0)]


class Effect(Record):
    """One row of evidence: a published size, and the lever that it moves (or why it moves none)."""

    lever: Text
    target: Text
    low: float
    central: float
    high: float
    unit: Text
    direction: Literal["+", "-"]
    grade: Grade
    citation: Text
    citation_status: CitationStatus
    lag_years: Years
    ramp_years: Annotated[int, Field(ge=1)]
    fade_years: Years
    target_share: Share
    modelled: bool
    main: bool = False
    alternative: bool = False
    moves: str | None = None
    shared: str | None = None
    times: Words = ()
    spill_to: str | None = None
    spill_share: str | None = None
    reason: str = ""
    note: str = ""

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        check_order(self.low, self.central, self.high)
        if not self.modelled:
            if not self.reason:
                raise ValueError("a row that is not modelled needs a `reason`")
            return self
        if self.alternative:
            raise ValueError("an alternative row is not added; set `modelled = false` and give a `reason`")
        if (self.moves is None) == (self.shared is None):
            raise ValueError("a modelled row needs either `moves` (a lever) or `shared` (a shared parameter)")
        for name in (self.moves, self.spill_to):
            if name is not None and name not in LEVER_INDEX:
                raise ValueError(f"there is no lever `{name}`; `machi levers` lists them")
        if self.moves is not None and self.kind == "multiplier" and self.low <= 0.0:
            raise ValueError("a multiplier must be above 0; write 1.02 for two percent more")
        if (self.spill_to is None) != (self.spill_share is None):
            raise ValueError("`spill_to` and `spill_share` go together")
        if self.spill_to is not None and not (self.flows and self.spill_to.startswith("slots_")):
            raise ValueError("`spill_to` goes from one slots lever to another")
        return self

    @property
    def moved(self) -> Lever:
        """The lever that the row moves (only where `moves` is given)."""
        return LEVERS[LEVER_INDEX[str(self.moves)]]

    @property
    def kind(self) -> Kind:
        """How strength acts on the row."""
        return self.moved.kind

    @property
    def flows(self) -> bool:
        """Whether the row is a flow of new slots a year, which add up to a stock."""
        return str(self.moves).startswith("slots_")


class Measure(Record):
    """A named part of a package: its dose at strength 1, how many it reaches, and its rows of evidence."""

    key: Text
    name_ja: Text
    name_en: Text
    dose: Annotated[float, Field(gt=0.0)]
    dose_of_evidence: Annotated[float, Field(gt=0.0)]
    dose_unit: Text
    coverage: Share
    effects: tuple[Effect, ...] = Field(alias="effect", min_length=1, strict=False)
    tempo_share: str | None = None
    note: str = ""

    @model_validator(mode="after")
    def _rows_differ(self) -> Self:
        check_unique("lever", [effect.lever for effect in self.effects])
        return self

    @property
    def dose_scale(self) -> float:
        """What strength 1 buys, in units of the dose that the evidence speaks of."""
        return self.dose / self.dose_of_evidence

    @property
    def worst_grade(self) -> Grade:
        """The worst grade among the rows that move a lever (all rows where none does)."""
        moving = [effect.grade for effect in self.effects if effect.modelled and effect.moves]
        return max(moving or [effect.grade for effect in self.effects])


class BareMeasure(Record):
    """A measure that the strategy names and that no evidence gives a size for: listed, never given an effect."""

    key: Text
    name_ja: Text
    name_en: Text
    reason: Text


class Cost(Record):
    """What strength 1 costs, in million yen a year, as a range and what it was built from."""

    low: Annotated[float, Field(gt=0.0)]
    high: float
    basis: Text
    status: CitationStatus

    @model_validator(mode="after")
    def _ranged(self) -> Self:
        check_order(self.low, self.low, self.high)
        return self

    @property
    def centre(self) -> float:
        """The geometric mean of the range."""
        return float((self.low * self.high) ** 0.5)


class RunTimes(Record):
    """When the measures start, and when they stop where a package is run as `plan` and not `sustained`."""

    first_year: int
    plan_last_year: int

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.plan_last_year < self.first_year:
            raise ValueError("`plan_last_year` is before `first_year`")
        return self


class Package(Record):
    """One of a town's policy packages."""

    key: Text
    name_ja: Text
    name_en: Text
    goal_ja: Text
    kpi_ja: Text
    kpi_to_lever: Text
    grade: Grade
    cost_million_yen_per_year: Cost
    run_times: RunTimes
    measures: tuple[Measure, ...] = Field(alias="measure", min_length=1, strict=False)
    bare_measures: tuple[BareMeasure, ...] = Field(alias="measure_without_evidence", default=(), strict=False)

    @model_validator(mode="after")
    def _graded(self) -> Self:
        check_unique("measure", [*(one.key for one in self.measures), *(one.key for one in self.bare_measures)])
        main = [effect.grade for measure in self.measures for effect in measure.effects if effect.main]
        if not main:
            raise ValueError("no row is marked `main = true`; mark those that carry the effect")
        if self.grade != max(main):
            raise ValueError(f"`grade` is {self.grade}, but the worst grade of the main rows is {max(main)}")
        return self


def check_order(low: float, central: float, high: float) -> None:
    """Refuse a range whose low, central and high values decrease (ValueError)."""
    if not low <= central <= high:
        raise ValueError(f"low {low:g}, central {central:g} and high {high:g} must not decrease")


def check_unique(what: str, keys: Sequence[str]) -> None:
    """Refuse a list in which one key stands twice (ValueError)."""
    for key in keys:
        if keys.count(key) > 1:
            raise ValueError(f"the {what} `{key}` stands there twice")


def effect_id(package: Package, measure: Measure, effect: Effect) -> str:
    """The name of one row of evidence: package/measure/lever."""
    return f"{package.key}/{measure.key}/{effect.lever}"


def read_package(path: Path) -> Package:
    """Read one package's TOML; its key must be the file's name (InputError otherwise)."""
    package = read_form(path, Package)
    if package.key != path.stem:
        raise InputError(f"{path}: key is `{package.key}`; give it the file's name, `{path.stem}`.")
    return package


def read_packages(folder: Path) -> tuple[Package, ...]:
    """Read every TOML file of a town's folder of packages, sorted by key."""
    paths = sorted(folder.glob("*.toml")) if folder.is_dir() else []
    if not paths:
        raise InputError(f"{folder}: there is no package (*.toml) here; name a folder of packages.")
    return tuple(read_package(path) for path in paths)


class PackageLine(NamedTuple):
    """One line of the table of packages; a measure in brackets has no evidence."""

    key: str
    name_ja: str
    name_en: str
    grade: str
    measures: tuple[str, ...]
    cost_low: float
    cost_centre: float
    cost_high: float
    rows_modelled: int
    rows_not_modelled: int


def package_table(packages: Sequence[Package]) -> list[PackageLine]:
    """What each package is, costs (million yen a year) and how many of its rows the model carries."""
    lines = []
    for package in packages:
        rows = [effect.modelled for measure in package.measures for effect in measure.effects]
        cost = package.cost_million_yen_per_year
        keys = (*(one.key for one in package.measures), *(f"({one.key})" for one in package.bare_measures))
        named = (package.key, package.name_ja, package.name_en, package.grade)
        lines.append(PackageLine(*named, keys, cost.low, cost.centre, cost.high, sum(rows), len(rows) - sum(rows)))
    return lines


class AssumedField(NamedTuple):
    """A value that no evidence gives: where it stands and what was taken."""

    package: str
    measure: str
    row: str
    field: str
    value: object


def assumed_fields(packages: Sequence[Package]) -> list[AssumedField]:
    """Every field that a package marks as assumed, with its value (no row for a measure's own field)."""
    found = []
    for package in packages:
        for measure in package.measures:
            for name in measure.assumed:
                found.append(AssumedField(package.key, measure.key, "", name, getattr(measure, name)))
            for effect in measure.effects:
                for name in effect.assumed:
                    found.append(AssumedField(package.key, measure.key, effect.lever, name, getattr(effect, name)))
    return found
