"""Deaths, births and ageing of the agents agree with the cohort twin up to chance where nothing else happens."""

from conftest import END, START, Small

from benchmarks.twin import agreement, lives, plain_world

RUNS = range(1, 81)
BOUND = 4.2  # of |z|: Bonferroni's for 72 cells at 0.2 %; the seeds are fixed, so the test does not toss coins


def test_in_a_plain_world_the_agents_are_the_twin(small: Small) -> None:
    """7,005 people, 80 runs, 36 cells on two dates; variance from the runs, tolerance in standard errors."""
    people, arm = plain_world(*small)
    seen = agreement(people, arm, lives(people, arm, RUNS), (4, END - START))
    assert seen.z.shape == (2, 2, 18)
    assert seen.largest < BOUND
    assert seen.least_p > 0.001
    assert abs(seen.z.mean()) < 4 / seen.z.size**0.5


def test_a_wrong_rate_is_noticed(small: Small) -> None:
    """Births one tenth higher than the twin believes: the children's cells leave the bound."""
    people, arm = plain_world(*small)
    runs = lives(people, arm._replace(birth_factor=arm.birth_factor * 1.1), RUNS)
    seen = agreement(people, arm, runs, (4, END - START))
    assert seen.z[1, :, 0].max() > BOUND
