"""The year, top to bottom: a reader follows a person through it without turning back."""

import numpy as np
from numpy.typing import NDArray

from abm.decisions.childbirth import extra_births, mothers
from abm.decisions.elders import moving_elders
from abm.decisions.job_changes import work_changes
from abm.decisions.leaving import kinds_of_home, leavers
from abm.decisions.leaving_home import home_comers, home_leavers
from abm.decisions.marriage import Pairs, children_of, couples, searchers, the_divorcing
from abm.decisions.mortality import the_dying
from abm.decisions.newcomers import work_of_coming
from abm.decisions.outside import Weddings, wed_elsewhere
from abm.decisions.uturn import newly_wed_away, returners
from abm.draws import Decision, Words, uniforms
from abm.living_town import Plan, Town
from abm.people import housing, unions, verbs
from abm.people.ageing import grow_older, keep_course
from abm.people.invariants import check_conservation, check_links
from abm.people.outputs import Outputs, tally
from abm.people.population import MALE, MARRIED, TOWN, Rows, by_key
from abm.people.roll import renewed, roll_of


def live_a_year(town: Town, plan: Plan, record: Outputs) -> None:
    """One year of everybody's life: work, partnership, childbirth, moves, deaths, ageing, and what is recorded."""
    before = record.population[town.y].copy()
    town.roll = roll_of(town.population.persons, town.population.n)
    work(town, plan)
    partnership(town, plan, record)
    living_together(town, plan)
    childbirth(town, plan, record)
    migration(town, plan, record)
    mortality(town, plan, record)
    ageing(town, plan)
    town.y += 1
    town.known = town.labour
    record_stocks(town, record)
    y = town.y - 1
    check_conservation(before, record.population[town.y], int(record.births[y].sum()), record.moves_in[y],
                       record.moves_out[y], record.deaths[y], town.year)  # fmt: skip


def work(town: Town, plan: Plan) -> None:
    """Who finds, loses and changes work; then slots, commuters and vacancies of the year."""
    people, jobs = town.population, plan.jobs(town)
    town.hiring = jobs
    rows, kind, sector, place, filled = work_changes(people.persons, town.roll, jobs, work_streams(town))
    verbs.set_work(people.persons, rows, kind, sector, place)
    _, town.labour = plan.slots(town, filled / town.fraction)


def work_streams(town: Town) -> Words:
    """The streams of the year's work, in the order in which `work_changes` takes them."""
    decisions = (Decision.WORK, Decision.SECTOR, Decision.KIND_OF_WORK, Decision.WORKPLACE, Decision.SCHOOL)
    lots = [town.stream(decision) for decision in decisions]
    lots += [town.stream(decision, every_year=False) for decision in (Decision.REGULAR, Decision.REMOTE)]
    lots.append(town.stream(Decision.CHANGE_OF_KIND))
    return np.array(lots, dtype=np.uint64)


def partnership(town: Town, plan: Plan, record: Outputs) -> None:
    """Who divorces; who searches, meets and marries, in town or somebody from elsewhere; who marries away."""
    people, lot = town.population, town.stream(Decision.DIVORCE)
    parting = the_divorcing(people.persons, town.roll, plan.reference.divorces, lot)
    parting = parting[by_key(people.persons, parting)]
    parted = people.persons.partner[parting].astype(np.int64)
    pairs, beyond = meeting(town, plan)
    record_unions(town, (parting, parted), pairs, beyond, record)
    people.reserve(len(beyond.come) + len(beyond.go), len(pairs.men) + len(beyond.come) + len(parting))
    men, women = with_newcomers(town, plan, beyond, pairs.men, pairs.women, record)
    unions_of = (np.concatenate([parted, men, beyond.go]), np.concatenate([parting, women, beyond.go]))
    children, first = children_of(people.persons, town.roll, *unions_of)
    homes_of_the_divorced(town, plan, parting, children, first[: len(parting) + 1])
    homes_of_the_married(town, plan, men, women, children, first[len(parting) :])
    moved_out = move_out_to_partners(town, beyond, children[first[len(parting) + len(men)] :], record)
    marriages_away(town, plan)
    town.roll = renewed(town.roll, people.persons, people.n, moved_out)


def meeting(town: Town, plan: Plan) -> tuple[Pairs, Weddings]:
    """Who pairs with whom in town, and who of those that met nobody marries somebody from elsewhere."""
    persons, search = town.population.persons, plan.search(town)
    looking = searchers(persons, town.population.households, town.roll, search, town.stream(Decision.SEARCH))
    lots = (town.stream(Decision.PAIR), town.stream(Decision.MATCHMAKING))
    pairs = couples(persons, town.circles, town.year, looking, search, lots)
    plan.met(town, pairs, search)
    decisions = (Decision.OUTSIDE_PARTNER, Decision.OUTSIDE_AGE, Decision.OUTSIDE_HOME)
    words = np.array([town.stream(decision) for decision in decisions], dtype=np.uint64)
    return pairs, wed_elsewhere(persons, pairs.alone, search, words)


def record_unions(town: Town, parted: tuple[Rows, Rows], pairs: Pairs, beyond: Weddings, record: Outputs) -> None:
    """Count the year's divorces and marriages by sex and age, and the marriages by how the two have met."""
    wed = (pairs.men, pairs.women, beyond.come, beyond.go)
    tally(town.population.persons, np.concatenate(parted), record.divorces[town.y])
    tally(town.population.persons, np.concatenate(wed), record.marriages[town.y])
    record.introduced[town.y] = pairs.introduced
    record.outside[town.y] = len(beyond.come), len(beyond.go)


def with_newcomers(
    town: Town, plan: Plan, beyond: Weddings, men: Rows, women: Rows, record: Outputs
) -> tuple[Rows, Rows]:
    """Partners from elsewhere move in and look for work: husbands and wives of all couples who will live in town."""
    people = town.population
    persons = people.persons
    newcomers = unions.marry_in(persons, people.counts, beyond.come, beyond.come_age, town.year)
    tally(persons, newcomers, record.moves_in[town.y])
    work_of_newcomers(town, plan, newcomers)
    his = persons.sex[beyond.come] == MALE
    men = np.concatenate([men, np.where(his, beyond.come, newcomers)])
    return men, np.concatenate([women, np.where(his, newcomers, beyond.come)])


def homes_of_the_divorced(town: Town, plan: Plan, parting: Rows, children: Rows, first: Rows) -> None:
    """Couples part; the one who leaves the household goes back to the parents or lives alone.

    `children` of all unions of the year in one list, `first` the place in it where each couple's begin and the last
    one's end: the divorced first, then the married, then those who go to a partner elsewhere.
    """
    people, lot = town.population, town.stream(Decision.DIVORCED_HOME)
    back = uniforms(lot, people.persons.key[parting]) < plan.reference.numbers.divorced_to_parents[0]
    unions.part(people.persons, people.households, people.counts, parting, back, children, first)


def homes_of_the_married(town: Town, plan: Plan, men: Rows, women: Rows, children: Rows, first: Rows) -> None:
    """Couples move together, into a household of their own or to parents, and bring their children."""
    people, lot = town.population, town.stream(Decision.HOME_OF_COUPLE)
    to_parents = uniforms(lot, people.persons.key[women]) < plan.reference.numbers.joins_parents[0]
    unions.pair(people.persons, people.households, people.counts, men, women, children, first, to_parents)


def move_out_to_partners(town: Town, beyond: Weddings, children: Rows, record: Outputs) -> Rows:
    """Residents who marry out of town leave it with the children who live with them; who they are."""
    people = town.population
    persons = people.persons
    going = np.concatenate([beyond.go, children[persons.civil[children] != MARRIED]])
    tally(persons, going, record.moves_out[town.y])
    verbs.leave(persons, people.households, going)
    unions.marry_out(persons, people.counts, beyond.go, beyond.go_age)
    return going


def marriages_away(town: Town, plan: Plan) -> None:
    """Natives who live elsewhere marry there."""
    people, by_age = town.population, plan.reference.away_marriage
    gap, lot = int(plan.reference.numbers.away_gap[0]), town.stream(Decision.AWAY_MARRIAGE)
    abroad, ages = newly_wed_away(people.persons, town.roll, by_age, gap, lot)
    people.reserve(len(abroad), 0)
    unions.marry_away(people.persons, people.counts, abroad, ages)


def living_together(town: Town, plan: Plan) -> None:
    """Who leaves the parents' home within town or goes back; which elders move to an institution or to a child."""
    people, moves = town.population, plan.homes(town)
    persons, homes, roll = people.persons, people.households, town.roll
    moving_out = home_leavers(persons, homes, roll, moves.leave, moves.held, town.stream(Decision.LEAVE_HOME))
    coming_back, to_mother = home_comers(persons, homes, roll, moves.back, town.stream(Decision.BACK_HOME))
    elders, where = moving_elders(persons, homes, roll, moves.institution, moves.joining, town.stream(Decision.ELDER))
    people.reserve(0, len(moving_out) + 1)
    housing.move_out(persons, people.households, people.counts, moving_out)
    back, settling = by_key(persons, coming_back), by_key(persons, elders)
    housing.join(persons, people.households, coming_back[back], to_mother[back])
    housing.settle_elders(persons, people.households, people.counts, elders[settling], where[settling])


def childbirth(town: Town, plan: Plan, record: Outputs) -> None:
    """Who has a child, in town and away."""
    people, births, lot = town.population, plan.births(town), town.stream(Decision.BIRTH)
    bearing = mothers(people.persons, town.roll, births, lot)
    extra = extra_births(people.persons, people.n, bearing, births, lot, town.stream(Decision.BIRTH_TIMING))
    people.reserve(len(bearing), 0)
    persons = people.persons
    tally_births(record.births[town.y], persons.age[bearing[persons.place[bearing] == TOWN]])
    sex = town.stream(Decision.SEX_AT_BIRTH, every_year=False)
    male_share = float(plan.reference.numbers.male_share[0])
    verbs.born(persons, people.households, people.counts, bearing, sex, male_share)
    town.roll = renewed(town.roll, persons, people.n, bearing[:0])
    keep_course(persons, extra.rows, extra.ahead, extra.waiting)


def migration(town: Town, plan: Plan, record: Outputs) -> None:
    """Who leaves (families, singles, evacuees going home), who returns, who arrives from elsewhere."""
    people, moves = town.population, plan.moves(town)
    persons, homes, roll = people.persons, people.households, town.roll
    left, returned = plan.expectations()
    fixed = town.stream(Decision.EVACUEE_HOME, every_year=False)
    kinds = kinds_of_home(persons, homes, roll, int(people.counts[1]), moves, fixed)
    going = leavers(persons, roll, moves, kinds, town.stream(Decision.LEAVE), left)
    remote = town.stream(Decision.REMOTE, every_year=False)
    coming, leaders = returners(persons, roll, moves, town.stream(Decision.UTURN), remote, returned)
    newcomers, keys = plan.arrivals(town, left, returned)
    people.reserve(len(newcomers.age), len(newcomers.age) + len(coming))
    persons, homes = people.persons, people.households
    tally(persons, going, record.moves_out[town.y])
    verbs.leave(persons, homes, going)
    tally(persons, coming, record.returns[town.y])
    tally(persons, coming, record.moves_in[town.y])
    lots_home = uniforms(town.stream(Decision.HOME_OF_RETURNER), persons.key[leaders])
    joins = (lots_home < moves.to_parents[np.minimum(persons.age[leaders], 100)]) & (persons.partner[leaders] < 0)
    verbs.come_home(persons, homes, people.counts, coming, leaders, joins)
    work_of_newcomers(town, plan, coming)
    first = people.n
    verbs.arrive(persons, homes, people.counts, newcomers, 0, len(newcomers.age), keys)
    tally(persons, np.arange(first, people.n), record.moves_in[town.y])


def work_of_newcomers(town: Town, plan: Plan, rows: Rows) -> None:
    """Returners and those who marry in come to a job in the sectors that hire, or look for one; elder ones rest."""
    decisions = (Decision.WORK_OF_RETURNER, Decision.SECTOR, Decision.KIND_OF_RETURNER)
    words = np.array([town.stream(decision) for decision in decisions], dtype=np.uint64)
    persons = town.population.persons
    verbs.set_work(persons, *work_of_coming(persons, rows, town.hiring or plan.jobs(town), words))


def mortality(town: Town, plan: Plan, record: Outputs) -> None:
    """Who dies; partners are widowed."""
    people = town.population
    dying = the_dying(people.persons, people.n, plan.deaths(town), town.stream(Decision.DEATH))
    tally(people.persons, dying[people.persons.place[dying] == TOWN], record.deaths[town.y])
    verbs.die(people.persons, people.households, dying)


def ageing(town: Town, plan: Plan) -> None:
    """Everybody a year older; minors left alone join a parent or a home; rows of the gone are dropped."""
    people, away_to = town.population, int(plan.reference.numbers.away_to[0])
    adults = grow_older(people.persons, people.n, int(people.counts[1]), away_to)
    rows, homes = housing.lonely_minors(people.persons, people.households, people.n, adults)
    if len(rows):
        people.reserve(0, 1)
        order = by_key(people.persons, rows)
        housing.shelter(people.persons, people.households, people.counts, rows[order], homes[order])
    people.compact()


def record_stocks(town: Town, record: Outputs) -> None:
    """Stocks at the stock date that begins the present year; the town's links are checked on the same look."""
    people, y = town.population, town.y
    stocks = record.population[y], record.away[y], record.employed[y], record.unemployed[y]
    check_links(people, town.year, stocks)
    kinds = people.households.kind[: people.counts[1]]
    record.households[y] = np.count_nonzero(kinds)
    record.vacancies[y] = max(town.labour.vacancies.sum(), 0.0)


def tally_births(out: NDArray[np.int64], ages: NDArray[np.int8]) -> None:
    """Count births by the mother's age into `out` [101]."""
    out += np.bincount(ages, minlength=len(out))[: len(out)]
