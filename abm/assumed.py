"""What no table gives about a town at its start: named assumptions, each with its unit and reason.

A key that `towns/japan/assumptions.toml` holds is taken from there; the values here are our own judgement
of Japanese censuses and surveys of the 2010s and stand in the fit table's group "assumed" where they can be
compared.
"""

from typing import NamedTuple

from abm.japan import Japan


class Assumed(NamedTuple):
    """Assumptions of a founding; shares are of the persons named, ages in completed years."""

    # taken from assumptions.toml where it has the key
    non_native_share: float = 0.10  # residents (evacuees apart) who did not grow up here
    births_outside_union: float = 0.02  # children whose mother never married
    nonregular_share_men_20_39: float = 0.20  # of employed men
    leaving_18_to_22: float = 2.0  # leavers at 18 for each one at 22
    partner_age_gap_mean: float = 1.7  # years, husband minus wife

    # kinship
    spouse_elsewhere: float = 0.02  # of the rarer sex's married: hospital, single posting, evacuation
    age_noise: float = 2.7  # years, spread of each partner around the rank of ages; gap sd about 4
    lone_father_children: float = 0.012  # of children whose mother is not here (prefecture: 1 of 10 lone parents)
    mother_here: float = 0.88  # of the living mothers of grown-up residents, the rest live elsewhere
    father_here: float = 0.25  # of grown-up residents without a mother here: a widowed or divorced father
    oldest_child: int = 64  # age to which grown-up children are linked with a mother
    youngest_mother: int = 17
    widest_gap: int = 48  # years between a mother and her child
    childless_wives: float = 0.06  # of wives, without a child for good
    childless_divorced: float = 0.5  # of divorced women, no child or none that lives with her
    birth_pace: tuple[float, ...] = (0.75, 1.0, 0.27, 0.2, 0.15, 0.10)  # by parity, relative (two-child norm)
    birth_spacing: tuple[float, ...] = (
        0.0,
        0.0,
        0.9,
        1.0,
        0.75,
        0.5,
        0.3,
        0.2,
        0.12,
        0.08,
    )  # by years since last
    completed_parity: float = 1.9  # children of a woman past 50 (national cohorts born to 1965)

    # homes
    institution_ages: tuple[int, ...] = (18, 30, 65, 75, 85)  # lower ends of the bands
    institution_shares: tuple[float, ...] = (0.07, 0.13, 0.09, 0.24, 0.47)  # of institutional residents
    most_elderly_singles: float = 0.95  # of the unpartnered elderly of a sex who can live alone
    single_with_parent_here: float = 0.35  # chance of living alone against somebody without a parent here
    single_by_age: tuple[float, ...] = (0.2, 0.6, 1.0, 1.3, 1.6)  # at 18, 20, 25, 35, 50, relative
    elder_gap: int = 29  # years between the generations of a household

    # work
    student_16_to_22: tuple[float, ...] = (0.97, 0.97, 0.60, 0.36, 0.26, 0.22, 0.08)
    employed_15_to_19: tuple[float, ...] = (0.0, 0.01, 0.02, 0.24, 0.37)  # shape, scaled to the group's rate
    most_deviation: float = 0.0485  # of a prefecture employment rate, before whole persons
    mother_of_infant: float = 0.6  # chance of work with a child under 3 against other women of the age
    unemployed_ages: tuple[int, ...] = (15, 20, 25, 35, 45, 55, 65, 75)
    unemployed_profile: tuple[float, ...] = (
        0.4,
        1.8,
        1.3,
        1.0,
        0.9,
        0.9,
        0.35,
        0.03,
    )  # per resident, relative
    women_by_sector: tuple[float, ...] = (0.38, 0.33, 0.14, 0.33, 0.55, 0.75, 0.42)  # before raking
    primary_by_age: tuple[float, ...] = (0.5, 0.6, 1.0, 5.0, 12.0)  # at 15, 30, 50, 65, 75
    self_employed_by_age: tuple[float, ...] = (0.1, 0.4, 1.0, 2.5, 5.0)  # same ages
    self_employed_primary: float = 0.85
    nonregular_men: tuple[float, ...] = (0.40, 0.20, 0.07, 0.30, 0.45)  # of employees at 15, 20, 40, 60, 65
    nonregular_women: tuple[float, ...] = (0.55, 0.42, 0.52, 0.60, 0.65)  # same, scaled to the total

    # origin
    non_native_from: int = 25  # age from which people who grew up elsewhere are looked for
    foreign: int = 1517  # foreign residents of Iwaki at the census of 2015; other towns: the same share
    foreign_of: int = 350237
    evacuee_tenure: int = 4  # years since March 2011
    mean_tenure: float = 14.0  # years since other incomers came

    # the away
    away_from: int = 18
    away_to: int = 69
    ever_left: float = 0.85  # highest share of a cohort
    away_student_18_to_22: tuple[float, ...] = (0.70, 0.65, 0.60, 0.50, 0.15)
    away_mother_here: float = 0.88
    boys: float = 0.512  # of the children of the away (sex ratio at birth 1.052)
    remote: float = 0.0  # of the employed


def assumed(japan: Japan) -> Assumed:
    """The assumptions, those in the town's borrowed tables first."""
    ours = Assumed()._asdict()
    known = {key: entry.value for key, entry in japan.assumptions.items() if key in ours}
    return Assumed(**(ours | known))
