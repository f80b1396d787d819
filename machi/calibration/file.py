"""`calibration.toml` in a town's folder: factors on its reference arm, with their uncertainty and their origin."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from abm.errors import InputError
from abm.levels.calibrated import FACTORS, LEAST, MOST
from abm.reading.forms import Record, Text, read_form
from machi.calibration.fit import CONFIDENCE, Fit
from machi.places import suggestion
from machi.runs.groundwork import Ground
from machi.store import make_folder, written

FILE = "calibration.toml"


class FactorRecord(Record):
    """A factor, its 90 % interval and the standard error of its logarithm."""

    value: Annotated[float, Field(ge=LEAST, le=MOST)]
    low: Annotated[float, Field(gt=0.0)]
    high: Annotated[float, Field(gt=0.0)]
    log_error: Annotated[float, Field(ge=0.0)]


class MomentRecord(Record):
    """A moment per 1,000 residents (a year): as counted, and as simulated without and with the factors."""

    observed: float
    number: float
    before: float
    after: float
    dispersion: float
    source: Text


class CalibrationRecord(Record):
    """What was calibrated on what; factors serve this scenario on this basis only."""

    schema_: Literal[1] = Field(alias="schema")
    town: Text
    scenario: Text
    basis: Literal["census", "register"]
    start: int
    years: Annotated[int, Field(ge=1)]
    fraction: Annotated[float, Field(gt=0.0, le=1.0)]
    replications: Annotated[int, Field(ge=3)]
    seed: Annotated[int, Field(ge=1)]
    factor: dict[str, FactorRecord]
    moment: dict[str, MomentRecord]


def as_toml(fit: Fit, ground: Ground, years: int, fraction: float, seeds: Sequence[int]) -> str:
    """The text of the file."""
    names = {factor.key: factor for factor in FACTORS}
    lines = [
        "# Factors on the reference arm, written by `machi calibrate`; they act only where --calibrated is asked for.",
        f"# low and high: {CONFIDENCE:.0%} interval, from the spread of counts and of replications.",
        "schema = 1", f'town = "{ground.town.key}"', f'scenario = "{ground.scenario_path.stem}"',
        f'basis = "{ground.basis}"', f"start = {ground.start}", f"years = {years}", f"fraction = {float(fraction)!r}",
        f"replications = {len(seeds)}", f"seed = {seeds[0]}",
    ]  # fmt: skip
    for one in fit.factors:
        lines += [
            "", f"[factor.{one.key}]   # {names[one.key].en} / {names[one.key].ja}", f"value = {one.value:.4f}",
            f"low = {one.low:.4f}", f"high = {one.high:.4f}", f"log_error = {one.error:.4f}",
        ]  # fmt: skip
    for met in fit.moments:
        seen = met.observed
        lines += [
            "", f"[moment.{seen.moment.key}]   # {seen.moment.en}, per 1,000 residents / {seen.moment.ja}、人口千対",
            f"observed = {1000 * seen.rate:.4f}", f"number = {seen.number:.1f}", f"before = {1000 * met.before:.4f}",
            f"after = {1000 * met.after:.4f}", f"dispersion = {met.dispersion:.3f}", f'source = "{seen.source}"',
        ]  # fmt: skip
    return "\n".join(lines) + "\n"


def save(path: Path, text: str) -> None:
    """Write the file; it takes its name only when it is whole (InputError where it cannot be written)."""
    make_folder(path.parent)
    with written(path) as part:
        part.write_text(text, encoding="utf-8", newline="\n")


def own_file(ground: Ground) -> Path:
    """Where a town's calibration stands; InputError for a town outside the workspace, which is not ours to change."""
    folder = ground.town_dir.resolve()
    if not folder.is_relative_to(ground.places.workspace.resolve()):
        raise InputError(f"--write: {folder} is no town of this workspace; copy it to towns/ first, or use --out.")
    return folder / FILE


def factors_of(ground: Ground) -> dict[str, float]:
    """The calibrated factors of a town, by name.

    Raises InputError where there is no such file, where it cannot be used, or where it speaks of another scenario,
    basis or town.
    """
    path = ground.town_dir / FILE
    if not path.is_file():
        raise InputError(f"{path}: there is no calibration yet; `machi calibrate {ground.town.key} --write` makes one.")
    record = read_form(path, CalibrationRecord)
    names = [factor.key for factor in FACTORS]
    for key in record.factor:
        if key not in names:
            raise InputError(f"{path}: factor.{key}: there is no such factor; {suggestion(key, names)}")
    asked = {"town": ground.town.key, "scenario": ground.scenario_path.stem, "basis": ground.basis}
    for name, wanted in asked.items():
        if getattr(record, name) != wanted:
            raise InputError(f"{path}: {name} is {getattr(record, name)}, not {wanted}; calibrate anew with --write.")
    return {key: one.value for key, one in record.factor.items()}
