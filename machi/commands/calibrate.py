"""The command `machi calibrate`: factors on a town's reference arm, so that it meets the town's own counts."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from abm.errors import InputError
from machi.session import asked_places, asked_screen
from machi.words import room_words

from .options import Basis, FractionOption, ScenarioName, Start, Town, check_fraction

if TYPE_CHECKING:
    from machi.calibration.fit import Fit
    from machi.console import Screen

Words = Mapping[str, str]


def calibrate(
    town: Town,
    scenario: ScenarioName = "baseline",
    basis: Basis = None,
    start: Start = None,
    years: Annotated[int, typer.Option("--years", help="years that are counted, from the base / 積率の年数")] = 3,
    factor: Annotated[
        list[str] | None, typer.Option("--factor", help="marriage, childbirth, leaving or uturn / 較正する係数")
    ] = None,
    target: Annotated[
        list[str] | None, typer.Option("--target", help="a count of the whole town, returns=1300 / 町全体の件数")
    ] = None,
    fraction: FractionOption = 1.0,
    replications: Annotated[int, typer.Option("--replications", min=3, help="how many seeds / 反復数")] = 16,
    seed: Annotated[int, typer.Option("--seed", min=1, help="the first seed / 乱数の種")] = 1,
    out: Annotated[Path | None, typer.Option("--out", help="write the factors to this TOML / 書き出すTOML")] = None,
    write: Annotated[
        bool, typer.Option("--write", help="write them to the town's folder / 町のフォルダに書き込む")
    ] = False,
) -> None:
    """Find factors that make the reference arm meet the town's own counts / 参照ケースを町の実績に合わせて較正する"""
    from machi.arm import assignments
    from machi.calibration.file import FILE, as_toml, own_file, save
    from machi.calibration.town import calibrate as fitted
    from machi.experiment import cores
    from machi.runs.groundwork import read_ground

    screen = asked_screen()
    check_fraction(fraction)
    if out is not None and out.is_dir():
        raise InputError(f"--out: {out} is a folder; name a TOML file in it.")
    targets = assignments("--target", target or [])
    ground = read_ground(asked_places(), town, scenario, basis, start)
    own = own_file(ground) if write else None
    seeds = range(seed, seed + replications)
    words = _words()[screen.lang]
    print(words["running"].format(runs=replications), file=sys.stderr)
    fit = fitted(ground, years, fraction, seeds, factor or None, targets, cores())
    named = screen.named(ground.town.name_ja, ground.town.name_en)
    _show(screen, words, fit, words["factors"].format(town=named, scenario=scenario), years)
    text = as_toml(fit, ground, years, fraction, seeds)
    if own is not None and not (fit.converged and not any(one.at_bound for one in fit.factors)):
        raise InputError("--write: these factors are not sound (see above); leave --write out, or mend the scenario.")
    for path in (out, own):
        if path is not None:
            save(path, text)
            print(words["saved"].format(file=path))
    if own is None:
        print(words["printed"].format(file=ground.town_dir / FILE))


def _words() -> Mapping[str, Words]:
    return room_words("machi.calibration")


def _show(screen: "Screen", words: Words, fit: "Fit", title: str, years: int) -> None:
    """Print factors, moments and what is doubtful about them."""
    from abm.levels.calibrated import FACTORS, LEAST, MOST

    names = {factor.key: screen.named(factor.ja, factor.en) for factor in FACTORS}
    columns = [words[key] for key in ("factor", "value", "low", "high", "error")]
    rows = [(f"{one.key}: {names[one.key]}", one.value, one.low, one.high, one.error) for one in fit.factors]
    screen.table(title, columns, rows)
    columns = [words[key] for key in ("moment", "observed", "number", "before", "after", "dispersion", "source")]
    moments = [
        (screen.named(met.observed.moment.ja, met.observed.moment.en), 1000 * met.observed.rate, met.observed.number,
         1000 * met.before, 1000 * met.after, met.dispersion, met.observed.source)
        for met in fit.moments
    ]  # fmt: skip
    screen.table(words["moments"].format(years=years), columns, moments)
    if fit.freedom > 0:
        print(words["surprise"].format(freedom=fit.freedom, chance=fit.surprise))
    if not fit.converged:
        print(words["not_converged"].format(passes=fit.passes))
    bound = ", ".join(one.key for one in fit.factors if one.at_bound)
    if bound:
        print(words["at_bound"].format(factors=bound, low=LEAST, high=MOST))
