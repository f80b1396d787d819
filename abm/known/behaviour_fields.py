"""The fields of behaviour.toml and founding.toml: a misspelt one is noticed when a file is read."""

# Every section and its fields: a misspelt field is noticed when the file is read.
# fmt: off
SECTIONS: dict[str, tuple[str, ...]] = {
    "marriage": (
        "gap_sd", "gap_shift", "acceptance", "homogamy", "group_size", "without_work", "joins_parents", "away_gap",
        "outside_share", "outside_moves_in", "counts_weight", "nation_from", "counted_from",
    ),
    "matchmaking": ("marriages_per_participant",),
    "divorce": ("ages", "relative"),
    "childbirth": (
        "first_by_wait", "later_by_wait", "conceived_ages", "conceived_before", "conceived_born_in_year",
        "wife_nonregular", "wife_regular", "husband_nonregular", "husband_without_work",
    ),
    "leaving": (
        "with_others", "alone", "couple", "with_preschool", "with_pupils", "two_earners", "unemployed", "outside",
        "self_employed", "mother_in_town", "remote", "incomer_by_years", "foreign", "builders_until",
    ),
    "return": (
        "by_years_away", "later", "young_until", "older_leavers", "mother_in_town", "partner_from_here",
        "partner_elsewhere", "pupils", "remote", "followed_to", "horizon_age", "to_parents",
    ),
    "arrivals": ("married_as_leavers", "children_with_couple", "working_share"),
    "home": ("ages", "men", "women", "held_by_parent", "goes_back", "goes_back_to_old"),
    "work": (
        "leaves_a_year", "changes_a_year", "matching", "seek_to_60", "seek_after_60", "unemployed_find", "give_up",
        "commuters_fill", "leaves_nonregular", "leaves_self_employed", "to_regular_men", "to_regular_women",
        "succession", "small_child_finds", "small_child_leaves", "newborn_leaves", "help_in_town", "help_at_home",
        "husband_jobless_finds", "husband_jobless_leaves", "remote_mother_leaves",
    ),
    "pull": ("elasticity",),
    "elders": (
        "ages", "relative", "with_others", "join_child", "join_child_from_75", "couples_join", "joining_falls",
        "divorced_to_parents",
    ),
    "estimation": (
        "window_half_life", "census_weight", "pooled_people", "flow_half_life", "level_years", "prior_events",
        "trend_share", "trend_kept", "pool_share", "mover_ages", "movers", "level_prior", "cell_prior",
        "prior_windows", "births_doubt", "deaths_doubt", "doubt_kept", "doubt_sexes",
    ),
}

# The sections of founding.toml: what only the founding reads (`assumed.py`).
FOUNDING: dict[str, tuple[str, ...]] = {
    "kinship": (
        "spouse_elsewhere", "age_noise", "lone_father_children", "mother_here", "father_here", "oldest_child",
        "youngest_mother", "widest_gap", "most_births", "childless_wives", "childless_divorced", "birth_pace",
        "birth_spacing", "completed_parity",
    ),
    "homes": (
        "institution_ages", "institution_shares", "most_elderly_singles", "single_with_parent_here",
        "single_by_age", "elder_gap",
    ),
    "work": (
        "student_16_to_22", "employed_15_to_19", "most_deviation", "mother_of_infant", "unemployed_ages",
        "unemployed_profile", "women_by_sector", "primary_by_age", "self_employed_by_age", "self_employed_primary",
        "nonregular_men", "nonregular_women",
    ),
    "origin": ("non_native_from", "foreign", "foreign_of", "evacuee_tenure", "mean_tenure"),
    "away": ("away_from", "away_to", "ever_left", "away_student_18_to_22", "away_mother_here", "boys", "remote"),
}
# fmt: on

# Figures that divide, or that are shares: with others a rule would give no number.
ABOVE_ZERO = {"estimation": ("window_half_life", "flow_half_life", "prior_events", "prior_windows")}
SHARES = {"estimation": ("census_weight", "pool_share", "trend_share", "trend_kept", "doubt_kept", "doubt_sexes")}
