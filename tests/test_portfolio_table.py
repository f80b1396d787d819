"""The table of every portfolio: differences of paired runs, chance told from repeated ones, and nothing damaged."""

import json
import shutil
import sys
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hatchling.builders.wheel import WheelBuilder
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from synthetic_manifest import made_up_manifest
from synthetic_portfolios import RATE, made_up_table
from synthetic_result import PACKAGES, seal

from abm.errors import InputError
from machi import cli, session
from machi.places import Places
from machi.portfolio_table.currency import PARTS, has_other_libraries, outdated
from machi.portfolio_table.file import COST, HEADER, PortfolioTable, compact, read, write
from machi.portfolio_table.making import table_of
from machi.portfolio_table.spread import deviation, half_apart
from machi.questions.samples import of_masks
from machi.store import read_manifest

ROOT = Path(__file__).resolve().parent.parent
KEYS = ["P01", "P02", "P03"]
NOISE = 40.0  # deviation of one run's population around its expectation


def factorial_result(folder: Path, seeds: int = 1, repeated: int = 200, **changed: Any) -> Path:
    """A result of all portfolios of three packages; `repeated` seeds of the same in a fraction and left-out arms."""
    rng = np.random.default_rng(3)
    rows = []
    for design, count in (("factorial", seeds), ("fraction", repeated), ("leave_one_out", repeated)):
        masks = (7, 6, 5, 3) if design == "leave_one_out" else range(8)
        for mask, seed in product(masks, range(1, count + 1)):
            left = "all" if mask == 7 else f"all_but_{KEYS[[6, 5, 3].index(mask)]}" if mask in (6, 5, 3) else ""
            out = design == "leave_one_out"
            people = 1000.0 * mask + rng.normal(0, NOISE)
            rows.append({
                "design": design, "run_time": "sustained", "arm": left if out else f"{design[0]}{mask:04d}",
                "sample": -1 if out else mask, "replication": seed, "seed": 100 + seed, "fraction": 1.0,
                "population": 200_000 + people, "population_2015": 350_000.0, "population_2030": 290_000 + people / 4,
                "births": 60_000 + mask, "moves_net": -20_000.0 - mask, "marriages": 30_000.0, COST: 50.0 * mask,
            })  # fmt: skip
    strengths = of_masks(np.arange(8), 3)
    sampled = [
        pd.DataFrame(strengths, columns=KEYS).assign(design=name, sample=range(8)) for name in ("factorial", "fraction")
    ]
    folder.mkdir(parents=True)
    pd.DataFrame(rows).to_parquet(folder / "runs.parquet", index=False)
    pd.concat(sampled).to_parquet(folder / "strengths.parquet", index=False)
    config = {"run_time": "sustained", "packages": KEYS, "factorial": {"packages": 12, "seeds": seeds}}
    seal(folder, made_up_manifest([list(row) for row in PACKAGES], True) | {"config": config} | changed)
    return folder


def test_rows_are_differences_to_no_policy_under_the_same_seeds(tmp_path: Path) -> None:
    folder = factorial_result(tmp_path / "f", seeds=2)
    table = table_of(folder)
    runs = pd.read_parquet(folder / "runs.parquet").query("design == 'factorial'")
    wide = runs.pivot_table(index="sample", columns="replication", values="population")
    expected = (wide - wide.loc[0]).mean(axis=1)
    assert table.columns["population_2060"] == pytest.approx(expected.to_numpy(), rel=1e-6)
    assert table.header.none["population_2060"] == pytest.approx(wide.loc[0].mean())
    assert table.columns["births"].tolist() == list(range(8)) and table.columns["births"].dtype == np.int32
    assert table.columns[COST].tolist() == [50 * mask for mask in range(8)]
    assert table.header.seeds == (101, 102) and table.years == [2015, 2030, 2060]
    assert not any(values[0] for values in table.columns.values())


def test_chance_is_the_variance_of_one_seeds_paired_difference_by_people(tmp_path: Path) -> None:
    """Independent arms here: a difference has twice a run's variance; 200 seeds tell it within a few percent."""
    header = table_of(factorial_result(tmp_path / "f")).header
    people = sum(range(1000, 8000, 1000)) + 1000 + 2000 + 4000  # of the fraction's portfolios, and of those left out
    rate = 10 * 2 * NOISE**2 / people
    assert header.chance["population_2060"] == pytest.approx(rate, rel=4 * (2 / 199) ** 0.5)
    assert header.chance["population_2030"] == pytest.approx(rate / 16, rel=4 * (2 / 199) ** 0.5)
    assert header.chance["population_2015"] == 0.0 and COST not in header.chance and header.chance_seeds == 200
    bare = table_of(factorial_result(tmp_path / "bare", repeated=1)).header
    assert set(bare.chance.values()) == {None} and bare.chance_seeds == 0


@settings(deadline=None, max_examples=50)
@given(one=st.integers(0, 7), other=st.integers(0, 7), column=st.sampled_from(["population_2060", "births", COST]))
def test_a_difference_varies_by_what_only_one_portfolio_has(one: int, other: int, column: str) -> None:
    table = made_up_table(3)
    apart = half_apart(table, column, one, other)
    assert apart == half_apart(table, column, other, one) == half_apart(table, column, one & ~other, other & ~one)
    assert (apart == 0) == (one == other or column == COST)
    disjoint = [half_apart(table, column, mask) for mask in (one & ~other, other & ~one)]
    assert apart == pytest.approx(float(np.hypot(*disjoint)))
    bare = made_up_table(3, chance=dict.fromkeys(table.header.chance))
    assert np.isnan(half_apart(bare, column, one, other)) == (one != other and column != COST)


def test_the_larger_the_effect_the_wider_and_none_is_sure() -> None:
    header = made_up_table(3).header
    found = deviation(header, "population_2060", [0.0, -100.0, 100.0, 400.0])
    assert found is not None and found == pytest.approx(
        [RATE, (RATE * 100) ** 0.5, (RATE * 100) ** 0.5, 20 * RATE**0.5]
    )


def test_a_table_of_the_earlier_form_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "portfolios.parquet"
    write(path, made_up_table(3))
    content = pq.ParquetFile(path).read()
    header = json.loads(content.schema.metadata[HEADER]) | {"schema": 1}
    pq.write_table(content.replace_schema_metadata({HEADER: json.dumps(header).encode()}), path)
    with pytest.raises(InputError, match=r"\(schema\) 1.*machi portfolios RESULT --write") as caught:
        read(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (lambda runs: runs.drop(columns="moves_net"), "moves_net"),
        (lambda runs: runs.assign(population_2030=np.nan), "population_2030"),
        (lambda runs: runs[runs["sample"] != 5], "sample 5"),
        (lambda runs: runs[runs["arm"] != "f0007"], "factorial"),
    ],
)
def test_what_is_not_a_whole_factorial_is_refused(
    tmp_path: Path, spoil: Callable[[pd.DataFrame], pd.DataFrame], named: str
) -> None:
    folder = factorial_result(tmp_path / "f")
    spoil(pd.read_parquet(folder / "runs.parquet")).to_parquet(folder / "runs.parquet", index=False)
    seal(folder, {name: value for name, value in read_manifest(folder).items() if name != "files"})
    with pytest.raises(InputError, match=named) as caught:
        table_of(folder)
    assert "\n" not in str(caught.value)


def test_a_result_that_does_not_tell_its_make_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"simulator|code"):
        table_of(factorial_result(tmp_path / "old", simulator={}))
    with pytest.raises(InputError, match="every portfolio"):
        table_of(factorial_result(tmp_path / "other", config={"run_time": "sustained", "packages": KEYS}))


@settings(deadline=None, max_examples=25)
@given(values=arrays(np.float64, 8, elements=st.floats(-1e6, 1e6) | st.integers(-(10**6), 10**6).map(float)))
def test_a_table_is_read_as_it_was_written(tmp_path_factory: pytest.TempPathFactory, values: np.ndarray) -> None:
    made = made_up_table(3)
    table = PortfolioTable(made.header, made.columns | {"births": compact(values)})
    path = tmp_path_factory.mktemp("table") / "portfolios.parquet"
    write(path, table)
    again = read(path)
    assert again.header.model_copy(update={"digest": ""}) == table.header
    for name, figures in table.columns.items():
        assert np.array_equal(again.columns[name], figures) and again.columns[name].dtype == figures.dtype
    assert again.columns["births"] == pytest.approx(values, rel=1e-6, abs=1e-6)


def test_no_flipped_byte_goes_unseen(tmp_path: Path) -> None:
    path = tmp_path / "portfolios.parquet"
    table = made_up_table(3)
    write(path, table)
    whole = path.read_bytes()
    seen = 0
    for place in range(0, len(whole), 37):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        try:
            again = read(path)
        except InputError as error:
            assert "portfolios.parquet" in str(error) and "\n" not in str(error)
            seen += 1
        else:  # a byte that carries nothing of the table
            assert all(np.array_equal(again.columns[name], table.columns[name]) for name in table.columns)
    assert seen > len(whole) / 37 / 4
    for text in (b"", b"PAR1", whole[:-9]):
        path.write_bytes(text)
        with pytest.raises(InputError, match="machi portfolios"):
            read(path)


def test_a_table_of_other_make_is_told_by_its_parts() -> None:
    manifest = made_up_manifest([list(row) for row in PACKAGES], True)
    assert outdated(made_up_table(3).header, manifest) == []
    prints = {"town": "1a2b", "policies": "3c4d", "experiment": "d6e7"}
    others: dict[str, dict[str, Any]] = {
        "town": {"fingerprints": prints | {"town": "0"}},
        "policies": {"fingerprints": prints | {"policies": "0"}},
        "scenario": {"scenario": "trend"},
        "basis": {"basis": "register"},
        "run_time": {"run_time": "plan"},
        "years": {"end": 2050},
        "code": {"code": "0"},
    }
    assert set(others) == set(PARTS)
    for part, changed in others.items():
        assert outdated(made_up_table(3, **changed).header, manifest) == [part]
    assert outdated(made_up_table(3).header, {**manifest, "simulator": {}}) == ["code"]
    assert outdated(made_up_table(3).header.model_copy(update={"packages": ("P01", "X9")}), manifest) == ["policies"]
    assert not has_other_libraries(made_up_table(3).header, manifest)
    assert has_other_libraries(made_up_table(3, context="0").header, manifest)


def test_the_command_keeps_the_table_where_pages_find_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MACHI_LANG", "en")
    monkeypatch.setattr(session, "_asked", {"lang": None, "workspace": None})
    (tmp_path / "machi.toml").touch()
    factorial_result(tmp_path / "results" / "factorial")
    factorial_result(tmp_path / "results" / "trial", quick=True)

    def call(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["machi", "portfolios", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return (int(str(ended.value.code)), *capfd.readouterr())

    places, path = Places(tmp_path, tmp_path), tmp_path / "policies" / "iwaki" / "portfolios.parquet"
    code, out, _ = call("factorial")
    assert code == 0 and "8 portfolios" in out and "--write" in out and places.portfolio_table("iwaki") is None
    code, out, _ = call("factorial", "--write")
    assert code == 0 and "portfolios.parquet" in out and places.portfolio_table("iwaki") == path
    first = path.read_bytes()
    assert read(path).header.packages == tuple(KEYS)
    assert call("factorial", "--write")[0] == 0 and path.read_bytes() == first
    code, _, err = call("trial", "--write")
    assert code == 2 and "--quick" in err and "Traceback" not in err and path.read_bytes() == first
    code, _, err = call("factory")
    assert code == 2 and "factorial" in err


def test_a_wheel_carries_the_table(tmp_path: Path) -> None:
    for name in ("pyproject.toml", ".gitignore"):
        shutil.copy(ROOT / name, tmp_path / name)
    write(Places(tmp_path, tmp_path).own_portfolio_table("iwaki"), made_up_table(2))
    carried = [one.distribution_path for one in WheelBuilder(str(tmp_path)).recurse_included_files()]
    assert [Path(one).as_posix() for one in carried] == ["machi/builtin/policies/iwaki/portfolios.parquet"]
