"""One measure of a new package: a row of evidence taken over as it stands, or figures of one's own with a source."""

import re
import tomllib
from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

from pydantic import ValidationError

from abm.errors import InputError
from abm.levers import LEVER_INDEX, LEVERS, Lever
from abm.reading.forms import Record, Text
from machi.drafting.evidence import Evidence
from machi.places import suggestion
from machi.policy.package import CitationStatus, Grade
from machi.policy.shared import Shared

ASSUMED_SOURCE = "assumed"  # what is answered where there is no source
EXPERT = "expert assumption"
OF_REFERENCE = "iwaki"  # the town of which the shared `reference_population` is, and of which its own amounts speak
MISSING = ("low", "central", "high")
COMMENT = "comment"  # a field of a measure's table that becomes a comment line above it
DIGITS = 4  # of a scaled dose
# Units of doses that no town's size changes; what is counted a year is counted in the town.
RELATIVE = re.compile(r"\bper\b(?! year\b)|/(?!yr\b)|%|\b(coverage|shares?|hours?)\b", re.IGNORECASE)
Table = dict[str, Any]


class Asked(Record):
    """What is said of a measure; what is left out comes from the evidence taken over, or is assumed and marked so."""

    lever: Text
    evidence: Text | None = None
    key: Text | None = None
    name_ja: Text | None = None
    name_en: Text | None = None
    dose: float | None = None
    dose_of_evidence: float | None = None
    dose_unit: Text | None = None
    coverage: float | None = None
    target: Text | None = None
    target_share: float | None = None
    low: float | None = None
    central: float | None = None
    high: float | None = None
    grade: Grade | None = None
    source: Text | None = None
    source_status: CitationStatus | None = None
    lag_years: int | None = None
    ramp_years: int | None = None
    fade_years: int | None = None
    tempo_share: Text | None = None
    main: Literal[True, False] = True


class Surroundings(NamedTuple):
    """What a measure is written into: the town, its residents, what packages share, and the defaults."""

    town: str
    residents: float
    shared: Shared
    defaults: dict[str, Table]
    residents_of: Callable[[str], float]  # another town's residents


def read_asked(text: str) -> Asked:
    """A measure written as the inside of a TOML table, `lever = "uturn", evidence = "..."` (InputError otherwise)."""
    inside = text.strip().removeprefix("{").removesuffix("}")
    try:
        return Asked.model_validate(tomllib.loads(f"measure = {{{inside}}}")["measure"])
    except tomllib.TOMLDecodeError as error:
        raise InputError(f'this is not TOML ({error}); write it like lever = "uturn", central = 1.03.') from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        raise InputError(f"{where}: {first['msg']}; the fields are {', '.join(Asked.model_fields)}.") from error


def measure_table(asked: Asked, evidence: Sequence[Evidence], around: Surroundings) -> tuple[Table, Table]:
    """The fields of [[measure]] and of its [[measure.effect]], as a package's file has them (InputError if unsound)."""
    parameters = [one.key for one in around.shared.parameters]
    if asked.tempo_share is not None and asked.tempo_share not in parameters:
        raise InputError(f"tempo_share: there is no `{asked.tempo_share}`; {suggestion(asked.tempo_share, parameters)}")
    if asked.evidence is not None:
        row = next((one for one in evidence if one.key == asked.evidence), None)
        if row is None:
            raise InputError(
                f"evidence: no row `{asked.evidence}` moves {asked.lever}; see `machi levers {asked.lever}`."
            )
        return _taken_over(asked, row, around)
    return _own(asked, around)


def _named(asked: Asked, key: str, ja: str, en: str) -> Table:
    return {"key": asked.key or key, "name_ja": asked.name_ja or ja, "name_en": asked.name_en or asked.name_ja or en}


def _taken_over(asked: Asked, row: Evidence, around: Surroundings) -> tuple[Table, Table]:
    """The row with its figures, grade and source untouched; dose and coverage may be one's own."""
    mine = [name for name in (*MISSING, "grade", "source", "target") if getattr(asked, name) is not None]
    if mine:
        raise InputError(f"{mine[0]}: it comes with the evidence {row.key}; leave one of them out.")
    measure, effect = row.measure, row.effect
    reference = around.shared.combination.reference_population
    amount_lent = effect.kind == "amount" and row.town != around.town
    of_another = amount_lent and row.town != OF_REFERENCE and measure.dose_of_evidence != reference
    if of_another and (asked.dose is None or asked.dose_of_evidence is None):
        raise InputError(
            f"dose_of_evidence: the amounts of {row.key} speak of {row.town}; give its residents as dose_of_evidence, "
            "and your town's as dose."
        )
    buys, comment = _buys(row, around)
    head = _named(asked, measure.key, measure.name_ja, measure.name_en)
    fields = _dosed(asked, head, buys, measure.coverage)
    told = [name for name in ("dose", "dose_of_evidence") if getattr(asked, name) is None]
    if comment and told:
        fields[COMMENT] = f"{' and '.join(told)}: {comment}"
        if "dose_of_evidence" in told and buys["dose_of_evidence"] != measure.dose_of_evidence and not amount_lent:
            fields["assumed"] = [*fields["assumed"], "dose_of_evidence"]
    tempo = asked.tempo_share or measure.tempo_share
    if tempo is not None:
        fields["tempo_share"] = tempo
    taken = effect.model_dump(exclude_defaults=True, exclude={"main", "note", "assumed"})
    said = f"Evidence of {row.key}, figures and grade untouched."
    taken |= {
        "note": f"{effect.note.rstrip('.')}. {said}" if effect.note else said,
        "main": asked.main,
        "assumed": list(effect.assumed),
    }
    for name in ("lag_years", "ramp_years", "fade_years", "target_share"):
        if getattr(asked, name) is not None:
            taken[name] = getattr(asked, name)
            taken["assumed"] = [one for one in taken["assumed"] if one != name]
    return fields, taken


def _buys(row: Evidence, around: Surroundings) -> tuple[Table, str]:
    """What strength 1 buys in the town of a row from another, and in words what was scaled by which residents.

    Amounts speak of a town of the reference's size, so that residents are their dose. The effect of an absolute dose
    (places, couples a year) on a rate depends on how many share it: dose and evidence's dose go with residents, so that
    the same effort a head has the same effect.
    """
    measure, reference = row.measure, around.shared.combination.reference_population
    own = {"dose": measure.dose, "dose_of_evidence": measure.dose_of_evidence, "dose_unit": measure.dose_unit}
    if row.town == around.town:
        return own, ""
    here = f"{around.residents:,.0f} residents of {around.town}"
    if row.effect.kind == "amount":
        unit = "residents: the amounts of the evidence speak of a town of this size"
        said = f"the {here} against {reference:,.0f}, of which the amounts of {row.town} speak; costs are not scaled"
        return {"dose": around.residents, "dose_of_evidence": reference, "dose_unit": unit}, said
    if not _is_absolute(row):
        return own, ""
    there = reference if row.town == OF_REFERENCE else around.residents_of(row.town)
    size = around.residents / there
    scaled = {"dose": _rounded(measure.dose * size), "dose_of_evidence": _rounded(measure.dose_of_evidence * size)}
    said = (
        f"{row.town}'s {measure.dose:g} and {measure.dose_of_evidence:g} {measure.dose_unit} x "
        f"{around.residents:,.0f} / {there:,.0f} residents, "
        "for as many do more in a smaller town; write your own dose where you know it"
    )
    return own | scaled, said


def _is_absolute(row: Evidence) -> bool:
    """Whether the dose counts things of its town; one of one, a rate, a share or hours speak of every town alike."""
    measure = row.measure
    plain = measure.dose == measure.dose_of_evidence == 1.0
    return not (plain or is_relative(measure.dose_unit))


def is_relative(unit: str) -> bool:
    """Whether a dose's unit speaks of a head, a share or an intensity, so that no town's size changes it."""
    return RELATIVE.search(unit) is not None


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


def _own(asked: Asked, around: Surroundings) -> tuple[Table, Table]:
    """Figures of one's own: with a source, or as an expert assumption of grade D."""
    lever = LEVERS[LEVER_INDEX[asked.lever]]
    values = [getattr(asked, name) for name in MISSING]
    for name, value in zip(MISSING, values, strict=True):
        if value is None:
            raise InputError(f"{name}: there is none; give low, central and high, or evidence.")
        check_figure(lever, value)
    if values != sorted(values):
        raise InputError("low, central, high: they must not decrease; put them in order.")
    sourced = asked.source is not None and asked.source != ASSUMED_SOURCE
    grade = asked.grade or "D"
    if not sourced and grade != "D":
        raise InputError(f"grade: {grade} needs a source; name it, or write grade D.")
    unit = "multiplier at full coverage" if lever.kind == "multiplier" else unit_of(lever)
    head = _named(asked, lever.key, lever.meaning_ja, lever.meaning_en)
    buys = {"dose": 1.0, "dose_of_evidence": 1.0, "dose_unit": "the measure as the package's cost buys it"}
    fields = _dosed(asked, head, buys, around.defaults["reach"]["coverage"])
    if asked.tempo_share is not None:
        fields |= {"tempo_share": asked.tempo_share, "assumed": [*fields["assumed"], "tempo_share"]}
    known = {**around.defaults["timing"], "target_share": around.defaults["reach"]["target_share"]}
    given = {name: getattr(asked, name) for name in known if getattr(asked, name) is not None}
    assumed = [name for name in known if name not in given]
    row = {
        "lever": lever.key, "target": asked.target or lever.meaning_en, **dict(zip(MISSING, values, strict=True)),
        "unit": unit, "direction": "-" if values[1] < lever.neutral else "+", "grade": grade,
        "citation": asked.source if sourced else EXPERT,
        "citation_status": (asked.source_status or "unverified") if sourced else EXPERT,
        **known, **given, "modelled": True, "main": asked.main, "moves": lever.key,
        "assumed": [*([] if sourced else MISSING), *assumed],
    }  # fmt: skip
    return fields, row


def unit_of(lever: Lever) -> str:
    """The unit of a figure as a package states it: slots are new ones a year."""
    return "jobs/yr" if lever.key.startswith("slots_") else lever.unit


def check_figure(lever: Lever, value: float) -> None:
    """InputError where a figure lies outside what its lever can be."""
    if not lever.low <= value <= lever.high:
        raise InputError(
            f"{lever.key}: {value:g} is outside {lever.low:g} to {lever.high:g} ({lever.unit}; {lever.neutral:g} does "
            "nothing); give a number within."
        )


def _dosed(asked: Asked, head: Table, buys: Table, coverage: float) -> Table:
    """Head, dose and coverage of a measure; what was not said is marked as assumed."""
    chosen = {**buys, "coverage": coverage}
    said = {name: getattr(asked, name) for name in chosen if getattr(asked, name) is not None}
    assumed = [name for name in ("dose", "coverage") if name not in said]
    return {**head, **chosen, **said, "assumed": assumed}
