"""The marriage market on a small town: who may pair, with whom, and how close the rounds come to the best matching."""

from typing import NamedTuple

import networkx as nx
import numpy as np
import pytest
from conftest import Small
from hypothesis import given, settings
from hypothesis import strategies as st
from lived_town import alive, keys_alive, levers, same
from numpy.typing import NDArray

from abm.decisions.acquaintances import Circles, groups_of, to_networkx
from abm.decisions.marriage import Search, children_of, couples, margin, participants, searchers
from abm.decisions.outside import ADULT, Weddings, expect_weddings, wed_elsewhere
from abm.draws import Decision, keys_of, stream, streams_of_year
from abm.founding.found import Founding
from abm.known.town import Town
from abm.levels.reference import Reference
from abm.levers import neutral
from abm.people.outputs import blank
from abm.people.population import FEMALE, MALE, MARRIED, TOWN, Households, Persons
from abm.people.roll import roll_of
from abm.simulation import FixedPlan, simulate, town_at_start
from abm.year import partnership, record_stocks

Rows = NDArray[np.int64]
YEAR = 2015
LOTS = (stream(1, Decision.PAIR, YEAR), stream(1, Decision.MATCHMAKING, YEAR))


class Market(NamedTuple):
    """Everything that partner search looks at, in the first year of the small town."""

    persons: Persons
    households: Households
    circles: Circles
    search: Search  # the reference arm's
    busy: Search  # three times the search hazard: a market of some 300

    def looking(self, search: Search, seed: int) -> Rows:
        rows: Rows = searchers(self.persons, self.households, roll_of(self.persons, len(self.persons.key)), search,
                               stream(seed, Decision.SEARCH, YEAR))  # fmt: skip
        return rows

    def pairs(self, search: Search, rows: Rows, seed: int) -> list[tuple[int, int]]:
        """(husband, wife) by row, in the order in which they found each other."""
        lots = (stream(seed, Decision.PAIR, YEAR), stream(seed, Decision.MATCHMAKING, YEAR))
        met = couples(self.persons, self.circles, YEAR, rows, search, lots)
        return list(zip(met.men.tolist(), met.women.tolist(), strict=True))


@pytest.fixture(scope="module")
def market(small: tuple[Founding, Reference]) -> Market:
    town = town_at_start(*small, 1)
    people = town.population
    persons = Persons(*(column[: people.n] for column in people.persons))
    search = FixedPlan(small[1], neutral(8)).search(town)
    busy = search._replace(by_age=np.minimum(search.by_age * 3, 0.95))
    return Market(persons, people.households, town.circles, search, busy)


def acceptable(market: Market, rows: Rows, seed: int) -> nx.Graph:
    """The acquaintances among `rows` of opposite sex who accept each other."""
    lot = stream(seed, Decision.PAIR, YEAR)
    graph = nx.Graph()
    for one, other in to_networkx(market.persons, market.circles, rows, YEAR).edges:
        if market.persons.sex[one] != market.persons.sex[other]:
            man, woman = (one, other) if market.persons.sex[one] == MALE else (other, one)
            if margin(market.persons, market.busy, man, woman, lot) > 0:
                graph.add_edge(man, woman)
    return graph


def test_the_graph_is_the_projection_of_the_groups(market: Market) -> None:
    rows = market.looking(market.search, 1)[:60]
    graph = to_networkx(market.persons, market.circles, rows, YEAR)
    groups = np.array([groups_of(market.persons, market.circles, circle, YEAR, rows) for circle in range(4)])
    assert list(graph.nodes) == rows.tolist()
    for a, one in enumerate(rows.tolist()):
        assert graph.nodes[one]["key"] == market.persons.key[one]
        for b, other in enumerate(rows.tolist()[:a]):
            shared = tuple(np.flatnonzero(groups[:, a] == groups[:, b]).tolist())
            assert graph.has_edge(one, other) == bool(shared)
            assert not shared or graph.edges[one, other]["circles"] == shared


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_pairs_are_acquainted_and_accept_each_other(market: Market, seed: int) -> None:
    rows = market.looking(market.busy, seed)
    pairs = market.pairs(market.busy, rows, seed)
    graph = acceptable(market, rows, seed)
    assert len(rows) >= 150 and len(pairs) > 50
    assert all(graph.has_edge(man, woman) for man, woman in pairs)
    assert all(market.persons.sex[man] == MALE and market.persons.sex[woman] == FEMALE for man, woman in pairs)
    everyone = [row for pair in pairs for row in pair]
    assert len(set(everyone)) == len(everyone)
    assert set(everyone) <= set(rows.tolist())
    assert all(market.persons.civil[row] != MARRIED and market.persons.place[row] == TOWN for row in everyone)


def test_no_pair_that_could_have_formed_is_left(market: Market) -> None:
    """After all rounds nobody who is still looking knows somebody acceptable who is still looking."""
    rows = market.looking(market.busy, 1)
    graph = acceptable(market, rows, 1)
    graph.remove_nodes_from([row for pair in market.pairs(market.busy, rows, 1) for row in pair])
    assert graph.number_of_edges() == 0


def test_the_rounds_come_close_to_the_best_matching(market: Market, capsys: pytest.CaptureFixture[str]) -> None:
    found, best = 0, 0
    for seed in range(1, 6):
        rows = market.looking(market.busy, seed)
        found += len(market.pairs(market.busy, rows, seed))
        best += len(nx.max_weight_matching(acceptable(market, rows, seed), maxcardinality=True))
    with capsys.disabled():
        print(f"\nmarket of {len(rows)}: {found} pairs of at most {best}, {found / best:.1%} (at least 85 %)")
    assert found >= 0.85 * best


@settings(max_examples=15, deadline=None)
@given(order=st.randoms(use_true_random=False), seed=st.integers(1, 1000))
def test_the_order_of_searchers_changes_nothing(market: Market, order: object, seed: int) -> None:
    rows = market.looking(market.busy, seed)
    shuffled = rows.tolist()
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    assert set(market.pairs(market.busy, np.array(shuffled), seed)) == set(market.pairs(market.busy, rows, seed))


@settings(max_examples=15, deadline=None)
@given(share=st.floats(0.01, 1.0), seed=st.integers(1, 1000))
def test_matchmaking_adds_pairs_and_takes_none_away(market: Market, share: float, seed: int) -> None:
    rows = market.looking(market.search, seed)
    offered = market.search._replace(matchmaking=np.array([share]))
    before, after = set(market.pairs(market.search, rows, seed)), set(market.pairs(offered, rows, seed))
    assert before <= after
    lot = stream(seed, Decision.MATCHMAKING, YEAR)
    taking_part = set(rows[participants(market.persons, rows, offered, lot)].tolist())
    assert {row for pair in after - before for row in pair} <= taking_part


def test_matchmaking_helps_somebody(market: Market) -> None:
    offered = market.search._replace(matchmaking=np.array([1.0]))
    rows = [market.looking(market.search, seed) for seed in range(1, 11)]
    before = sum(len(market.pairs(market.search, some, seed)) for seed, some in enumerate(rows, 1))
    assert sum(len(market.pairs(offered, some, seed)) for seed, some in enumerate(rows, 1)) > before


def with_more(market: Market, sexes: tuple[int, ...], seed: int) -> Market:
    """The market with one unmarried resident of 20-34 in ten of the given sexes living twice, under a new key."""
    persons = market.persons
    able = (persons.place == TOWN) & (persons.civil != MARRIED) & (persons.age >= 20) & (persons.age <= 34)
    rows = np.flatnonzero(able & np.isin(persons.sex, sexes))
    twins = rows[seed % 10 :: 10]
    columns = Persons(*(np.concatenate([column, column[twins]]) for column in persons))
    columns.key[len(persons.key) :] = keys_of(99, seed, np.arange(len(twins)))
    return market._replace(persons=columns)


def test_the_sex_ratio_bites(market: Market, capsys: pytest.CaptureFixture[str]) -> None:
    """More of either sex never lowers marriages by more than noise; by how much it raises them is printed."""

    def marriages(sexes: tuple[int, ...]) -> int:
        total = 0
        for seed in range(1, 101):
            larger = with_more(market, sexes, seed)
            total += len(larger.pairs(larger.search, larger.looking(larger.search, seed), seed))
        return total

    base, women, men, both = (marriages(sexes) for sexes in ((), (FEMALE,), (MALE,), (MALE, FEMALE)))
    with capsys.disabled():
        print(f"\n+10 % unmarried of 20-34 ({base} marriages in 100 markets): women {women / base - 1:+.1%}, "
              f"men {men / base - 1:+.1%}, both {both / base - 1:+.1%}")  # fmt: skip
    assert min(women, men) > 0.98 * base
    assert both > max(women, men)


# Partners from elsewhere


def test_a_year_without_policy_brings_the_set_share_of_partners_from_elsewhere(town: Town, small: Small) -> None:
    """Mean of 20 seeds over all years, within the assumed range and 4 standard errors of the set share."""
    shares = []
    for seed in range(1, 21):
        record = simulate(*small, neutral(8), seed)
        outside = record.outside.sum()
        shares.append(outside / ((record.marriages.sum() + outside) / 2))
    own = town.japan.behaviour["marriage"]
    error = np.std(shares, ddof=1) / np.sqrt(len(shares))
    assert abs(np.mean(shares) - own["outside_share"]) < 0.03 + 4 * error


def test_those_who_marry_from_elsewhere_met_nobody_and_are_grown(market: Market) -> None:
    rows = market.looking(market.busy, 1)
    met = couples(market.persons, market.circles, YEAR, rows, market.busy, LOTS)
    assert set(met.alone.tolist()) == set(rows.tolist()) - set(met.men.tolist()) - set(met.women.tolist())
    beyond = wed_elsewhere(market.persons, met.alone, market.busy, streams_of_year(1, YEAR))
    chosen = np.concatenate([beyond.come, beyond.go])
    assert len(beyond.come) and len(beyond.go) and len(set(chosen.tolist())) == len(chosen)
    assert set(chosen.tolist()) <= set(met.alone.tolist()) and market.persons.age[chosen].min() >= ADULT
    assert min(beyond.come_age.min(), beyond.go_age.min()) >= ADULT


@settings(max_examples=15, deadline=None)
@given(less=st.floats(0.0, 1.0), seed=st.integers(1, 1000))
def test_a_higher_chance_never_undoes_a_marriage_from_elsewhere(market: Market, less: float, seed: int) -> None:
    """Same persons, same partner's age, same one who moves: only more of them."""
    rows = market.looking(market.busy, seed)
    fewer = market.busy._replace(outside=market.busy.outside * less)
    some, all_of = (
        wedded(wed_elsewhere(market.persons, rows, search, streams_of_year(seed, YEAR)))
        for search in (fewer, market.busy)
    )
    assert some <= all_of


def wedded(beyond: Weddings) -> set[tuple[int, int, bool]]:
    """Each resident who marries somebody from elsewhere, with that partner's age and whether the partner moves in."""
    come = zip(beyond.come.tolist(), beyond.come_age.tolist(), strict=True)
    go = zip(beyond.go.tolist(), beyond.go_age.tolist(), strict=True)
    return {(row, age, True) for row, age in come} | {(row, age, False) for row, age in go}


def test_expected_moves_by_marriage_are_what_happens_in_the_mean(market: Market) -> None:
    """Over 400 seeds, newcomers and leavers by sex within 4 standard errors."""
    rows = market.looking(market.busy, 1)
    persons, n = market.persons, len(market.persons.key)
    children, first = children_of(persons, roll_of(persons, n), rows, rows)
    came, left = np.zeros((2, 102)), np.zeros((2, 102))
    expect_weddings(persons, rows, children, first, market.busy, came, left)
    counts = []
    for seed in range(1, 401):
        beyond = wed_elsewhere(persons, rows, market.busy, streams_of_year(seed, YEAR))
        follow = np.concatenate([children[first[k] : first[k + 1]] for k in np.flatnonzero(np.isin(rows, beyond.go))])
        gone = np.concatenate([beyond.go, follow])
        came_in = [(1 - persons.sex[beyond.come] == sex).sum() for sex in (MALE, FEMALE)]
        counts.append([*came_in, *((persons.sex[gone] == sex).sum() for sex in (MALE, FEMALE))])
    sums = np.array(counts, dtype=float)
    expected = np.concatenate([came.sum(axis=1), left.sum(axis=1)])
    error = sums.std(axis=0, ddof=1) / np.sqrt(len(sums))
    assert (np.abs(sums.mean(axis=0) - expected) < 4 * error).all()


def test_a_partner_from_elsewhere_comes_once_and_lives_with_the_resident(small: Small) -> None:
    """After one year: as many newcomers by marriage as recorded, each in the household of a resident partner."""
    town, plan = town_at_start(*small, 4), FixedPlan(small.reference, neutral(8))
    before = keys_alive(town.population)
    record = blank(town.start, town.start + 8, small.founding.fraction)
    record_stocks(town, record)
    partnership(town, plan, record)
    persons, rows = alive(town.population)
    here = rows[(persons.place[rows] == TOWN) & ~np.isin(persons.key[rows], np.array(list(before), dtype=np.uint64))]
    assert len(here) == record.outside[0, 0] == record.moves_in[0].sum() > 0
    assert (persons.household[here] == persons.household[persons.partner[here]]).all()
    assert (persons.civil[here] == MARRIED).all()
    assert record.moves_out[0].sum() >= record.outside[0, 1] > 0


def test_matchmaking_that_makes_nothing_changes_nothing(small: Small) -> None:
    """The neutral lever gives the same bytes, and no marriage of its own; a dose makes some, and counts them."""
    plain = simulate(*small, levers(8), 6)
    assert same(simulate(*small, levers(8, matchmaking=1.0), 6), plain) and plain.introduced.sum() == 0
    assert simulate(*small, levers(8, matchmaking=1.3), 6).introduced.sum() > 0
