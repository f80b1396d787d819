"""One package in words: what it does, on whom, how much is known about it, and what it did last time."""

from pathlib import Path

from abm.errors import InputError
from abm.levers import LEVER_INDEX, LEVERS
from machi.account.folder import result_folder
from machi.console import Screen, field_text
from machi.places import Places, suggestion
from machi.policy.package import Effect, Package
from machi.store import read_manifest, read_table

Rows = list[tuple[str, ...]]
RANKING, PLAN = "ranking.csv", "ranking_plan.csv"
FIGURES = ("effect", "effect_mc_low", "effect_mc_high", "effect_low", "effect_high", "cost_million_yen")
PLAN_FIGURES = ("effect", "effect_mc_low", "effect_mc_high", "cost_million_yen")


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
    """What the newest whole result of the town says of the package, or that there is none yet."""
    found: list[tuple[float, str, Path]] = []
    for path in sorted(places.results().glob("*/manifest.json")):
        try:
            manifest = read_manifest(path.parent)
            ranked = read_table(path.parent, RANKING)["package"].tolist()
        except InputError:
            continue
        if manifest.get("town", {}).get("key") == town and package in ranked:
            found.append((path.stat().st_mtime, path.parent.name, path.parent))
    if not found:
        return screen.word("no_result_yet", package=package)
    return _said(screen, max(found)[-1], package)


def named_result(screen: Screen, places: Places, result: str, package: str) -> str:
    """What one result says of the package (InputError where there is none, or it ranks no such package)."""
    folder = result_folder(places, result)
    read_manifest(folder)
    ranked = read_table(folder, RANKING)["package"].tolist()
    if package not in ranked:
        raise InputError(f"{folder}: it ranks no package `{package}`; {suggestion(package, ranked)}")
    return _said(screen, folder, package)


def _said(screen: Screen, folder: Path, package: str) -> str:
    """The sentences on one package of a result: effect with both intervals, rank, cost, and as planned."""
    manifest, table = read_manifest(folder), read_table(folder, RANKING)
    row = table[table["package"] == package].iloc[0]
    figures = {field: field_text(round(float(row[field]))) for field in FIGURES}
    lines = [
        screen.word(
            "last_result", name=folder.name, package=package, start=manifest["start"], end=manifest["end"],
            scenario=manifest["scenario"], rank=int(row["rank_mu"]), all=len(table), p_top3=float(row["p_top3"]),
            per=float(row["people_per_100_million_yen"]), **figures,
        )
    ]  # fmt: skip
    if (folder / PLAN).is_file():
        plan = read_table(folder, PLAN)
        mine = plan[plan["package"] == package]
        if len(mine):
            planned = {field: field_text(round(float(mine[field].iloc[0]))) for field in PLAN_FIGURES}
            lines.append(screen.word("last_result_plan", **planned))
    return "\n".join(lines)
