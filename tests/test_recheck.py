"""A stored table of portfolios meets the present code: confirmed where every figure is the same, refused otherwise."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from command_line import command

from machi.places import Places
from machi.portfolio_table.file import PortfolioTable, read, write
from machi.recheck import portfolios_asked
from machi.runs.runkey import context, simulating_code

QUESTION = """
schema = 1
title_en = "Two packages, three years"
title_ja = "2施策、3年間"
town = "iwaki"
basis = "census"
scenario = "baseline"
packages = ["P06", "P10"]
start = 2015
end = 2018
run_time = "sustained"
seed = 7
[factorial]
seeds = 2
fraction = 0.005
"""
Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Call:
    """The command line, in a workspace of its own that holds one small factorial and its table."""
    called = command(tmp_path, monkeypatch, capfd)
    (tmp_path / "experiments").mkdir()
    (tmp_path / "experiments" / "small.toml").write_text(QUESTION, encoding="utf-8")
    assert called("run", "small", "--serial")[0] == 0
    assert called("portfolios", "small", "--write")[0] == 0
    return called


def test_a_table_of_other_code_is_confirmed_or_refused_by_its_figures(tmp_path: Path, call: Call) -> None:
    path = Places(tmp_path, tmp_path).own_portfolio_table("iwaki")
    made = read(path)
    assert made.header.code == simulating_code() and made.header.context == context()
    older = PortfolioTable(made.header.model_copy(update={"code": "0", "context": "0"}), made.columns)
    write(path, older)
    code, out, _ = call("portfolios", "--recheck", "iwaki")
    assert code == 0 and "8 runs" in out and read(path).header == made.header
    people = made.columns["population_2018"].copy()
    people[3] += 1
    write(path, PortfolioTable(older.header, made.columns | {"population_2018": people}))
    before = path.read_bytes()
    code, _, err = call("portfolios", "--recheck", "iwaki")
    assert code == 2 and "P06+P10" in err and "population_2018" in err and "Traceback" not in err
    assert path.read_bytes() == before
    prints = older.header.fingerprints | {"policies": "0"}
    write(path, PortfolioTable(older.header.model_copy(update={"fingerprints": prints}), made.columns))
    code, _, err = call("portfolios", "--recheck", "iwaki")
    assert code == 2 and "policies" in err


def test_what_cannot_be_rechecked_is_refused_in_a_sentence(call: Call) -> None:
    for words, named in (
        ((), "RESULT"),
        (("small", "--recheck", "iwaki"), "one of them"),
        (("--recheck", "iwaki", "--write"), "--write"),
        (("--recheck", "ninohe"), "ninohe"),
    ):
        code, _, err = call("portfolios", *words)
        assert code == 2 and named in err and "Traceback" not in err


@pytest.mark.parametrize("packages", [1, 2, 3, 12])
def test_every_package_is_simulated_again_alone_and_left_out(packages: int) -> None:
    masks = np.array(portfolios_asked(packages))
    held = masks[:, None] >> np.arange(packages) & 1
    assert masks[0] == 0 and (np.diff(masks) > 0).all()
    assert np.isin([1, packages - 1, packages], held.sum(axis=1)).all()
    for count in (1, packages - 1):
        assert (held[held.sum(axis=1) == count].sum(axis=0) >= count * (packages > 1)).all()
