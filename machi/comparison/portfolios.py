"""Portfolios of one town side by side, out of the stored table of every portfolio."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from abm.errors import InputError
from machi.analysis.frontier import pareto_front
from machi.comparison.asked import LETTERS, PER_COST
from machi.comparison.drawing import Picture, Span, span
from machi.comparison.page import LANGS, Edition, Figure, Points, Section, Tabled
from machi.comparison.pairing import Difference
from machi.comparison.speech import KINDS, Voice, all_words, whole
from machi.comparison.story import lines
from machi.places import Places, suggestion
from machi.portfolio_table.currency import outdated
from machi.portfolio_table.file import COST, PREFIX, SUMS, PortfolioTable, read
from machi.portfolio_table.spread import half_apart
from machi.report.numerals import tens, two_digits
from machi.report.tables import YEN, Cell, Table, figure

OF_DATA = ("town", "policies")  # a table made of other figures or packages than those that stand here answers nothing
ALL, NONE = "all", "none"


class Chosen(NamedTuple):
    """Portfolios of one town, as bit masks of the table's packages, and the table that tells of them."""

    table: PortfolioTable
    names: tuple[str, str]  # of the town, Japanese and English
    scenario: tuple[str, str]
    masks: list[int]
    stale: bool  # made by another version of the model

    def portfolio(self, mask: int, voice: Voice) -> str:
        """A portfolio's packages."""
        keys = [key for bit, key in enumerate(self.table.header.packages) if mask >> bit & 1]
        if len(keys) == len(self.table.header.packages):
            return voice.say("all", count=len(keys))
        return "+".join(keys) or str(voice.words["none"])

    def value(self, column: str, mask: int) -> float:
        """What a portfolio adds."""
        return float(self.table.columns[column][mask])

    def half(self, column: str, masks: Sequence[int]) -> float:
        """About half of the 90 % range of chance in a portfolio's difference from none, or in that of two portfolios.

        Exactly zero for the same portfolio, and NaN where the table does not tell.
        """
        return half_apart(self.table, column, *masks)


def read_chosen(places: Places, names: Sequence[str]) -> Chosen:
    """The portfolios that are named as TOWN:P03+P06 (InputError for what the stored table does not answer)."""
    towns = {name.partition(":")[0] for name in names}
    if len(towns) != 1:
        raise InputError(f"compare: portfolios of {' and '.join(sorted(towns))}; give those of one town.")
    town = places.town_dir(towns.pop()).name
    path = places.portfolio_table(town)
    if path is None:
        raise InputError(f"policies/{town}: there is no table of every portfolio; make it with `machi portfolios`.")
    table = read(path)
    header = table.header
    if header.town != town:
        raise InputError(f"{path}: the table is of {header.town}, not of {town}; put it into its own town's folder.")
    ground, manifest = _here(places, table)
    other = outdated(header, manifest)
    named = [part for part in OF_DATA if part in other]
    if named:
        raise InputError(
            f"{path}: the table is stale, it was made of another {' and '.join(named)}; "
            f"`machi run {header.result}` and `machi portfolios {header.result} --write` make it again."
        )
    masks = [_mask(name, header.packages) for name in names]
    return Chosen(table, *ground, masks, "code" in other)


def _here(places: Places, table: PortfolioTable) -> tuple[tuple[tuple[str, str], tuple[str, str]], dict[str, object]]:
    """Names of town and scenario, and what a result made here and now would say of itself."""
    from machi.runs.groundwork import read_ground
    from machi.runs.runkey import simulating_code
    from machi.store import fingerprint

    header = table.header
    ground = read_ground(places, header.town, header.scenario, header.basis, header.start, header.end)
    folder = places.package_dir(header.town)
    packages = [*(folder / f"{key}.toml" for key in header.packages), folder.parent / "shared.toml"]
    there = all(path.is_file() for path in packages)
    return ((ground.town.name_ja, ground.town.name_en), (ground.scenario.name_ja, ground.scenario.name_en)), {
        "town": {"key": header.town},
        "fingerprints": {"town": ground.fingerprint, "policies": fingerprint(packages) if there else ""},
        "scenario": header.scenario, "basis": header.basis, "start": header.start, "end": header.end,
        "config": {"run_time": header.run_time}, "simulator": {"code": simulating_code()},
        "packages": [{"key": key} for key in header.packages],
    }  # fmt: skip


def _mask(name: str, packages: Sequence[str]) -> int:
    text = name.partition(":")[2].strip()
    if text in (ALL, NONE):
        return (1 << len(packages)) - 1 if text == ALL else 0
    mask = 0
    for key in text.split("+"):
        if key.strip() not in packages:
            raise InputError(f"{name}: the table has no package `{key}`; {suggestion(key, packages)}")
        mask |= 1 << list(packages).index(key.strip())
    return mask


def edit(chosen: Chosen, lang: str) -> Edition:
    """Everything that the page says in one language."""
    voice, header = Voice(lang, all_words("portfolios.toml")[lang]), chosen.table.header
    names = [
        voice.say("named", letter=letter, portfolio=chosen.portfolio(mask, voice))
        for letter, mask in zip(LETTERS, chosen.masks, strict=False)
    ]
    place = LANGS.index(lang)
    return Edition(
        lang=lang,
        other=LANGS[1 - place],
        words=voice.words,
        title=voice.say("title", town=chosen.names[place]),
        subtitle=voice.say("subtitle", start=header.start, end=header.end, scenario=chosen.scenario[place],
                           run_time=voice.words[header.run_time], names=voice.listed(names)),
        headline=_headline(chosen, voice),
        sections=[_cautions(chosen, voice), _pictured(chosen, voice, names), _tabled(chosen, voice),
                  _front(chosen, voice, names)],
    )  # fmt: skip


def _headline(chosen: Chosen, voice: Voice) -> list[str]:
    header, first = chosen.table.header, LETTERS[0]
    column = f"{PREFIX}{header.end}"
    share = voice.speech.percent(header.fraction)
    said = [voice.say("headline_lead", seeds=len(header.seeds), share=share)]
    for letter, mask in zip(LETTERS, chosen.masks, strict=False):
        filled = {"portfolio": chosen.portfolio(mask, voice), "cost": whole(chosen.value(COST, mask))}
        value = tens(chosen.value(column, mask))
        said.append(voice.say("headline_one", letter=letter, end=header.end, value=value, **filled))
    for letter, mask in zip(LETTERS[1:], chosen.masks[1:], strict=False):
        apart = difference(chosen, column, mask)
        interval = voice.speech.range(apart.low, apart.high, tens)
        key = "headline_same" if mask == chosen.masks[0] else "headline_apart"
        said.append(voice.say(key, a=first, b=letter, value=tens(apart.value), interval=interval))
    return said


def difference(chosen: Chosen, column: str, mask: int) -> Difference:
    """A portfolio less the first, with its range of chance."""
    value = chosen.value(column, mask) - chosen.value(column, chosen.masks[0])
    half = chosen.half(column, (chosen.masks[0], mask))
    return Difference(value, value - half, value + half, True)


def _cautions(chosen: Chosen, voice: Voice) -> Section:
    header = chosen.table.header
    known = header.chance.get(f"{PREFIX}{header.end}") is not None
    keys = ["caution_code"] if chosen.stale else []
    keys += ["caution_range" if known else "caution_no_range", "caution_evidence", "caution_dose"]
    return Section(
        voice.words["cautions_title"], [Points([voice.say(key, result=header.result) for key in keys])], True
    )


def _pictured(chosen: Chosen, voice: Voice, names: Sequence[str]) -> Section:
    """The effects by year, and the later ones less the first."""
    first = LETTERS[0]
    own = [_by_year(chosen, [mask]) for mask in chosen.masks]
    apart = [_by_year(chosen, [chosen.masks[0], mask]) for mask in chosen.masks[1:]]
    pictures = [
        lines(own, voice.words["alt"], whole, voice.words["picture_heading"]),
        lines(apart, voice.say("alt_apart", a=first), whole, voice.say("picture_apart", a=first), later=True),
    ]
    legend = list(zip(KINDS, names, strict=False))
    shown = Figure(pictures, voice.say("caption", a=first), legend, voice.words["figure_note"])
    return Section(voice.words["picture_title"], [shown])


def _by_year(chosen: Chosen, masks: Sequence[int]) -> pd.DataFrame:
    """A portfolio's difference from none, or that of the second of two from the first, by year."""
    rows = []
    for year in chosen.table.years:
        column = f"{PREFIX}{year}"
        value = chosen.value(column, masks[-1]) - (chosen.value(column, masks[0]) if len(masks) > 1 else 0.0)
        half = chosen.half(column, masks)
        rows.append((year, value, value - half, value + half))
    return pd.DataFrame(rows, columns=["year", "value", "low", "high"])


def _tabled(chosen: Chosen, voice: Voice) -> Section:
    return Section(voice.words["table_title"], [Tabled(figures_table(chosen, voice))])


def figures_table(chosen: Chosen, voice: Voice) -> Table:
    """Every figure of the stored table for the portfolios that are compared."""
    header = chosen.table.header
    years = {"start": header.start, "end": header.end}
    rows = []
    for column in [*(f"{PREFIX}{year}" for year in chosen.table.years if year > header.start), *SUMS, COST]:
        stock = column.startswith(PREFIX)
        name = voice.say("row_population" if stock else f"row_{column}", year=column[len(PREFIX) :], **years)
        money = Voice(voice.lang, voice.words, whole) if column == COST else voice
        cells = []
        for mask in chosen.masks:
            value, half = chosen.value(column, mask), chosen.half(column, [mask])
            cells.append(money.cell(Difference(value, *_around(value, half), True)))
        apart = [difference(chosen, column, mask) for mask in chosen.masks[1:]]
        cells += [money.cell(_without_range(one) if column == COST else one) for one in apart]
        rows.append((Cell(name, heading=True), *cells))
    rows.append(_efficiency(chosen, voice, years))
    heads = [voice.say("column_apart", a=LETTERS[0], b=letter) for letter in LETTERS[1 : len(chosen.masks)]]
    columns = (voice.words["column_item"], *LETTERS[: len(chosen.masks)], *heads)
    return Table("portfolios", voice.words["table"], columns, tuple(rows))


def _around(value: float, half: float) -> tuple[float, float]:
    """A range; none where nothing varies."""
    return (value - half, value + half) if half > 0 else (math.nan, math.nan)


def _without_range(one: Difference) -> Difference:
    return one._replace(low=math.nan, high=math.nan)


def _efficiency(chosen: Chosen, voice: Voice, years: dict[str, int]) -> tuple[Cell, ...]:
    """People at the horizon per 100 million yen; no difference, which would be of no use to anybody."""
    cells = []
    for mask in chosen.masks:
        cost = chosen.value(COST, mask)
        people = chosen.value(f"{PREFIX}{chosen.table.header.end}", mask)
        cells.append(figure(PER_COST * people / cost if cost > 0 else math.nan, two_digits))
    return (Cell(voice.say("row_efficiency", **years), heading=True), *cells, *(Cell("—") for _ in chosen.masks[1:]))


def _front(chosen: Chosen, voice: Voice, names: Sequence[str]) -> Section:
    """Every portfolio as a speck, the front, and the compared ones among them."""
    header = chosen.table.header
    column = f"{PREFIX}{header.end}"
    cost, people = (np.asarray(chosen.table.columns[name], dtype=np.float64) for name in (COST, column))
    front = [int(mask) for mask in pareto_front(cost, people)]
    across = span([0.0, float(cost.max()) / YEN], whole)
    axes = (Span(0.0, across.high, whole, voice.words["front_across"]),
            span([float(p) for p in people], whole, voice.words["front_up"]))  # fmt: skip
    picture = Picture(voice.words["front_alt"], *axes)
    specks = "".join(f"M{picture.x(c / YEN):g} {picture.y(p):g}h0" for c, p in zip(cost, people, strict=True))
    picture.add("path", "specks", d=specks)
    steps = [(picture.x(cost[mask] / YEN), picture.y(people[mask])) for mask in front]
    picture.add(
        "path", "front", d="".join(f"H{x:g}V{y:g}" if at else f"M{x:g} {y:g}" for at, (x, y) in enumerate(steps))
    )
    said = []
    for kind, letter, mask in zip(KINDS, LETTERS, chosen.masks, strict=False):
        picture.dot(cost[mask] / YEN, people[mask], kind, 6)
        best = max((one for one in front if cost[one] <= cost[mask]), key=lambda one: people[one])
        more = float(people[best] - people[mask])
        half = chosen.half(column, (mask, best))
        within = voice.words["front_chance"] if math.isfinite(half) and more <= half else ""
        filled = {"better": chosen.portfolio(best, voice), "more": two_digits(more), "chance": within}
        key = "front_on" if mask in front else "front_same" if more <= 0 else "front_off"
        said.append(voice.say(key, letter=letter, **filled))
    count = f"{len(cost):,d}"
    legend = list(zip(KINDS, names, strict=False))
    caption = voice.say("front_caption", count=count, end=header.end)
    shown = Figure([picture.drawn()], caption, legend, voice.words["front_note"], dotted=True)
    return Section(voice.say("front_title", count=count), [Points(said), shown])
