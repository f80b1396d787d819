"""Checks of work in a simulated reference arm: what the founding, surveys and the model's own bounds say it must be."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from abm.decisions.employment import leaves_work
from abm.draws import Decision, uniforms
from abm.founding.found import Founding
from abm.levels.reference import Reference
from abm.levers import LEVER_INDEX, neutral
from abm.living_town import Town
from abm.people.population import FEMALE, MALE, NONREGULAR, OUT_COMMUTER, REGULAR, SELF_EMPLOYED, UNEMPLOYED, Population
from abm.simulation import FixedPlan, begin
from abm.year import live_a_year
from machi.validation.check import Check

Array = NDArray[np.float64]
WORK = "work"
SLOTS, JOB_YEARS = 1300.0, 10  # the job check: so many lasting slots in Iwaki, looked at after so many years
# Of eight seeds, the effect of twice the slots has a standard error of 5 %, of 32 one of 2.5.
SLOT_SEEDS = tuple(range(1, 33))
JOB_RESIDENTS = 350_237.0  # of the town that these slots are for; other towns get slots in proportion
LATER = 10  # years after which the labour market must still look as founded
FOUNDED, SURVEY, RANGE = "founded town", "employment status survey 2017, Fukushima", "assumed"


class Workforce(NamedTuple):
    """Shares (per cent) in a town on one date."""

    unemployed: float
    vacant: float
    women: float
    men: float
    regular: float
    self_employed: float
    outward: float
    inward: float


def workforce(town: Town) -> Workforce:
    """What the residents of a town do, and how many of its slots are vacant or filled from outside."""
    persons, rows = town.population.persons, town.population.residents
    work, age, sex = persons.work[rows], persons.age[rows], persons.sex[rows]
    employed = work >= NONREGULAR
    prime = (age >= 25) & (age < 45)
    young_men = (sex == MALE) & (age >= 20) & (age < 40) & employed
    filled = np.count_nonzero(employed & (persons.workplace[rows] == 0)) / town.fraction
    inward, vacant = town.labour.in_commuters.sum(), np.maximum(town.labour.vacancies, 0.0).sum()
    slots = filled + inward + vacant
    return Workforce(
        100 * np.count_nonzero(work == UNEMPLOYED) / np.count_nonzero(work >= UNEMPLOYED),
        100 * vacant / slots,
        100 * float(employed[prime & (sex == FEMALE)].mean()),
        100 * float(employed[prime & (sex == MALE)].mean()),
        100 * float((work[young_men] != NONREGULAR).mean()),
        100 * float((work[employed] == SELF_EMPLOYED).mean()),
        100 * float((persons.workplace[rows][employed] == OUT_COMMUTER).mean()),
        100 * inward / slots,
    )


def turnover(town: Town, plan: FixedPlan) -> tuple[float, float]:
    """Per cent of the employed who change jobs and who leave work in the coming year, by the year's own rules."""
    people: Population = town.population
    persons, rows = people.persons, people.residents
    rows = rows[persons.work[rows] >= NONREGULAR]
    jobs = plan.jobs(town)
    lots = uniforms(town.stream(Decision.WORK), persons.key[rows])
    loss = np.array([leaves_work(persons, jobs, int(i)) for i in rows])
    employee = persons.work[rows] <= REGULAR
    changing = employee & (lots > 1 - jobs.change[0])
    return 100 * float(changing.mean()), 100 * float((lots < loss).mean())


def work_checks(founding: Founding, reference: Reference, seed: int = 1) -> list[Check]:
    """The labour market of the reference arm after ten years against the founded one, and the year's turnover."""
    years = len(reference.rates.years)
    levers = neutral(years)
    town, record = begin(founding, reference, levers, seed)
    plan = FixedPlan(reference, levers)
    first = workforce(town)
    changing, leaving = turnover(town, plan)
    for _ in range(min(LATER, years)):
        live_a_year(town, plan, record)
    last = workforce(town)
    rows = [
        _kept("unemployed", "unemployment rate, %", "完全失業率（％）", first.unemployed, last.unemployed, 1.0),
        _kept("vacancies", "vacant slots, %", "未充足の雇用枠（％）", first.vacant, last.vacant, 1.0),
        _kept("women_25_44", "women 25-44 in work, %", "25〜44歳女性の就業率（％）", first.women, last.women, 4.0),
        _kept("men_25_44", "men 25-44 in work, %", "25〜44歳男性の就業率（％）", first.men, last.men, 3.0),
        _kept("regular_men_20_39", "employed men 20-39 not in non-regular work, %",
              "20〜39歳男性就業者の非正規以外の割合（％）", first.regular, last.regular, 3.0),
        _kept("self_employed", "self-employed among the employed, %", "就業者に占める自営業の割合（％）",
              first.self_employed, last.self_employed, 2.0),
        _kept("out_commuters", "employed residents who work elsewhere, %", "市外で働く就業者（％）",
              first.outward, last.outward, 2.0),
        _kept("in_commuters", "slots filled from outside, %", "市外からの通勤者が占める雇用枠（％）",
              first.inward, last.inward, 2.0),
        Check(WORK, "job_changers", "employed who change jobs in a year, %", "1年間の転職者（％）",
              4.4, 3.5, 5.5, changing, SURVEY, "prefecture"),
        Check(WORK, "leavers", "employed who leave work in a year, %", "1年間の離職者（％）",
              3.8, 3.0, 5.0, leaving, SURVEY, "prefecture"),
    ]  # fmt: skip
    return rows


def _kept(key: str, en: str, ja: str, founded: float, simulated: float, within: float) -> Check:
    """A share that must stay within some points of the founded one; how far is our judgement."""
    label = (f"{en}, after {LATER} years", f"{ja}、{LATER}年後")
    return Check(WORK, key, *label, founded, founded - within, founded + within, simulated, FOUNDED, RANGE)


class Filled(NamedTuple):
    """Who has filled lasting new slots, per slot; the first seven sum to 1."""

    unemployed: float
    nonparticipants: float
    commuters: float  # in-commuters more
    changers: float  # residents who worked elsewhere
    arrivals: float  # net movers 18-64 who came or returned
    stayers: float  # and those who did not leave
    still_open: float
    jobless: float  # unemployment rate with the slots, per cent

    @property
    def residents(self) -> float:
        """Residents of 18-64 more, per slot."""
        return self.arrivals + self.stayers


def filled_slots(
    founding: Founding, reference: Reference, amounts: Sequence[float], seeds: Sequence[int]
) -> list[Filled]:
    """What has become of each amount of slots (in the whole town) after ten years, the means of paired runs."""
    levers = neutral(len(reference.rates.years))
    none = [_ten_years(founding, reference, levers, seed) for seed in seeds]
    filled = []
    for slots in amounts:
        some = levers.copy()
        some[:, LEVER_INDEX["slots_manufacturing"]] = slots
        shares = [_shares(one, _ten_years(founding, reference, some, seed), slots)
                  for one, seed in zip(none, seeds, strict=True)]  # fmt: skip
        filled.append(Filled._make(float(x) for x in np.mean(shares, axis=0)))
    return filled


class Decade(NamedTuple):
    """Counts after ten years, and moves of 18-64 within them, on the scale of the whole town."""

    employed: float
    unemployed: float
    elsewhere: float
    in_commuters: float
    adults: float
    came: float
    left: float


def _ten_years(founding: Founding, reference: Reference, levers: Array, seed: int) -> Decade:
    town, record = begin(founding, reference, levers, seed)
    plan = FixedPlan(reference, levers)
    for _ in range(min(JOB_YEARS, len(levers))):
        live_a_year(town, plan, record)
    persons, rows = town.population.persons, town.population.residents
    work = persons.work[rows]
    counts = np.array([
        np.count_nonzero(work >= NONREGULAR), np.count_nonzero(work == UNEMPLOYED),
        np.count_nonzero((work >= NONREGULAR) & (persons.workplace[rows] != 0)),
    ]) / town.fraction  # fmt: skip
    of_adults = [table[..., 18:65].sum() / town.fraction for table in
                 (record.population[town.y], record.moves_in, record.moves_out)]  # fmt: skip
    return Decade._make(float(one) for one in (*counts, town.labour.in_commuters.sum(), *of_adults))


def _shares(none: Decade, some: Decade, slots: float) -> Array:
    """The fields of `Filled` from two arms; movers divide into comers and stayers as the flows differ."""
    more = Decade._make(b - a for a, b in zip(none, some, strict=True))
    flows = max(more.came, 0.0) + max(-more.left, 0.0)
    coming = max(more.came, 0.0) / flows if flows > 0 else 0.0
    idle = -more.unemployed
    shares = [
        idle, more.employed - more.adults - idle, more.in_commuters, -more.elsewhere,
        more.adults * coming, more.adults * (1 - coming),
        slots - more.employed + more.elsewhere - more.in_commuters,
    ]  # fmt: skip
    rate = 100 * some.unemployed / (some.unemployed + some.employed)
    return np.array([*(share / slots for share in shares), rate])


def job_checks(founding: Founding, reference: Reference, seeds: Sequence[int] = SLOT_SEEDS) -> list[Check]:
    """The job check: lasting slots in the size of the town, and twice as many."""
    slots = SLOTS * len(founding.population.residents) / founding.fraction / JOB_RESIDENTS
    once, twice = filled_slots(founding, reference, (slots, 2 * slots), seeds)
    nan, source = float("nan"), "Kazekami 2017; Amior and Manning 2018"
    names = {
        "unemployed": ("the unemployed", "失業者"), "nonparticipants": ("non-participants", "非労働力人口"),
        "commuters": ("in-commuters", "市外からの通勤者"), "changers": ("residents who worked elsewhere", "市外就業者"),
        "arrivals": ("arrivals and returners", "転入・帰還者"), "stayers": ("avoided leavers", "転出をやめた人"),
        "still_open": ("nobody yet", "未充足"),
    }  # fmt: skip
    return [
        *(Check(WORK, f"slots_{key}", f"share of new slots filled by {en}", f"新しい雇用枠を埋めた割合：{ja}",
                nan, -0.15, 1.0, getattr(once, key), "reported: the shares sum to 1", RANGE)
          for key, (en, ja) in names.items()),
        Check(WORK, "slots_residents", "residents 18-64 more per surviving slot", "雇用枠1件あたりの18〜64歳人口の増加",
              0.25, 0.15, 0.35, once.residents, source, "literature"),
        Check(WORK, "slots_unemployment", "unemployment rate with twice the slots, %", "枠2倍のときの完全失業率（％）",
              nan, 1.5, 100.0, twice.jobless, "frictional unemployment", RANGE),
        Check(WORK, "slots_twice", "effect of twice the slots against once", "雇用枠2倍の効果の倍率",
              nan, 1.6, 2.0, 2 * twice.residents / once.residents, source, "literature"),
    ]  # fmt: skip
