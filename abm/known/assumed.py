"""What no table gives about a town at its start: named assumptions, each with its unit.

Their values stand in `towns/japan/founding.toml` and `assumptions.toml`, with ranges and reasons.
"""

from typing import Any, NamedTuple, get_type_hints

from abm.known.japan import Japan


class Assumed(NamedTuple):
    """Assumptions of a founding; shares are of the persons named, ages in completed years."""

    # assumptions.toml
    non_native_share: float  # residents (evacuees apart) who did not grow up here
    births_outside_union: float  # children whose mother never married
    nonregular_share_men_20_39: float  # of employed men
    leaving_18_to_22: float  # leavers at 18 for each one at 22
    partner_age_gap_mean: float  # years, husband minus wife
    builders_per_surplus_man: float  # reconstruction workers for each man more than the register explains

    # kinship
    spouse_elsewhere: float  # of the rarer sex's married: hospital, single posting, evacuation
    age_noise: float  # years, spread of each partner around the rank of ages; gap sd about 4
    lone_father_children: float  # of children whose mother is not here (prefecture: 1 of 10 lone parents)
    mother_here: float  # of the living mothers of grown-up residents, the rest live elsewhere
    father_here: float  # of grown-up residents without a mother here: a widowed or divorced father
    oldest_child: int  # age to which grown-up children are linked with a mother
    youngest_mother: int
    widest_gap: int  # years between a mother and her child
    most_births: float  # of the mothers of an age against all women of that age; young mothers are few
    childless_wives: float  # of wives, without a child for good
    childless_divorced: float  # of divorced women, no child or none that lives with her
    birth_pace: tuple[float, ...]  # by parity, relative (two-child norm)
    birth_spacing: tuple[float, ...]  # by years since last
    completed_parity: float  # children of a woman past 50 (national cohorts born to 1965)

    # homes
    institution_ages: tuple[int, ...]  # lower ends of the bands
    institution_shares: tuple[float, ...]  # of institutional residents
    most_elderly_singles: float  # of the unpartnered elderly of a sex who can live alone
    single_with_parent_here: float  # chance of living alone against somebody without a parent here
    single_by_age: tuple[float, ...]  # at 18, 20, 25, 35, 50, relative
    elder_gap: int  # years between the generations of a household

    # work
    student_16_to_22: tuple[float, ...]
    employed_15_to_19: tuple[float, ...]  # shape, scaled to the group's rate
    most_deviation: float  # of a prefecture employment rate, before whole persons
    mother_of_infant: float  # chance of work with a child under 3 against other women of the age
    unemployed_ages: tuple[int, ...]
    unemployed_profile: tuple[float, ...]  # per resident, relative
    women_by_sector: tuple[float, ...]  # before raking
    primary_by_age: tuple[float, ...]  # at 15, 30, 50, 65, 75
    self_employed_by_age: tuple[float, ...]  # same ages
    self_employed_primary: float
    nonregular_men: tuple[float, ...]  # of employees at 15, 20, 40, 60, 65
    nonregular_women: tuple[float, ...]  # same, scaled to the total

    # origin
    non_native_from: int  # age from which people who grew up elsewhere are looked for
    foreign: int  # foreign residents of Iwaki at the census of 2015; other towns: the same share
    foreign_of: int
    evacuee_tenure: int  # years since March 2011
    mean_tenure: float  # years since other incomers came

    # the away
    away_from: int
    away_to: int
    ever_left: float  # highest share of a cohort
    away_student_18_to_22: tuple[float, ...]
    away_mother_here: float
    boys: float  # of the children of the away (sex ratio at birth 1.052)
    remote: float  # of the employed


def assumed(japan: Japan) -> Assumed:
    """The assumptions as the town's borrowed tables give them."""
    kinds = get_type_hints(Assumed)
    figures: dict[str, Any] = {key: entry.value for key, entry in japan.assumptions.items() if key in kinds}
    for shape in japan.founding.values():
        for key in shape:
            kind = kinds[key]
            figures[key] = kind(shape[key]) if kind in (int, float) else _listed(shape.array(key), kind)
    return Assumed(**figures)


def _listed(values: Any, kind: Any) -> tuple[Any, ...]:
    """A list of the file as a tuple of the kind that the field has."""
    one = kind.__args__[0]
    return tuple(one(value) for value in values)
