"""What the command line says, in English and Japanese."""

import locale
import os
import tomllib
from functools import cache
from importlib import resources
from typing import Any

from abm.errors import InputError

LANGUAGES = ("en", "ja")

WORDS: dict[str, tuple[str, str]] = {
    "error": ("Error: {message}", "エラー: {message}"),
    "interrupted": ("Interrupted; nothing half-written is left.", "中断しました。書きかけのファイルは残っていません。"),
    "unexpected": (
        "{kind}: {message} (set MACHI_DEBUG=1 to see where; please report it)",
        "{kind}: {message}（MACHI_DEBUG=1 で発生箇所を表示します。ご報告ください）",
    ),
    "founding": ("Founding the town", "町の人口を作成中"),
    "alignment": ("Solving the reference arm (kept for later)", "参照ケースを調整中（結果は保存されます）"),
    "set_up": ("Compiling and timing one run of each size", "コンパイルと所要時間の計測中"),
    "experiment": ("Experiment", "実験"),
    "design": ("Design", "設計"),
    "runs": ("Runs", "実行数"),
    "fraction": ("Fraction", "抽出率"),
    "seconds_per_run": ("Seconds per run", "1回の秒数"),
    "expected": (
        "Expected: about {minutes} with {workers} worker(s); about {megabytes} MB in {folder}",
        "見込み: ワーカー{workers}個で約{minutes}、容量 約{megabytes} MB（{folder}）",
    ),
    "minutes": ("{m} min {s} s", "{m}分{s}秒"),
    "dry_run": ("Dry run: nothing was run.", "確認のみ: 実行していません。"),
    "quick": (
        "Quick numbers: the same path with few runs; no figure of it is worth quoting.",
        "簡易実行: 手順は同じで実行数だけが少なく、数値は引用できません。",
    ),
    "existing": (
        "This very result is already in {folder} (make it again with --fresh).",
        "同じ条件の結果が既にあります: {folder}（作り直すには --fresh）",
    ),
    "kept_there": (
        "{there} of {all} runs are kept from before; {left} are to be done.",
        "{all}回のうち{there}回は以前の実行が保存されています。残り{left}回を実行します。",
    ),
    "kept_damaged": (
        "{count} place(s) among the kept runs were damaged (first: {first}); any runs they held are done again.",
        "保存された実行のうち{count}か所が壊れていました（最初: {first}）。該当する実行があればやり直します。",
    ),
    "kept_so_far": (
        "{there} of {all} runs are kept; the same command goes on from there.",
        "{all}回のうち{there}回は保存済みです。同じコマンドで続きから再開します。",
    ),
    "failed_runs": (
        "{problem}. The others are kept; the same command tries these again.",
        "失敗した実行があります: {problem}。ほかの実行は保存済みで、同じコマンドで失敗分だけを再試行します。",
    ),
    "unranked": (
        "Tables: {tables} (a ranking and its page need [alone], [predictive], [morris] and [sobol]).",
        "表: {tables}（ランキングとページには [alone]・[predictive]・[morris]・[sobol] が必要です）",
    ),
    "to_do": ("To do", "残り"),
    "running": ("Running", "実行中"),
    "left": ("left", "残り"),
    "analysing": ("Analysing and drawing the page", "分析とページ作成中"),
    "report_failed": (
        "The page could not be made ({problem}); the tables are whole: `machi report {folder}` tries again.",
        "ページを作成できませんでした（{problem}）。表は揃っています: `machi report {folder}` で再作成",
    ),
    "ranking": (
        "Ranking by mean elementary effect (people at the horizon per unit of strength)",
        "ランキング（平均初等効果: 目標年の人口、強度1あたり）",
    ),
    "rank": ("Rank", "順位"),
    "package": ("Package", "パッケージ"),
    "grade": ("Evidence", "根拠"),
    "mu": ("People, mu (90 %)", "人口 mu（90％）"),
    "effect": ("Alone, 90 % predictive", "単独、90％予測区間"),
    "cost": ("Cost, million yen", "費用（百万円）"),
    "written": ("Result: {folder}", "結果: {folder}"),
    "page": ("Page:   {page}", "ページ: {page}"),
    "file": ("Written: {file} ({rows} replication(s))", "書き込みました: {file}（{rows}回）"),
    "residents": ("{town}, {scenario}: residents", "{town}・{scenario}: 人口"),
    "validation_published": (
        "Figures printed by the cities (five_year: the official form; low, high: over what was chosen)",
        "市の公表値との比較（five_year は公式の5年間隔の推計、low・high は選んだ条件による幅）",
    ),
    "validation_official": (
        "The national projection of 2018 (misplaced: by sex and age)",
        "社人研 2018年推計との比較（misplaced は男女・年齢別の誤差率）",
    ),
    "validation_influence": (
        "How births (natural) and moves (social) bear on the future, percent and grade 1-5 (limits unverified)",
        "自然増減・社会増減の影響度（％と5段階。区分値は未確認）",
    ),
    "year": ("Year", "年"),
    "people": ("Residents", "人口"),
    "fit": ("{town}: how well the founding meets its tables", "{town}: 作成した人口と統計表の一致"),
    "factors": ("{town}, {scenario}: factors of the reference arm", "{town}・{scenario}: 調整係数"),
    "births_factor": (
        "Warning: births wanted in {year} are {factor:.2f} of those that the founded couples would have; outside "
        "{low:.2f}-{high:.2f} the founding or the marriages are to be mended first.",
        "注意: {year}年の出生数は、作成した夫婦から見込まれる数の{factor:.2f}倍です。{low:.2f}〜{high:.2f}の外では、"
        "まず人口の作成か結婚の水準を見直してください。",
    ),
    "births_by_age": (
        "Warning: by age of the mother the births wanted in {year} leave {low:.2f}-{high:.2f}: {ages}.",
        "注意: {year}年の出生の係数は、母の年齢別では{low:.2f}〜{high:.2f}の外にあります: {ages}。",
    ),
    "floored": (
        "Warning: {persons:,.0f} arrivals below none were set to none in {count} of {all} years (most in {most}: "
        "{worst:,.0f}): {years}.",
        "注意: 負になる転入{persons:,.0f}人分を、{all}年のうち{count}年で0としました"
        "（最大は{most}年の{worst:,.0f}人）: {years}。",
    ),
    "towns": ("Towns", "自治体"),
    "key": ("Key", "キー"),
    "name": ("Name", "名称"),
    "prefecture": ("Prefecture", "都道府県"),
    "bases": ("Bases", "基準"),
    "scenarios": ("Scenarios", "シナリオ"),
    "packages": ("Packages of {town}", "{town}の施策パッケージ"),
    "measures": ("Measures", "施策"),
    "named_portfolios": ("Portfolios of {town} that have a name", "{town}の名前の付いた組み合わせ"),
    "strengths": ("Packages and strengths", "施策パッケージと強度"),
    "cost_a_year": ("Million yen a year", "百万円/年"),
    "rows": ("Rows modelled / not", "反映 / 未反映の行"),
    "levers": ("Levers: what a policy may move", "レバー: 施策が動かせるもの"),
    "unit": ("Unit", "単位"),
    "neutral": ("Does nothing at", "無効果の値"),
    "bounds": ("Bounds", "範囲"),
    "meaning": ("Meaning", "意味"),
    "behaviour_checks": (
        "{town}: checks of behaviour, {met} of {all} met",
        "{town}: 行動の検証（{all}項目中{met}項目が範囲内）",
    ),
    "behaviour_market": ("Marriage market", "結婚市場"),
    "behaviour_history": ("Marriage 2010 to 2015", "2010〜2015年の結婚"),
    "behaviour_childbirth": ("Childbirth", "出生"),
    "behaviour_away": ("The away, return and moves", "転出者・Uターン・移動"),
    "behaviour_homes": ("Homes", "世帯"),
    "behaviour_work": ("Work and new jobs", "就業と新しい雇用"),
    "check": ("Check", "検証項目"),
    "target": ("Target", "目標"),
    "low": ("Low", "下限"),
    "high": ("High", "上限"),
    "simulated": ("Simulated", "シミュレーション"),
    "met": ("Met", "判定"),
    "schemas": ("Schemas in {folder}: {names}", "スキーマを {folder} に書き出しました: {names}"),
    "check_wrong": ("Wrong: {problem}", "誤り: {problem}"),
    "check_done": ("{files} file(s) checked, {wrong} wrong.", "{files}個のファイルを確認しました。誤り{wrong}件。"),
    "measure": ("Measure", "施策"),
    "dose": ("Dose / of the evidence", "投入量 / 根拠の投入量"),
    "coverage": ("Coverage", "対象率"),
    "lever": ("Lever", "レバー"),
    "range": ("Central [low, high]", "中央値 [下限, 上限]"),
    "timing": ("Timing", "時期"),
    "timing_years": ("lag {lag}, ramp {ramp}, fade {fade} y", "開始{lag}年後・立上げ{ramp}年・終了後{fade}年で減衰"),
    "citation": ("Evidence", "根拠"),
    "evidence_rows": ("Rows of evidence", "根拠の一覧"),
    "goal": ("Goal", "目標"),
    "kpi": ("Indicator (KPI)", "重要業績評価指標（KPI）"),
    "plan_years": ("Years of the plan", "計画期間"),
    "grade_A": ("quasi-experimental, Japan", "国内の準実験"),
    "grade_B": ("quasi-experimental, indirect", "準実験（間接的）"),
    "grade_C": ("observational or programme statistics", "観察研究・事業統計"),
    "grade_D": ("expert assumption", "専門家の仮定"),
    "not_modelled": ("not modelled: {reason}", "反映せず: {reason}"),
    "cost_line": (
        "Cost at strength 1: {low:,.0f} - {high:,.0f} million yen a year (centre {centre:,.0f}). Basis: {basis}",
        "費用（強度1）: 年{low:,.0f}〜{high:,.0f}百万円（中央{centre:,.0f}）。積算: {basis}",
    ),
    "no_result_yet": (
        "No result holds {package} yet: `machi run` an experiment with it.",
        "{package} を含む結果はまだありません。実験を `machi run` で実行してください。",
    ),
    "last_result": (
        "Last time ({name}: {start}-{end}, {scenario}): {package} alone brings {effect} people at the horizon, chance "
        "[{effect_mc_low}, {effect_mc_high}], 90 % predictive [{effect_low}, {effect_high}]; rank {rank} of {all}, "
        "among the first three in {p_top3:.0%} of the draws; {cost_million_yen} million yen, {per:.1f} people per "
        "100 million.",
        "前回の結果（{name}、{start}〜{end}年、{scenario}）: {package} 単独で目標年の人口 {effect} 人。偶然による幅 "
        "[{effect_mc_low}, {effect_mc_high}]、90％予測区間 [{effect_low}, {effect_high}]。{all}件中{rank}位、"
        "上位3位以内となる割合 {p_top3:.0%}。費用 {cost_million_yen} 百万円、1億円あたり {per:.1f} 人。",
    ),
    "last_result_plan": (
        "Until the plan ends only: {effect} people, chance [{effect_mc_low}, {effect_mc_high}]; {cost_million_yen} "
        "million yen.",
        "計画期間のみ実施した場合: {effect} 人、偶然による幅 [{effect_mc_low}, {effect_mc_high}]。"
        "費用 {cost_million_yen} 百万円。",
    ),
    "laid_out": (
        "{files} files in {folder}. Next: cd there, edit policies/, `machi check`, `machi run {experiment}`.",
        "{folder} に{files}個のファイルを用意しました。policies/ を編集し、"
        "`machi check`、`machi run {experiment}` と進みます。",
    ),
    "portfolios_made": (
        "{count} portfolios of {packages} under {seeds} seed(s); chance in one seed's difference in {end}, one package "
        "left out: standard deviation {least} to {most} people, wider the larger the effect.",
        "{packages} の{count}通りの組み合わせ（乱数{seeds}通り）。"
        "1つのパッケージを外したときの{end}年の差の偶然による標準偏差: {least}～{most}人（効果が大きいほど大きい）。",
    ),
    "portfolios_unwritten": (
        "Nothing was written; --write keeps the table beside the town's packages, where its pages find it.",
        "保存していません。--write を付けると施策パッケージの隣に保存し、ページが参照します。",
    ),
    "portfolios_confirmed": (
        "{count} runs gave the table's very figures: {file} is of the present code.",
        "{count}回の計算が表の数値と完全に一致しました。{file} は現在のプログラムによるものとして扱います。",
    ),
    "portfolios_written": (
        "Written: {file} ({kilobytes} kB). Next: `machi report` of a result of the same town.",
        "書き込みました: {file}（{kilobytes} kB）。次は同じ町の結果に `machi report` を実行してください。",
    ),
    "serving": (
        "Open {address} (this machine only, with this address only; Ctrl-C ends it).",
        "{address} を開いてください（このパソコンから、このアドレスでのみ開けます。Ctrl-C で終了します）。",
    ),
    "served": ("Ended; nothing was kept.", "終了しました。試算は保存していません。"),
    "factor": ("Factor", "要因"),
    "value": ("Value", "値"),
    "status": ("Status", "根拠の種類"),
    "source": ("Source", "出典・理由"),
    "status_city": ("city", "市の統計"),
    "status_prefecture": ("prefecture", "県の統計"),
    "status_nation": ("nation", "全国の統計"),
    "status_literature": ("literature", "文献"),
    "status_calibrated": ("calibrated", "較正"),
    "status_assumed": ("assumed", "仮定"),
}


def language(asked: str | None) -> str:
    """`en` or `ja`: what was asked for, else MACHI_LANG, else the locale (InputError for another)."""
    named = asked or os.environ.get("MACHI_LANG")
    if named:
        if named not in LANGUAGES:
            raise InputError(f"--lang: there is no language `{named}`; write ja or en.")
        return named
    variables = [os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)]
    spoken = variables[0] if variables else (locale.getlocale()[0] or "")
    return "ja" if spoken.lower().startswith(("ja", "japanese")) else "en"


def words(key: str, lang: str, **values: object) -> str:
    """One sentence in one language, with its values filled in."""
    return WORDS[key][LANGUAGES.index(lang)].format(**values)


@cache
def room_words(room: str, file: str = "words.toml") -> dict[str, dict[str, Any]]:
    """The words of a room (a package of this one) by language, out of a file that stands in it."""
    return tomllib.loads(resources.files(room).joinpath(file).read_text(encoding="utf-8"))
