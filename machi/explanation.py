"""One package in words: what it does, on whom, how much is known about it, and what it did last time."""

from abm.levers import LEVER_INDEX, LEVERS
from machi.console import Screen, field_text
from machi.package import Effect, Package
from machi.places import Places

Rows = list[tuple[str, ...]]
FIGURES = ("effect", "effect_low", "effect_high")


def head_rows(screen: Screen, package: Package) -> Rows:
    """Goal, indicator, grade and years of a package."""
    times = package.run_times
    return [
        (screen.word("goal"), package.goal_ja),
        (screen.word("kpi"), package.kpi_ja),
        (screen.word("grade"), f"{package.grade} ({screen.word(f'grade_{package.grade}')})"),
        (screen.word("plan_years"), f"{times.first_year} - {times.plan_last_year}"),
    ]


def measure_rows(screen: Screen, package: Package) -> Rows:
    """Every measure with its dose and coverage; one without evidence says why it has no effect."""
    rows: Rows = [
        (screen.named(one.name_ja, one.name_en), f"{one.dose:g} / {one.dose_of_evidence:g} ({one.dose_unit})",
         f"{one.coverage:.0%}")
        for one in package.measures
    ]  # fmt: skip
    return rows + [(screen.named(one.name_ja, one.name_en), one.reason, "-") for one in package.bare_measures]


def effect_rows(screen: Screen, package: Package) -> Rows:
    """Every row of evidence: what it moves, how much, how well it is known, when, and who says so."""
    return [
        (screen.named(measure.name_ja, measure.name_en), _lever(screen, one), _range(one), one.grade,
         screen.word("timing_years", lag=one.lag_years, ramp=one.ramp_years, fade=one.fade_years), one.citation)
        for measure in package.measures for one in measure.effects
    ]  # fmt: skip


def _lever(screen: Screen, effect: Effect) -> str:
    if not effect.modelled:
        return screen.word("not_modelled", reason=effect.reason)
    if effect.moves is None:
        return f"{effect.lever} ({effect.shared})"
    lever = LEVERS[LEVER_INDEX[effect.moves]]
    return f"{lever.key}: {screen.named(lever.meaning_ja, lever.meaning_en)}"


def _range(effect: Effect) -> str:
    return f"{effect.central:g} [{effect.low:g}, {effect.high:g}] {effect.unit}"


def cost_line(screen: Screen, package: Package) -> str:
    """What strength 1 costs a year, and what that was built from."""
    cost = package.cost_million_yen_per_year
    return screen.word("cost_line", low=cost.low, centre=cost.centre, high=cost.high, basis=cost.basis)


def last_result(screen: Screen, places: Places, town: str, package: str) -> str:
    """The effect that the newest whole result of the town gives the package, or that there is none yet."""
    from abm.errors import InputError
    from machi.store import read_manifest, read_table

    found: list[tuple[float, str, dict[str, str]]] = []
    for path in sorted(places.results().glob("*/manifest.json")):
        try:
            manifest = read_manifest(path.parent)
            table = read_table(path.parent, "ranking.csv")
        except InputError:
            continue
        mine = table[table["package"] == package]
        if manifest.get("town", {}).get("key") == town and len(mine):
            figures = {field: field_text(float(mine[field].iloc[0])) for field in FIGURES}
            found.append((path.stat().st_mtime, path.parent.name, figures))
    if not found:
        return screen.word("no_result_yet", package=package)
    _, name, figures = max(found, key=lambda one: one[:2])
    return screen.word("last_result", name=name, package=package, **figures)
