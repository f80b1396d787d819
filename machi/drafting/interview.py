"""The measures of a new package, asked for one after another: lever, evidence or own figures, dose."""

from collections.abc import Sequence

from abm.errors import InputError
from abm.levers import LEVER_INDEX, LEVERS
from machi.drafting.answers import (
    Answers,
    one_of,
    read_number,
    read_positive,
    read_text,
)
from machi.drafting.evidence import Evidence, distinct, evidence_on, movable, show_evidence
from machi.drafting.measure import (
    ASSUMED_SOURCE,
    Asked,
    Surroundings,
    Table,
    check_figure,
    measure_table,
    read_asked,
    unit_of,
)
from machi.listings import show_levers
from machi.places import Places

OWN, NONE = "own", "none"
GRADES = ("A", "B", "C", "D")
STATUSES = ("read", "abstract or press", "from memory", "unverified")
TIMED = ("childbirth", "marriage", "matchmaking")  # levers whose effect may be a shift in time; how their names begin


def measures_of(
    answers: Answers, places: Places, given: Sequence[str], around: Surroundings
) -> list[tuple[Table, Table]]:
    """The measures that options give, else those that the reader answers (InputError where one is unsound)."""
    if given:
        return [_given(places, number, text, around) for number, text in enumerate(given, start=1)]
    if answers.defaults_only:
        raise InputError('--measure: a package needs one; give --measure \'lever = "uturn", evidence = "..."\'.')
    found: list[tuple[Table, Table]] = []
    while not found or answers.more("more_measures"):
        asked, evidence = _asked(answers, places, len(found) + 1, around)
        try:
            found.append(measure_table(asked, evidence, around))
        except InputError as error:
            answers.screen.side.print(str(error), markup=False)
    return found


def _given(places: Places, number: int, text: str, around: Surroundings) -> tuple[Table, Table]:
    try:
        asked = read_asked(text)
        one_of(lever.key for lever in movable(around.shared))(asked.lever)
        return measure_table(asked, evidence_on(places, asked.lever, around.town), around)
    except InputError as error:
        raise InputError(f"--measure {number}: {error}") from error


def _asked(answers: Answers, places: Places, number: int, around: Surroundings) -> tuple[Asked, list[Evidence]]:
    """One measure in the reader's own answers, and the evidence that there is on its lever."""
    option = f"--measure {number}"
    answers.say("measure_intro", number=number)
    levers = movable(around.shared)
    if number == 1:
        show_levers(answers.screen, levers)
    lever = answers.ask(option, None, "lever", one_of(one.key for one in levers))
    rows = evidence_on(places, lever, around.town)
    chosen = _chosen_row(answers, option, lever, distinct(rows))
    ja, en = (chosen.measure.name_ja, chosen.measure.name_en) if chosen else (None, None)
    name_ja = answers.ask(option, None, "name_ja", read_text, ja)
    said: Table = {
        "lever": lever, "name_ja": name_ja, "name_en": answers.ask(option, None, "name_en", read_text, en or name_ja),
    }  # fmt: skip
    if chosen is None:
        return Asked(**said, **_figures(answers, option, lever), **_timing(answers, option, lever, around)), rows
    fields, _ = measure_table(Asked(lever=lever, evidence=chosen.key), rows, around)
    told = {"of_evidence": f"{fields['dose_of_evidence']:g}", "unit": fields["dose_unit"]}
    dose = answers.ask(option, None, "dose", read_positive, f"{fields['dose']:g}", **told)
    if dose != fields["dose"]:
        said["dose"] = dose
    return Asked(**said, evidence=chosen.key), rows


def _chosen_row(answers: Answers, option: str, lever: str, rows: list[Evidence]) -> Evidence | None:
    """The row that the reader takes over, None for figures of one's own."""
    if not rows:
        answers.say("no_evidence", lever=lever)
        return None
    answers.say("evidence_intro", lever=lever)
    show_evidence(answers.screen, rows)
    numbers = [str(number) for number in range(1, len(rows) + 1)]
    picked = answers.ask(option, None, "evidence", one_of([*numbers, OWN, *(row.key for row in rows)]), numbers[0])
    if picked == OWN:
        return None
    return next(row for number, row in zip(numbers, rows, strict=True) if picked in (number, row.key))


def _figures(answers: Answers, option: str, key: str) -> Table:
    """Low, central, high, source and grade of one's own figures; without a source the grade is D."""
    lever = LEVERS[LEVER_INDEX[key]]

    def read(text: str) -> float:
        value = read_number(text)
        check_figure(lever, value)
        return value

    told = {"lever": key, "unit": unit_of(lever), "neutral": f"{lever.neutral:g}"}
    figures: Table = {name: answers.ask(option, None, name, read, **told) for name in ("low", "central", "high")}
    source = answers.ask(option, None, "source", read_text, ASSUMED_SOURCE)
    if source == ASSUMED_SOURCE:
        return figures
    return {
        **figures, "source": source,
        "source_status": answers.ask(option, None, "source_status", one_of(STATUSES), STATUSES[-1]),
        "grade": answers.ask(option, None, "grade", one_of(GRADES), GRADES[-1]),
    }  # fmt: skip


def _timing(answers: Answers, option: str, lever: str, around: Surroundings) -> Table:
    """Which shared parameter says what part of a birth's or a marriage's effect is only timing, if one does."""
    if not lever.startswith(TIMED):
        return {}
    known = [one.key for one in around.shared.parameters if one.key.startswith("tempo_share")]
    picked = answers.ask(option, None, "tempo", one_of([*known, NONE]), NONE, known=", ".join(known))
    return {} if picked == NONE else {"tempo_share": picked}
