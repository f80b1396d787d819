"""Every town's packages: what its strategy names, on the evidence that Iwaki's stand on, at its own doses."""

import csv
import unicodedata
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from imagined_town import ImaginedBench

from abm.errors import InputError
from abm.levers import LEVER_INDEX
from machi.analysis.ranking import rank
from machi.manifest import manifest
from machi.places import find_places
from machi.policy.package import Measure, Package, package_table, read_package, read_packages
from machi.policy.portfolio import levers_by_year
from machi.policy.priors import central, draw_thetas
from machi.policy.shared import check_shared, read_shared
from machi.questions.config import Experiment, read_experiment
from machi.questions.design import runs, same_as_reference, strengths_table
from machi.report import write_report
from machi.runs.run import TownBench, runs_table, years_table
from machi.store import write_json, write_manifest, write_table

ROOT = Path(__file__).resolve().parents[1]
POLICIES = ROOT / "policies"
SHARED = read_shared(POLICIES / "shared.toml")
IWAKI = read_packages(POLICIES / "iwaki")
TOWNS = {name: read_packages(POLICIES / name) for name in ("aizuwakamatsu", "kasama", "ninohe")}
ALL = [(town, package) for town, packages in TOWNS.items() for package in packages]
PERIOD = {"aizuwakamatsu": (2020, 2024), "kasama": (2020, 2024), "ninohe": (2015, 2019)}
AS_PRINTED = """
A1 域内への進学・就職支援
A1 ベンチャー等の創業支援
A1 ICT関連企業の誘致
A1 アナリティクス・セキュリティ人材育成の推進
A1 中小企業の活性化
A1 会津産農畜産品や加工食品のブランド化
A1 ICTを活用した農業振興と若手就農者の拡大
A1 女性や高齢者、障がい者が活躍できる社会の実現
A2 ICTを活用したインバウンド対策の推進
A2 広域連携による観光の推進
A2 新たな切り口による観光誘客の拡大
A2 中心市街地の活性化
A2 交流を通じた人材の育成
A2 地域の魅力発信による定住・二地域居住の推進
A3 ICTを活用した医療・ヘルスケアの促進
A3 ICTの活用による交通の利便性向上
A3 ICTを活用した防災対策等の推進
A3 再生可能エネルギーの普及拡大
A3 ICTを活用した情報提供基盤による利便性向上
A3 中山間地域の生活支援の促進
A3 デジタルガバメントの推進
A4 結婚・出産支援の推進
A4 子ども・子育ての支援
A4 地域の魅力発信による定住・二地域居住の促進(再掲)
A4 教育環境の向上に資するICT環境の整備
K1 ライフステージに応じた支援の充実
K1 仕事と生活における生涯設計の推進
K1 人材育成・確保策の展開
K1 市内外の交流の活性化
K2 笠間暮らしのモデル創出と拡大
K2 公民・広域連携の推進
K2 既存ストックのマネジメント強化
K2 市外ネットワークの強化
K2 市内ネットワークの強化
K3 地域産業の競争力強化
K3 国内観光及びインバウンドの強化
K3 雇用対策の推進
K3 持続・循環する企業等活動の促進
N1 地域資源と伝統文化の融和による産業の振興
N1 地域企業支援の強化と起業(創業)支援の推進
N1 経営感覚を持った新たな農業の確立
N1 新たな産業の創出
N1 地域外からの資金獲得と地域経済循環の推進
N2 「浄法寺漆」を中心とした交流の推進
N2 知的好奇心に訴求する交流の推進
N2 芸術・文化を通じた交流の推進
N2 スポーツによる交流の推進
N2 情報発信の強化と交流の促進
N2 受入態勢の整備と支援制度の創設
N3 若い世代の出会いの場の確保
N3 郷土を知る教育の推進
N3 国内外で活躍するための教育の推進
N4 中心部と周辺部の特徴を生かしたまちづくりの推進
N4 各地域を結ぶ交通体系の整備
N4 地域内外との交流によるコミュニティの再構築
N4 高齢者の知恵と技の伝承
N4 循環型社会の形成と再生エネルギーの利用促進
N4 次世代エネルギーを生かした都市の創造
"""  # the measures that each strategy lists, NFKC-normalised


def key(value: object) -> str:
    return value.key if isinstance(value, Package) else str(value)


def measure(town: str, package: str, name: str) -> Measure:
    """One measure by its keys."""
    found = {one.key: one for one in TOWNS[town]}[package]
    return {one.key: one for one in found.measures}[name]


def test_every_town_has_the_packages_of_its_strategy() -> None:
    keys = {town: [package.key for package in packages] for town, packages in TOWNS.items()}
    assert keys == {
        "aizuwakamatsu": ["A1", "A2", "A3", "A4"],
        "kasama": ["K1", "K2", "K3"],
        "ninohe": ["N1", "N2", "N3", "N4"],
    }
    for town, packages in TOWNS.items():
        check_shared(packages, SHARED)
        assert {(one.run_times.first_year, one.run_times.plan_last_year) for one in packages} == {PERIOD[town]}


@pytest.mark.parametrize(("town", "package"), ALL, ids=key)
def test_every_measure_that_the_strategy_names_is_there(town: str, package: Package) -> None:
    names = [one.name_ja for one in (*package.measures, *package.bare_measures)]
    printed = {line.split(" ", 1)[1] for line in AS_PRINTED.splitlines() if line.startswith(f"{package.key} ")}
    assert printed and printed <= set(names)
    assert len(set(names)) == len(names)
    for text in (*names, package.name_ja, package.goal_ja, package.kpi_ja):
        assert unicodedata.normalize("NFKC", text) == text


@pytest.mark.parametrize(("town", "package"), ALL, ids=key)
def test_rows_are_those_of_the_evidence_and_grades_are_its_grades(town: str, package: Package) -> None:
    fields = {"lever", "target", "low", "central", "high", "unit", "direction", "grade", "citation_status",
              "lag_years", "ramp_years", "fade_years"}  # fmt: skip
    known = [(row.model_dump(include=fields), row) for one in IWAKI for m in one.measures for row in m.effects]
    for one in package.measures:
        for effect in one.effects:
            same = [row for figures, row in known if figures == effect.model_dump(include=fields)]
            assert any(row.citation.endswith(effect.citation) for row in same), effect.lever
            if effect.modelled:
                assert any((row.moves, row.shared, row.times) == (effect.moves, effect.shared, effect.times)
                           for row in same)  # fmt: skip
    main = [effect.grade for one in package.measures for effect in one.effects if effect.main]
    assert package.grade == max(main) and "A" not in main
    assert package.cost_million_yen_per_year.status == "expert assumption"


@pytest.mark.parametrize(
    ("package", "name", "dose", "of_evidence"),
    [
        ("A1", "new_sites", 6 / 5, 12),
        ("A1", "ventures", 10 / 5, 45),
        ("A1", "ict_firms", 9 / 5, 30 / (200 / 18 * 0.5)),
        ("A1", "young_farmers", 35 / 5, 8),
        ("A2", "in_migrants", 159 / 5 / 12.4062, 94 / 34),
    ],
)
def test_printed_targets_are_the_doses(package: str, name: str, dose: float, of_evidence: float) -> None:
    found = measure("aizuwakamatsu", package, name)
    assert found.dose == pytest.approx(dose, rel=2e-3)
    assert found.dose_of_evidence == pytest.approx(of_evidence, rel=2e-3)
    assert "dose" not in found.assumed


@pytest.mark.parametrize("town", sorted(TOWNS))
def test_amounts_without_a_printed_dose_stand_at_the_towns_size(town: str) -> None:
    with (ROOT / "towns" / town / "population.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["year"] == "2015" and row["age_from"] == "total"]
    residents = sum(float(row["persons"]) for row in rows if row["sex"] in ("M", "F"))
    scaled = [one for package in TOWNS[town] for one in package.measures if "residents (" in one.dose_unit]
    assert scaled
    for one in scaled:
        assert (one.dose, one.dose_of_evidence) == (residents, SHARED.combination.reference_population)
        assert all(effect.shared or effect.kind == "amount" for effect in one.effects if effect.modelled)
    for package in TOWNS[town]:  # and no amount of another town slips in unscaled
        for one in package.measures:
            if any(effect.modelled and effect.moves and effect.kind == "amount" for effect in one.effects):
                assert one.dose != one.dose_of_evidence


def bench(town: str) -> TownBench:
    """What a worker of the town's experiment would load, without the town itself."""
    packages = TOWNS[town]
    return TownBench(Path(), (), packages, central(packages, SHARED), (), None, 2015, 2060)


def test_a_run_takes_a_towns_own_amounts_as_they_stand() -> None:
    table = runs(read_experiment(ROOT / "experiments/aizuwakamatsu.toml").resolved(quick=True))
    first = next(run for run in table if run.arm == "A1" and run.run_time == "sustained")
    paths = bench("aizuwakamatsu").levers(first)
    assert paths.array[-1, LEVER_INDEX["settlers_primary"]] == pytest.approx(7 * 0.35)
    assert paths.cost_million_yen[-1] == pytest.approx((50 * 500) ** 0.5)


@pytest.mark.parametrize("town", sorted(TOWNS))
def test_all_packages_together_stay_within_every_levers_bounds(town: str) -> None:
    strengths = {package.key: 1.0 for package in TOWNS[town]}
    for theta in draw_thetas(TOWNS[town], SHARED, 20, 5):
        levers_by_year(TOWNS[town], strengths, theta, "sustained", 2015, 2060)  # refuses what is out of bounds


def test_a_measure_without_evidence_needs_a_reason_and_a_key_of_its_own(tmp_path: Path) -> None:
    text = (POLICIES / "ninohe" / "N4.toml").read_text(encoding="utf-8")
    path = tmp_path / "N4.toml"
    for old, new, word in [
        ("reason = ", "raeson = ", "raeson"),
        ('key = "hydrogen"', 'key = "transport"', "`transport` stands there twice"),
    ]:
        path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="")
        with pytest.raises(InputError, match=word):
            read_package(path)
    lines = {line.key: line for line in package_table(TOWNS["ninohe"])}
    assert lines["N4"].measures[:2] == ("transport", "(small_bases)")


SCENARIO = SimpleNamespace(name_ja="パターン1", name_en="Pattern 1")
PUBLISHED: dict[str, list[tuple[str, str, int, float, str]]] = {
    "aizuwakamatsu": [
        ("baseline", "趨勢(第2期 現状推計)", 2060, 66000, "persons"),
        ("vision", "将来展望(長期人口ビジョン)", 2060, 100000, "persons"),
        ("vision_minus_baseline_0_14", "0~14歳の差", 2060, 10000, "persons"),
    ],
    "kasama": [],
    "ninohe": [("vision", "将来展望", 2045, 20000, "persons")],
}


def written_result(folder: Path, town: str) -> dict[str, Any]:
    """Carry out the town's quick experiment in an imagined town, rank it and write its folder."""
    experiment: Experiment = read_experiment(ROOT / f"experiments/{town}.toml").resolved(quick=True)
    assert experiment.packages == tuple(package.key for package in TOWNS[town])
    table = runs(experiment)
    simulation = ImaginedBench(end=experiment.end).open()
    results = [simulation(run) for run in table]
    for run, result in zip(list(table), list(results), strict=True):
        for twin in same_as_reference(run, experiment):
            table.append(twin)
            results.append(result)
    names = ("indicator", "label_ja", "year", "value", "unit")
    published = [SimpleNamespace(source="", **dict(zip(names, row, strict=True))) for row in PUBLISHED[town]]
    place = SimpleNamespace(
        key=town, name_ja=town, name_en=town, published=published, sources={}, japan=SimpleNamespace(sources={})
    )
    plan = SimpleNamespace(
        experiment=experiment, name=town, quick=False, table=table, packages=TOWNS[town], shared=SHARED,
        ground=SimpleNamespace(
            town=place, start=experiment.start, end=experiment.end, scenario=SCENARIO, places=find_places(ROOT),
            town_dir=ROOT / "towns" / town, scenario_path=ROOT / "towns" / town / "scenarios" / "baseline.toml",
        ),
        versions={}, fingerprint="", fingerprints={}, scenarios={},
    )  # fmt: skip
    meta = [package.model_dump(include={"key", "name_ja", "name_en", "grade"}) for package in TOWNS[town]]
    samples = strengths_table(table, experiment.packages)
    gap = manifest(cast(Any, plan), {}, {})["notes"]["gap"]
    found = rank(runs_table(table, results), samples, meta, 1, gap, experiment.end)
    folder.mkdir()
    for name, frame in {
        "runs.parquet": runs_table(table, results),
        "series.parquet": years_table(table, results, "series"),
        "pyramids.parquet": years_table(table, results, "pyramids"),
        "ranking.csv": found.ranking,
        "ranking_plan.csv": found.ranking_plan,
    }.items():
        write_table(folder, name, frame)
    write_json(folder, "sensitivity.json", found.sensitivity)
    content = manifest(cast(Any, plan), found.notes, {})
    write_manifest(folder, content)
    return content


@pytest.mark.parametrize("town", sorted(TOWNS))
def test_the_page_of_a_town_with_few_packages_says_no_more_than_its_strategy(tmp_path: Path, town: str) -> None:
    notes = written_result(tmp_path / town, town)["notes"]
    page = write_report(tmp_path / town, ("en", "ja")).read_text(encoding="utf-8")
    english, japanese = page.split('<article id="ja"')
    assert notes["gap"] == ({"2060": 34000.0} if town == "aizuwakamatsu" else {})
    for word in ("Iwaki", "twelve", "None", "nan", "inf %"):
        assert word not in english.split("What is in the packages")[0]
    assert f"All {len(TOWNS[town])} policy packages" in english
    for package in TOWNS[town]:
        for one in (*package.measures, *package.bare_measures):
            assert one.name_ja in japanese
    bare = sum(len(package.bare_measures) for package in TOWNS[town])
    assert f"{bare} have no evidence" in english
    assert ("Chance of the top 3" in english) == (len(TOWNS[town]) > 3)
    assert ("Vision minus baseline" in english) == (town == "aizuwakamatsu")
    assert ("City&#39;s baseline" in english) == (town == "aizuwakamatsu")
    assert ("of the gap of" in english) == (town == "aizuwakamatsu")
    assert ("the city&#39;s vision says 20,000" in english) == (town == "ninohe")
    assert ("City&#39;s vision" in english) == (town != "kasama")
    assert "the scenario “Pattern 1”" in english and "シナリオ「パターン1」" in japanese
    if town == "aizuwakamatsu":
        assert "趨勢(第2期 現状推計) 2060: 66,000" in japanese
