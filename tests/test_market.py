"""The marriage market on a small town: who may pair, with whom, and how close the rounds come to the best matching."""

from typing import NamedTuple

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from abm.acquaintances import Circles, groups_of, to_networkx
from abm.draws import Decision, keys_of, stream
from abm.founding import Founding
from abm.levers import neutral
from abm.marriage import Search, couples, margin, participants, searchers
from abm.population import FEMALE, MALE, MARRIED, TOWN, Households, Persons
from abm.reference import Reference
from abm.simulation import FixedPlan, town_at_start

Rows = NDArray[np.int64]
YEAR = 2015


class Market(NamedTuple):
    """Everything that partner search looks at, in the first year of the small town."""

    persons: Persons
    households: Households
    circles: Circles
    search: Search  # the reference arm's
    busy: Search  # three times the search hazard: a market of some 300

    def looking(self, search: Search, seed: int) -> Rows:
        rows: Rows = searchers(self.persons, self.households, len(self.persons.key), search,
                               stream(seed, Decision.SEARCH, YEAR))  # fmt: skip
        return rows

    def pairs(self, search: Search, rows: Rows, seed: int) -> list[tuple[int, int]]:
        """(husband, wife) by row, in the order in which they found each other."""
        lots = (stream(seed, Decision.PAIR, YEAR), stream(seed, Decision.MATCHMAKING, YEAR))
        husbands, wives = couples(self.persons, self.circles, YEAR, rows, search, lots)
        return list(zip(husbands.tolist(), wives.tolist(), strict=True))


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
