"""A run that is looked at: it stays the same run, and what is seen of it adds up."""

import numpy as np
import pytest
from conftest import FOLLOWED_YEARS as YEARS
from conftest import POLICY, Small
from lived_town import same

from abm.decisions.acquaintances import N_CIRCLES, groups_of
from abm.followed.observation import Observation, known_by, observe
from abm.simulation import simulate, town_at_start
from machi.portrait import acquaintances, behaviour, periods


@pytest.fixture(scope="module")
def observed(small: Small) -> Observation:
    return observe(*small, POLICY, 3, 5)


def test_looking_changes_nothing(small: Small, observed: Observation) -> None:
    assert same(observed.outputs, simulate(*small, POLICY, 3))


def test_jobs_and_their_flows_add_up(observed: Observation) -> None:
    work, out = observed.work, observed.outputs
    np.testing.assert_allclose(work.slots, work.here + work.in_commuters + work.vacancies)
    after = work.here + work.out_commuters + work.remote
    before = after - work.hired + work.left
    # Between two years' hiring, jobs of residents change by moves and deaths alone.
    np.testing.assert_allclose(before[1:], (after + work.came - work.went - work.died)[:-1])
    np.testing.assert_allclose(before.sum(axis=1), out.employed[:-1].sum(axis=(1, 2)) / out.fraction)


def test_only_searchers_marry_and_only_the_unmarried_search(observed: Observation) -> None:
    market = observed.market
    assert (observed.outputs.marriages <= market.searchers).all()
    assert (market.searchers <= market.unmarried).all() and market.searchers.sum() > 0
    assert (market.never_married[:, :, :16].sum(axis=(1, 2)) > 0).all()


def test_the_sample_shows_people_who_share_groups(small: Small) -> None:
    graph = observe(*small, POLICY, 3, 0).acquaintances
    centres = [row for row, node in graph.nodes(data=True) if node["centre"]]
    assert 2 <= len(centres) <= 4 and graph.number_of_nodes() > 12
    for row in graph:
        assert row in centres or any(graph.has_edge(row, centre) for centre in centres)
    assert all(graph.degree(centre) <= graph.nodes[centre]["acquaintances"] for centre in centres)
    assert len({(node["x"], node["y"]) for _, node in graph.nodes(data=True)}) == len(graph)


def test_acquaintances_are_those_of_the_same_group(small: Small) -> None:
    town = town_at_start(small.founding, small.reference, 3)
    rows = town.population.residents[:400]
    groups = np.array([groups_of(town.population.persons, town.circles, c, 2015, rows) for c in range(N_CIRCLES)])
    for circle, found in enumerate(known_by(rows, groups, int(rows[0]))):
        assert (np.isin(rows, found) == (groups[circle] == groups[circle, 0]))[1:].all()
        assert rows[0] not in found


def test_tables_hold_means_of_periods(observed: Observation) -> None:
    table, out = behaviour(observed, 3), observed.outputs
    assert periods(YEARS) == [(0, 5), (5, YEARS)] and periods(3) == [(0, 3)]
    assert table[["first", "last"]].drop_duplicates().to_numpy().tolist() == [[2015, 2019], [2020, 2014 + YEARS]]
    leavers = table[(table["item"] == "leavers") & (table["first"] == 2015)]["value"].sum()
    assert leavers == pytest.approx(out.moves_out[:5].sum() / 5 / out.fraction, rel=1e-3)
    units = table.drop_duplicates("item").set_index("item")["unit"]
    assert units["slots"] == "jobs" and units["hired"] == "persons a year" and units["unmarried"] == "persons"
    people, ties = acquaintances(observed)
    assert (people["year"] == 2020).all() and set(ties["one"]) | set(ties["other"]) <= set(people["person"])
