"""The commands `machi found` and `machi align`: the people of a town, and the factors of its reference arm."""

from functools import partial

from machi.runs.aside import aside
from machi.session import asked_places, asked_screen

from .options import Basis, End, FractionOption, ScenarioName, Start, Town, check_fraction


def found(town: Town, basis: Basis = None, fraction: FractionOption = 1.0) -> None:
    """Found a town and print its fit table / 町の人口を作り、統計との一致を表示する"""
    from abm.founding.found import found as found_town
    from abm.known.town import read_town
    from machi.runs.groundwork import FOUNDING_SEED

    screen, places = asked_screen(), asked_places()
    check_fraction(fraction)
    read = read_town(places.town_dir(town), places.japan_dir())
    screen.note("founding")
    founding = aside(partial(found_town, read, basis or read.bases[0], fraction, FOUNDING_SEED))
    screen.records(screen.word("fit", town=screen.named(read.name_ja, read.name_en)), founding.fit)


def align(town: Town, scenario: ScenarioName, basis: Basis = None, start: Start = None, end: End = None) -> None:
    """Solve the reference arm, print its factors and warn of doubtful ones / 参照ケースの調整係数を求めて表示する"""
    from machi.listings import show_factors
    from machi.runs.groundwork import read_ground

    screen = asked_screen()
    ground = read_ground(asked_places(), town, scenario, basis, start, end)
    name = screen.named(ground.town.name_ja, ground.town.name_en)
    show_factors(screen, screen.word("factors", town=name, scenario=scenario), ground.reference())
