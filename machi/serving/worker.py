"""The one thread that lives what is asked: the newest question only, told year by year and seed by seed."""

import os
import threading
import traceback
from contextlib import suppress
from typing import Any, NamedTuple

from machi.runs.aside import NAME
from machi.serving.answer import Pair, answer
from machi.serving.asked import Question
from machi.serving.bench import SHARES, Bench, Course, Floats

RUNNING, DONE, FAILED = "running", "done", "failed"


class State(NamedTuple):
    """How far the newest question is: years lived of all, and the answer from the seeds that have ended."""

    number: int = 0
    phase: str = DONE
    years: int = 0
    of_years: int = 0
    answer: dict[str, Any] | None = None
    problem: str = ""  # a fault of the program's own, where it failed


class SupersededError(Exception):
    """A newer question has come, or the worker is to end."""


class Worker:
    """Takes questions from any thread and lives them in its own, which bears the name of work that is left behind."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._changed = threading.Condition()
        self._question: Question | None = None
        self._number, self._ending, self._state = 0, False, State()
        self._thread = threading.Thread(target=self._work, name=NAME, daemon=True)
        self._thread.start()

    def ask(self, question: Question) -> int:
        """Put a question in the place of all older ones; its number."""
        with self._changed:
            self._number += 1
            self._question = question
            self._state = State(self._number, RUNNING)
            self._changed.notify_all()
            return self._number

    def state(self) -> State:
        """How far the newest question is."""
        with self._changed:
            return self._state

    def close(self) -> None:
        """End the thread after the year that it is in."""
        with self._changed:
            self._ending = True
            self._changed.notify_all()
        self._thread.join()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._ending or self._question is not None)
                if self._ending:
                    return
                question, number, self._question = self._question, self._number, None
            try:
                if question is not None:
                    self._live(question, number)
            except SupersededError:
                continue
            except Exception as error:  # the next question may do better
                if os.environ.get("MACHI_DEBUG"):
                    traceback.print_exc()
                with suppress(SupersededError):
                    self._tell(State(number, FAILED, problem=f"{type(error).__name__}: {error}"))

    def _live(self, question: Question, number: int) -> None:
        """Live both arms seed by seed; after each seed the answer so far is told."""
        bench, share = self._bench, SHARES[question.people]
        paths, without = bench.paths(dict(question.strengths)), bench.paths({}).array
        seeds = range(question.first_seed, question.first_seed + question.seeds)
        arms = [without] if not question.strengths else [without, paths.array]
        left = sum(not bench.is_kept(share, arm, seed) for seed in seeds for arm in arms)
        state = State(number, RUNNING, 0, left * bench.years)
        pairs: list[Pair] = []
        for seed in seeds:
            courses: list[Course] = []
            for arm in arms:
                known = bench.is_kept(share, arm, seed)
                courses.append(self._lived(share, arm, seed, state))
                state = state if known else state._replace(years=state.years + bench.years)
            pairs.append(Pair(courses[0], courses[-1]))
            told = answer(bench, question, pairs, paths.cost_million_yen)
            state = state._replace(answer=told, phase=DONE if len(pairs) == len(seeds) else RUNNING)
            self._tell(state)

    def _lived(self, share: float, arm: Floats, seed: int, state: State) -> Course:
        lived = -1

        def each_year() -> None:
            nonlocal lived
            lived += 1
            self._tell(state._replace(years=state.years + lived))

        return self._bench.lived(share, arm, seed, each_year)

    def _tell(self, state: State) -> None:
        """Let the page know, unless it has asked something newer by now (SupersededError)."""
        with self._changed:
            if self._ending or state.number != self._number:
                raise SupersededError
            self._state = state
