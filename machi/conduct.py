"""Conducts an experiment: takes the runs that are kept, carries out the missing ones, writes the result."""

from collections.abc import Sequence
from functools import partial

from machi import experiment, listings, result
from machi.console import Screen
from machi.experiment import Plan, Prepared, Timings
from machi.questions.design import Run
from machi.runs.run import RunResult
from machi.runs.runstore import RunStore, opened
from machi.runs.sweep import Hands, carry_out, kept, missing


def conduct(plan: Plan, hands: Hands, screen: Screen, fresh: bool = False) -> str:
    """From a plan to its result folder; returns why its page could not be made (else an empty text).

    Runs that are kept from before are not repeated unless `fresh`. Raises FailedRuns once every run has been tried,
    and KeyboardInterrupt at once; what had ended is kept.
    """
    timings = Timings()
    prepared = experiment.prepare(plan, timings, screen.note)
    with opened(plan.ground.places.runs_dir(plan.name)) as store:
        if fresh:
            store.forget()
        results = carried_out(plan, prepared, store, hands, screen, timings)
    screen.note("analysing")
    from machi.report import write_report

    page = partial(write_report, places=plan.ground.places)
    found, problem = result.write_result(plan, results, timings, page)
    if found.ranking is not None:
        listings.show_ranking(screen, found.ranking)
    else:
        screen.say("unranked", tables=", ".join(name for name in found.tables if name.endswith(".csv")))
    return problem


def rehearse(plan: Plan, hands: Hands, screen: Screen) -> None:
    """Show what an experiment would do and how long it would take; runs that are kept are not counted off."""
    timings = Timings()
    prepared = experiment.prepare(plan, timings, screen.note)
    listings.show_plan(screen, plan, _timed(prepared, plan.table, screen, timings), hands.workers, plan.table)


def carried_out(
    plan: Plan, prepared: Prepared, store: RunStore, hands: Hands, screen: Screen, timings: Timings
) -> list[RunResult]:
    """The results of all runs of a plan, in its order."""
    left = [plan.table[place] for place in missing(plan.table, prepared.bench, store)]
    if store.damaged:
        screen.note("kept_damaged", count=len(store.damaged), first=store.damaged[0])
    there = kept(plan.table, prepared.bench, store)
    if there:
        screen.say("kept_there", there=there, all=len(plan.table), left=len(left))
    prepared = _timed(prepared, left, screen, timings)
    listings.show_plan(screen, plan, prepared, hands.workers, left)
    total = sum(prepared.seconds(one) for one in left)
    try:
        with timings.part("runs"), screen.progress(len(left), total) as advance:
            return carry_out(plan.table, prepared.bench, store, hands, lambda one: advance(prepared.seconds(one)))
    except KeyboardInterrupt:
        screen.note("kept_so_far", there=kept(plan.table, prepared.bench, store), all=len(plan.table))
        raise


def _timed(prepared: Prepared, table: Sequence[Run], screen: Screen, timings: Timings) -> Prepared:
    if table:
        screen.note("set_up")
    with timings.part("set_up"):
        return experiment.measured(prepared, table)
