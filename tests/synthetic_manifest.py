"""The manifest of a made-up result: town, packages with their measures, published figures and notes."""

from typing import Any

START, END = 2015, 2060


def made_up_manifest(packages: list[list[Any]], sobol: bool) -> dict[str, Any]:
    published = [
        ("baseline", 2030, 292000),
        ("baseline", 2060, 173000),
        ("vision2", 2030, 300000),
        ("vision2", 2060, 220000),
        ("vision_tfr", 2040, 2.11),
    ]
    return {
        "name": "twelve_packages",
        "title_ja": "いわき市の12の政策パッケージ",
        "title_en": "Iwaki's twelve policy packages",
        "town": {"key": "iwaki", "name_ja": "いわき市", "name_en": "Iwaki"},
        "scenario": "baseline",
        "basis": "census",
        "start": START,
        "end": END,
        "fraction": [1.0, 0.05],
        "config": {"run_time": "sustained"},
        "fingerprint": "0123456789abcdef",
        "versions": {
            "python": "3.11.9",
            "machi": "0.1.0",
            "numpy": "2.3.0",
            "mesa": "3.3.1",
            "salib": "1.5.1",
        },
        "fingerprints": {"town": "1a2b", "policies": "3c4d", "experiment": "5e6f", "code": "7081"},
        "simulator": {"code": "92a3", "context": "b4c5"},
        "seeds": {"replications": [1, 2, 3, 4, 5, 6], "analysis": 1},
        "timings": {"set_up": 4.2, "founding": 8.8, "alignment": 21.3, "runs": 240.6, "analysis": 9.0},
        "runs": {"alone": 168, "predictive": 840, "morris": 1040, "sobol": 1792},
        "published": [
            {"indicator": name, "year": year, "value": value, "source": "strategy2"} for name, year, value in published
        ],
        "sources": [
            {
                "key": "strategy2",
                "statistic": "Second Iwaki comprehensive strategy (overview)",
                "statistic_ja": "第2期いわき創生総合戦略〔概要版〕",
                "publisher": "いわき市",
                "credit": "いわき市",
                "terms": "",
            },
            {
                "key": "census_population",
                "statistic": "Population Census",
                "statistic_ja": "国勢調査",
                "credit": "「国勢調査」（総務省統計局）を加工して作成",
                "terms": "CC BY 4.0; 政府標準利用規約",
            },
        ],
        "packages": [_package(row) for row in packages],
        "notes": {
            "net_movers_per_slot": {"low": 0.05, "central": 0.25, "high": 0.5},
            "ties": [
                ["P06", "P03"],
                ["P03", "P02"],
                ["P01", "P10"],
                ["P02", "P01"],
                ["P05", "P07"],
                ["P12", "P08"],
            ],
            "replications_for_5_percent": {row[0]: 4 + 3 * i for i, row in enumerate(packages)} | {"P09": None},
            "noise_share": 0.37 if sobol else None,
            "too_noisy_to_rank": True,
            "sum_of_all": {"2030": 640.0, "2060": 6400.0},
            "sum_of_all_interval": {
                "2030": {"mc_low": 600.0, "mc_high": 690.0, "low": 180.0, "high": 1190.0},
                "2060": {"mc_low": 6340.0, "mc_high": 6460.0, "low": 2100.0, "high": 11800.0},
            },
            "gap": {"2030": 8000.0, "2060": 47000.0},
        },
    }


def _package(row: list[Any]) -> dict[str, Any]:
    key, ja, en, grade, goal, kpi, low, high, _people = row
    first = {
        "key": "first",
        "name_ja": "奨学金返還支援",
        "name_en": "Scholarship repayment support",
        "grade": grade,
        "citations": [
            {
                "text": "Iwaki City page (quota about 50 a year, half of the repayment)",
                "status": "abstract or press",
            },
            {"text": "JILPT Survey Series 152 (2016)", "status": "from memory"},
        ],
        "assumed": ["dose = 50.0", "coverage = 1.0", "returnees_extra: fade_years = 5"],
        "not_modelled": ["sector_wage: The model has no wages."] if key in {"P11", "P12"} else [],
    }
    second = {
        "key": "second",
        "name_ja": "相談支援",
        "name_en": "Counselling",
        "grade": "D",
        "citations": [{"text": "expert assumption", "status": "expert assumption"}],
        "assumed": ["dose"],
        "not_modelled": [],
    }
    return {
        "key": key,
        "name_ja": ja,
        "name_en": en,
        "grade": grade,
        "goal_ja": goal,
        "kpi_ja": kpi,
        "cost_low": low,
        "cost_high": high,
        "measures": [first, second],
    }
