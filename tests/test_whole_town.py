"""A whole town over decades: rare meetings happen in it, and still nothing depends on the order of rows."""

from conftest import ROOT
from lived_town import reordered, same

from abm.alignment import align
from abm.founding.found import found
from abm.known.scenario import read_scenario
from abm.known.town import Town
from abm.levers import neutral
from abm.simulation import simulate

START, END = 2015, 2040


def test_rows_in_another_order_change_nothing(town: Town) -> None:
    """At 1:1, since two moves that answer each other meet in one year of some hundred thousand lives."""
    scenario = read_scenario(ROOT / "towns" / "iwaki" / "scenarios" / "baseline.toml")
    arm = align(town, scenario, START, END, found(town, "census", 0.05, 1))
    whole = found(town)
    shuffled = reordered(whole, 1)
    levers = neutral(END - START)
    assert same(simulate(whole, arm, levers, 1), simulate(shuffled, arm, levers, 1))
