"""The region's graph: nobody gets lost between the town and its destinations, and every share says where it is from."""

import shutil
from pathlib import Path

import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from abm.errors import InputError
from abm.known.destinations import BEYOND, read_destinations
from abm.known.region import ASSUMED, COUNTED, DESTINATIONS, balance, region, share_within, spread
from abm.known.town import Town, read_town

JAPAN = ROOT / "towns" / "japan"


@pytest.mark.parametrize("name", ["iwaki", "ninohe", "kasama", "aizuwakamatsu"])
def test_the_towns_own_moves_are_on_the_edges(name: str) -> None:
    town = read_town(ROOT / "towns" / name, JAPAN)
    graph = region(town)
    assert set(graph) == {town.key, *DESTINATIONS}
    flows = town.setting.area.flows["japanese"][-3:]
    for item, edges in (("moves_out", graph.out_edges(town.key)), ("moves_in", graph.in_edges(town.key))):
        wanted = sum(flow.events[item] for flow in flows) / 3
        assert sum(graph.edges[edge]["weight"] for edge in edges) == pytest.approx(wanted)
    for _, _, edge in graph.edges(data=True):
        assert 0 < edge["low"] <= edge["share"] <= edge["high"] < 1
        assert (edge["status"] == COUNTED) == (edge["low"] == edge["high"])
        assert edge["status"] in {COUNTED, ASSUMED}


@settings(deadline=None, max_examples=30)
@given(leavers=st.floats(0, 1e5), arrivals=st.floats(0, 1e5))
def test_leavers_and_arrivals_are_spread_without_loss(town: Town, leavers: float, arrivals: float) -> None:
    graph = spread(region(town), leavers, arrivals)
    assert sum(graph.edges[edge]["weight"] for edge in graph.out_edges("iwaki")) == pytest.approx(leavers)
    assert sum(graph.edges[edge]["weight"] for edge in graph.in_edges("iwaki")) == pytest.approx(arrivals)
    assert balance(graph, "iwaki") == pytest.approx(arrivals - leavers, abs=1e-6)
    assert sum(balance(graph, node) for node in graph) == pytest.approx(0, abs=1e-6)


def test_the_share_within_is_the_prefectures_count(town: Town) -> None:
    within = share_within(town)
    assert (within.first, within.last) == (2016, 2018)
    # Register of Fukushima's municipalities and the report on internal migration, Japanese, 2018 alone: 47 % and 54 %.
    assert within.leaving == pytest.approx(1 - 31141 / 59194, abs=0.02)
    assert within.arriving == pytest.approx(1 - 23300 / 51147, abs=0.02)


def test_shares_that_do_not_sum_to_one_are_refused_in_one_sentence(town: Town, tmp_path: Path) -> None:
    graph = region(town)
    graph.edges["iwaki", "tokyo_area"]["share"] += 0.1
    with pytest.raises(InputError, match=r"sum to 1\.1, not to one") as caught:
        spread(graph, 10.0, 10.0)
    assert "\n" not in str(caught.value)
    text = (JAPAN / "destinations.toml").read_text(encoding="utf-8")
    path = tmp_path / "destinations.toml"
    for old, new, named in (
        ("[07.tokyo_area]\nvalue = 0.45", "[07.tokyo_area]\nvalue = 0.5", r"\[07\].*1.05, not to one"),
        ("[07.tokyo_area]\nvalue = 0.45", "[07.tokyo_area]\nvalue = 0.95", r"\[07.tokyo_area\].*low <= value"),
        ("[07.tokyo_area]\nvalue = 0.45", '[07.tokyo_area]\nvalue = "much"', r"\[07.tokyo_area\].*value"),
        ('[07]\ncentre_ja = "仙台圏（宮城県）"', "[07]", r"\[07\].*centre_ja"),
    ):
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8", newline="")
        with pytest.raises(InputError, match=named) as caught:
            read_destinations(tmp_path, "07")
        assert "\n" not in str(caught.value) and str(caught.value).endswith(".")


def test_a_prefecture_without_an_entry_borrows_the_general_one(tmp_path: Path) -> None:
    shutil.copy(JAPAN / "destinations.toml", tmp_path)
    assert read_destinations(tmp_path, "47") == read_destinations(tmp_path, "00")
    assert set(read_destinations(tmp_path, "47").shares) == set(BEYOND)
    (tmp_path / "destinations.toml").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match=r"neither \[47\] nor \[00\]"):
        read_destinations(tmp_path, "47")
