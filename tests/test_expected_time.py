"""The time that is announced: what runs have in common is not reckoned for each of them."""

import time
from typing import Any

import pytest
from imagined_town import outputs

from machi.experiment import Prepared, measured
from machi.questions.design import CENTRAL, NO_SAMPLE, STRUCTURE, Run
from machi.runs.run import RunResult, Simulation, read_off


class Clock:
    """A bench whose runs take seconds of its own clock: 10 a run, 2 more for a new seed, 100 more for a new town."""

    def __init__(self) -> None:
        self.now, self.begun = 0.0, set[object]()

    def open(self) -> Simulation:
        """Let time pass."""

        def carry_out(run: Run) -> RunResult:
            own, town = ("seed", run.theta, run.seed), ("town", run.theta)
            shares = run.theta < 0 or run.design == STRUCTURE  # draws of rates have no year in common
            self.now += 10 + 2 * (own not in self.begun) + 100 * (run.design == STRUCTURE and town not in self.begun)
            self.begun |= {own, town} if shares and any(run.strengths) else set()
            return read_off(run, outputs(run.seed), 0.0)

        return carry_out


def arms(design: str, theta: int, seeds: int, first: int = 1) -> list[Run]:
    """Three arms, the first of them without policy, under so many seeds."""
    return [
        Run(design, "sustained", f"arm{strength}", NO_SAMPLE, theta, seed, seed, 0.5, (strength,))
        for strength in (0.0, 0.5, 1.0)
        for seed in range(first, first + seeds)
    ]


def expected(monkeypatch: pytest.MonkeyPatch, table: list[Run]) -> float:
    """The seconds that a table is expected to take one worker."""
    clock: Any = Clock()
    monkeypatch.setattr(time, "perf_counter", lambda: clock.now)
    return measured(Prepared(clock), table).expected(table, 1)


@pytest.mark.parametrize("seeds", [1, 4])
def test_years_before_policy_are_reckoned_once_a_seed(monkeypatch: pytest.MonkeyPatch, seeds: int) -> None:
    assert expected(monkeypatch, arms("alone", CENTRAL, seeds)) == pytest.approx(seeds * (3 * 10 + 2))


def test_an_arm_for_each_seed_shares_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    table = [run for run in arms("alone", CENTRAL, 4) if run.strengths == (1.0,)]
    assert expected(monkeypatch, table) == pytest.approx(4 * 12)


def test_runs_with_rates_of_their_own_go_the_whole_way(monkeypatch: pytest.MonkeyPatch) -> None:
    central = arms("alone", CENTRAL, 2)
    drawn = [run for theta in range(3) for run in arms("predictive", theta, 2, 10 + 2 * theta)]
    assert expected(monkeypatch, central + drawn) == pytest.approx(2 * 32 + 18 * 12)


def test_a_town_of_its_own_is_reckoned_once_a_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    table = [run for theta in range(3) for run in arms(STRUCTURE, theta, 1, 10 + theta)]
    assert expected(monkeypatch, table) == pytest.approx(3 * (100 + 2 + 3 * 10))
    assert expected(monkeypatch, []) == 0
