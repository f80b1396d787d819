"""The page of towns side by side in one language: small pictures on one scale, and tables."""

import math
from collections.abc import Sequence

from machi.comparison.drawing import HEIGHT, Drawn, Picture, Span, span
from machi.comparison.page import LANGS, Edition, Figure, Part, Points, Section, Tabled, Text
from machi.comparison.speech import KINDS, Voice, all_words, one_decimal, plain, signed_decimals, whole
from machi.comparison.story import lines, year_marks
from machi.comparison.towns import BROAD_AGES, EVENTS, GROUPS, Course, TownFigures, Towns
from machi.report.findings import grade_counts
from machi.report.numerals import hundreds, two_digits
from machi.report.tables import Cell, Table, figure

PAST, AHEAD, WISHED = "past", "s0", "s2"  # how the censuses, the reference case and the vision are drawn
AGES = 5 * GROUPS
PYRAMID = 300  # height


def edit(towns: Towns, lang: str) -> Edition:
    """Everything that the page says in one language."""
    voice = Voice(lang, all_words("towns.toml")[lang], signed_decimals)
    names = voice.listed([name(town, voice) for town in towns.towns])
    return Edition(
        lang=lang,
        other=LANGS[1 - LANGS.index(lang)],
        words=voice.words,
        title=voice.say("title", towns=names),
        subtitle=voice.say("subtitle", base=towns.base_year, end=towns.end),
        headline=[_headline(towns, town, voice) for town in towns.towns],
        sections=[
            Section(voice.words["cautions_title"], [Points(voice.words["cautions"])], boxed=True),
            _population(towns, voice),
            _rates(towns, voice),
            _ages(towns, voice),
            _brought(towns, voice),
        ],
    )


def name(town: TownFigures, voice: Voice) -> str:
    """A town's name."""
    return town.names[LANGS.index(voice.lang)]


def _headline(towns: Towns, town: TownFigures, voice: Voice) -> str:
    vision = voice.words["headline_no_vision"]
    if town.vision is not None:
        vision = voice.say("headline_vision", index=one_decimal(town.indexed(town.vision.total(towns.end))))
    index = one_decimal(town.indexed(town.reference.total(towns.end)))
    return voice.say("headline", town=name(town, voice), base=towns.base_year, end=towns.end, index=index,
                     vision=vision)  # fmt: skip


def _population(towns: Towns, voice: Voice) -> Section:
    """Censuses, reference case and vision as an index, one panel a town."""
    years = [*(year for town in towns.towns for year in town.censuses), towns.end]
    values = [
        town.indexed(people)
        for town in towns.towns
        for people in (*town.censuses.values(), *(one for course in _courses(town) for one in _totals(course)))
    ]
    across, up = Span(min(years), max(years), plain), span(values, plain)
    marks = [year for year in year_marks(years) if year % 20 == 0 or year == min(years)]
    pictures = []
    for town in towns.towns:
        label = voice.say("population_alt", town=name(town, voice), base=towns.base_year)
        picture = Picture(label, across, up, marks=marks)
        picture.line(list(town.censuses), [town.indexed(people) for people in town.censuses.values()], PAST)
        for year, people in town.censuses.items():
            picture.dot(year, town.indexed(people), PAST, 2.4)
        for kind, course in ((WISHED, town.vision), (AHEAD, town.reference)):
            if course is not None:
                picture.line(course.years, [town.indexed(people) for people in _totals(course)], kind)
        pictures.append(picture.drawn(name(town, voice)))
    legend = [(PAST, voice.words["history_name"]), (AHEAD, voice.words["reference"]), (WISHED, voice.words["vision"])]
    caption = voice.say("population_caption", base=towns.base_year)
    return Section(voice.words["population_title"], [
        Figure(pictures, caption, legend, voice.words["population_note"]), Tabled(population_table(towns, voice)),
    ])  # fmt: skip


def _courses(town: TownFigures) -> list[Course]:
    return [course for course in (town.reference, town.vision) if course is not None]


def _totals(course: Course) -> list[float]:
    return [float(people.sum()) for people in course.people]


def population_table(towns: Towns, voice: Voice) -> Table:
    """The first common census, the base year, and both courses at the end, with their indices."""
    shared = set.intersection(*(set(town.censuses) for town in towns.towns))
    years = sorted({min(shared), towns.base_year})
    place = LANGS.index(voice.lang)
    rows = []
    for town in towns.towns:
        ahead = town.reference.total(towns.end)
        wished = town.vision.total(towns.end) if town.vision is not None else math.nan
        cells = [figure(town.censuses[year], whole) for year in years]
        for people in (ahead, wished):
            cells += [figure(people, hundreds), figure(town.indexed(people), one_decimal)]
        rows.append((Cell(name(town, voice), heading=True), *cells, Cell(town.reference.names[place])))
    index = voice.words["column_index"]
    columns = (
        voice.words["column_town"], *(voice.say("column_census", year=year) for year in years),
        voice.say("column_reference", year=towns.end), index, voice.say("column_vision", year=towns.end), index,
        voice.words["column_scenario"],
    )  # fmt: skip
    return Table("towns", voice.say("population_table", base=towns.base_year), columns, tuple(rows))


def _rates(towns: Towns, voice: Voice) -> Section:
    """Births, deaths and net moves per 1,000 residents, one panel a town."""
    years = [towns.end] + [year for town in towns.towns for event in EVENTS for year in town.register[event]["year"]]
    years += [town.reference.start for town in towns.towns]
    values = [value for town in towns.towns for event in EVENTS
              for value in (*town.register[event]["value"], *town.reference.rates(event))]  # fmt: skip
    across, up = Span(min(years), max(years), plain), span(values, plain)
    pictures = []
    for town in towns.towns:
        label = voice.say("rates_alt", town=name(town, voice))
        picture = Picture(
            label, across, up, marks=[year for year in range(2000, towns.end + 1, 10) if year > min(years)]
        )
        for kind, event in zip(KINDS, EVENTS, strict=False):
            for year, value in town.register[event][["year", "value"]].itertuples(index=False):
                picture.dot(year, value, kind, 2.4)
            ahead = town.reference
            picture.line([year + 0.5 for year in ahead.years[:-1]], list(ahead.rates(event)), kind)
        pictures.append(picture.drawn(name(town, voice)))
    legend = [(kind, voice.words[event]) for kind, event in zip(KINDS, EVENTS, strict=False)]
    return Section(voice.words["rates_title"], [
        Figure(pictures, voice.words["rates_caption"], legend, voice.words["rates_note"]),
        Tabled(rates_table(towns, voice)),
    ])  # fmt: skip


def rates_table(towns: Towns, voice: Voice) -> Table:
    """The newest observed year, and the first and last of the reference case."""
    newest = max((int(town.register[event]["year"].max()) for town in towns.towns for event in EVENTS
                  if len(town.register[event])), default=towns.base_year)  # fmt: skip
    rows = []
    for town in towns.towns:
        cells = []
        for event in EVENTS:
            known = town.register[event]
            observed = known.loc[known["year"].astype(int) == newest, "value"]
            cells.append(figure(float(observed.iloc[0]) if len(observed) else math.nan, one_decimal))
            cells.append(figure(float(town.reference.rates(event)[-1]), one_decimal))
        rows.append((Cell(name(town, voice), heading=True), *cells))
    columns = [voice.words["column_town"]]
    for event in EVENTS:
        columns.append(voice.say("column_observed", event=voice.words[event], year=newest))
        columns.append(voice.say("column_projected", event=voice.words[event], year=towns.end - 1))
    return Table("rates", voice.words["rates_table"], tuple(columns), tuple(rows))


def _ages(towns: Towns, voice: Voice) -> Section:
    """Stepped pyramids of the reference case at its start and its end, one panel a town."""
    most = max(float(town.reference.groups(year).max()) for town in towns.towns
               for year in (town.reference.start, towns.end))  # fmt: skip
    pictures = [_pyramid(towns, town, most, voice) for town in towns.towns]
    note = voice.say("ages_note", end=towns.end)
    return Section(voice.words["ages_title"], [
        Figure(pictures, voice.words["ages_caption"], (), note), Tabled(ages_table(towns, voice)),
    ])  # fmt: skip


def _pyramid(towns: Towns, town: TownFigures, most: float, voice: Voice) -> Drawn:
    course = town.reference
    across = Span(-most * 1.05, most * 1.05, lambda value: plain(abs(value)))
    label = voice.say("ages_alt", town=name(town, voice), end=towns.end, start=course.start)
    picture = Picture(label, across, Span(0, AGES, plain), height=max(HEIGHT, PYRAMID))
    for year, filled in ((towns.end, True), (course.start, False)):
        for sign, kind, people in zip((-1, 1), KINDS, course.groups(year), strict=False):
            corners = [(0.0, 0.0)]
            for group, count in enumerate(people):
                corners += [(sign * float(count), 5.0 * group), (sign * float(count), 5.0 * (group + 1))]
            corners.append((0.0, float(AGES)))
            points = " ".join(f"{picture.x(x):g},{picture.y(y):g}" for x, y in corners)
            picture.add("polygon", f"steps {kind}" if filled else "outline", points=points)
    return picture.drawn(name(town, voice))


def ages_table(towns: Towns, voice: Voice) -> Table:
    """Shares of the broad ages at the start and at the end of the reference case."""
    first = max(town.reference.start for town in towns.towns)
    rows = []
    for town in towns.towns:
        both = zip(town.reference.shares(first), town.reference.shares(towns.end), strict=True)
        cells = [Cell(voice.speech.percent(share), value=share) for pair in both for share in pair]
        rows.append((Cell(name(town, voice), heading=True), *cells))
    columns = [voice.words["column_town"]]
    for low, high in BROAD_AGES:
        key = "ages_open" if high == BROAD_AGES[-1][1] else "ages_group"
        columns += [voice.say(key, low=low, high=high, year=year) for year in (first, towns.end)]
    return Table("ages", voice.words["ages_table"], tuple(columns), tuple(rows))


def _brought(towns: Towns, voice: Voice) -> Section:
    """What all packages bring where a result was given."""
    title = voice.words["brought_title"]
    shown = [town for town in towns.towns if town.key in towns.brought]
    if not shown:
        return Section(title, [Text(voice.words["brought_none"])])
    courses = [towns.brought[town.key].course for town in shown]
    parts: list[Part] = [Tabled(brought_table(towns, shown, voice))]
    if len(courses) <= len(KINDS):
        picture = lines(courses, voice.words["brought_alt"], plain, "")
        legend = [(kind, name(town, voice)) for kind, town in zip(KINDS, shown, strict=False)]
        parts.insert(0, Figure([picture], voice.words["brought_caption"], legend, voice.words["brought_note"]))
    return Section(title, parts)


def brought_table(towns: Towns, shown: Sequence[TownFigures], voice: Voice) -> Table:
    """Effect and cost per resident, and on what they rest."""
    rows = []
    for town in shown:
        one = towns.brought[town.key]
        manifest = one.asked.manifest
        low, high = one.per_cost.low, one.per_cost.high
        interval = f"[{voice.speech.range(low, high, two_digits)}]" if math.isfinite(low) else ""
        grades = voice.listed([f"{grade} {count}" for grade, count in grade_counts(manifest).items() if count])
        trial = voice.words["quick"] if manifest.quick else ""
        rows.append((
            Cell(f"{name(town, voice)}{trial}", heading=True), voice.cell(one.effect),
            figure(one.per_cost.value, two_digits, interval), figure(one.yen, whole), Cell(str(manifest.end)),
            Cell(str(len(manifest.packages))), Cell(grades), Cell(voice.words[one.run_time]),
        ))  # fmt: skip
    names = ("town", "effect", "per_cost", "yen", "end", "packages", "grades", "run_time")
    columns = tuple(voice.say(f"column_{name}", year=towns.year) for name in names)
    return Table("brought", voice.words["brought_table"], columns, tuple(rows))
