"""What an added town lacks, and which figure of the prefecture or the nation stands in for it."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from abm.errors import InputError
from machi.intake.prefectures import NATION
from machi.intake.tidy import Tidy

Tables = Mapping[str, Sequence[Tidy]]
YEARS_APART = 5
FOUNDING = ("households", "work", "industries")
FOUNDING_JA = {"households": "世帯", "work": "就業状態", "industries": "産業別従業者"}


class Gap(NamedTuple):
    """A missing figure and what stands in for it, in Japanese and English."""

    missing_ja: str
    missing_en: str
    instead_ja: str
    instead_en: str


def years_of(tables: Tables, name: str, **texts: str) -> list[int]:
    """The years of a table, sorted."""
    rows = tables.get(name, ())
    return sorted({int(row["year"]) for row in rows if all(row[column] == text for column, text in texts.items())})


def bases_of(tables: Tables) -> list[str]:
    """The bases on which the town stands: census, and register where it has a stock of all residents."""
    register = years_of(tables, "register_population", nationality="total")
    return [*(["census"] if tables.get("population") else []), *(["register"] if register else [])]


def can_found(tables: Tables) -> bool:
    """Whether people can be made of the tables (machi found), and not only cohorts projected."""
    return not _founding(tables)


def check_enough(tables: Tables) -> None:
    """InputError where the figures are too few to project the town.

    A census is needed in any case: the oldest ages of the register before 2015 are opened by it.
    """
    censuses = years_of(tables, "population")
    if not censuses:
        raise InputError("There is no census among these files: give the newest one by sex and age (--census).")
    if _apart(censuses):
        return
    for nationality in ("total", "japanese"):
        stocks = years_of(tables, "register_population", nationality=nationality)
        flows = years_of(tables, "vital", nationality=nationality, item="social")
        if _apart(stocks) and any(stocks[0] - 1 <= year < stocks[-1] for year in flows):
            return
    raise InputError(
        "These files are too few to project the town: give a second census (--census), or the register of two years "
        f"{YEARS_APART} or more apart (--register) with the flows between them (--vital)."
    )


def _apart(years: Sequence[int]) -> bool:
    return len(years) >= 2 and years[-1] - years[0] >= YEARS_APART


def gaps(tables: Tables, prefecture: str, names: tuple[str, str], areas: Collection[str]) -> list[Gap]:
    """Everything that the town lacks; `areas` are those with tables in towns/japan, `names` the prefecture's."""
    found = [*_founding(tables), *_stocks_and_flows(tables)]
    if not tables.get("official_projection"):
        found.append(Gap("社人研の推計", "official projection", "なし（比較できません）", "nothing to compare with"))
    at_home = prefecture in areas
    ja, en = names if at_home else NATION[1:]
    mark_ja, mark_en = ("", "") if at_home else (f"（{names[0]}の表がないため）", f" (no tables of {names[1]} here)")
    found.append(
        Gap(
            "配偶関係・年齢別就業・世帯類型",
            "civil status, work by age, household types",
            f"{ja}{mark_ja}",
            f"{en}{mark_en}",
        )
    )
    found.append(Gap("死亡率・出生順位・移動の年齢", "death rates, births by order, movers by age", *NATION[1:]))
    return found


def _founding(tables: Tables) -> list[Gap]:
    """What the founding of agents needs and is not there or is of another year than the newest census."""
    census = years_of(tables, "population")
    newest = census[-1] if census else None
    found = []
    for name in FOUNDING:
        years = years_of(tables, name)
        fits = bool(years) if name == "industries" else newest in years
        if not fits:
            of_ja = f"（{newest}年）" if newest and name != "industries" else ""
            of_en = f" of {newest}" if newest and name != "industries" else ""
            found.append(
                Gap(
                    f"{FOUNDING_JA[name]}{of_ja}",
                    f"{name}{of_en}",
                    "なし: 推計（machi cohort）はできますが、人口の作成（machi found）には SSDSE-A が要ります",
                    "nothing: the town can be projected (machi cohort); founding it (machi found) needs SSDSE-A",
                )
            )
    return found


def _stocks_and_flows(tables: Tables) -> list[Gap]:
    """Register stocks, flows and marriages that are not there."""
    level = ("都道府県または全国の水準", "the level of the prefecture or the nation")
    found = []
    if "register" not in bases_of(tables):
        found.append(Gap("住民基本台帳の年齢別人口（総計）", "register by age (all)", "国勢調査", "the census"))
    if not years_of(tables, "vital", item="births"):
        found.append(Gap("出生・死亡・転入・転出", "births, deaths and moves", *level))
    if not years_of(tables, "vital", item="marriages"):
        found.append(Gap("婚姻・離婚", "marriages and divorces", *level))
    return found
