"""Calibration recovers known factors, says how sure it is, and writes only where it is told to."""

import math
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from command_line import command

import machi as public
from abm.alignment import align
from abm.errors import InputError
from abm.known.scenario import Scenario
from abm.known.town import Town
from abm.levels.calibrated import KEYS, calibrated
from abm.levers import neutral
from abm.people.outputs import Outputs
from abm.simulation import simulate
from benchmarks.calibration import COUNTED, YEARS, trial
from machi import cli
from machi.calibration.fit import Bench, Fitting
from machi.calibration.moments import BY_KEY, MOMENTS, Observed, counted, simulated, stated

if TYPE_CHECKING:
    from conftest import Small

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def bench(small: "Small", town: Town, scenario: Scenario) -> Bench:
    """One resident in fifty over three years."""
    return Bench(small.founding, align(town, scenario, 2015, 2015 + YEARS, small.founding))


def observed(bench: Bench, keys: tuple[str, ...] = COUNTED, seed: int = 77) -> list[Observed]:
    """What one run of the uncalibrated town counts."""
    moments = [BY_KEY[key] for key in keys]
    rates, counts = simulated(bench.lived((), np.zeros(0), [seed])[0], moments)
    return [Observed(*one, "synthetic") for one in zip(moments, rates.tolist(), counts.tolist(), strict=True)]


# The factors


def test_no_factor_is_no_difference(small: "Small") -> None:
    levers = neutral(8)
    plain = simulate(*small, levers, 5)
    for factors in ({}, dict.fromkeys(KEYS, 1.0)):
        under = simulate(small.founding, calibrated(small.reference, factors), levers, 5)
        assert all(np.asarray(a).tobytes() == np.asarray(b).tobytes() for a, b in zip(plain, under, strict=True))


@pytest.mark.parametrize(("key", "counted"), list(zip(KEYS, COUNTED, strict=True)))
def test_each_factor_moves_its_own_count(small: "Small", key: str, counted: str) -> None:
    def totals(factor: float) -> float:
        arm = calibrated(small.reference, {key: factor})
        runs: list[Outputs] = [simulate(small.founding, arm, neutral(8), seed) for seed in (1, 2, 3)]
        return float(sum(getattr(run, counted).sum() for run in runs))

    low, middle, high = (totals(factor) for factor in (0.6, 1.0, 1.6))
    assert low < 0.85 * middle and high > 1.12 * middle


@pytest.mark.parametrize(("factors", "named"), [({"divorce": 1.0}, "marriage"), ({"uturn": 2.5}, "between 0.5 and 2")])
def test_other_factors_are_refused(small: "Small", factors: dict[str, float], named: str) -> None:
    with pytest.raises(InputError, match=named):
        calibrated(small.reference, factors)


# The fit


def test_known_factors_are_recovered(bench: Bench) -> None:
    """Three synthetic towns: of twelve 90 % intervals four or more miss with a chance of 3 %.

    Six standard errors, themselves estimated from eight runs (Student's t, 7 degrees), are missed by one of twelve in
    one case of 150. Fifty are held by `python -m benchmarks calibration`.
    """
    trials = [trial(bench, number, seeds=8) for number in (1, 2, 3)]
    assert all(one.fit.converged for one in trials)
    assert sum(sum(one.covered.values()) for one in trials) >= 9
    for one in trials:
        for factor in one.fit.factors:
            assert factor.low < factor.value < factor.high and not factor.at_bound
            assert abs(math.log(factor.value / one.truth[factor.key])) < 6 * factor.error
        for met in one.fit.moments:
            before, after = (abs(math.log(rate / met.observed.rate)) for rate in (met.before, met.after))
            assert after < 0.05 and after <= max(before, 0.02) and met.dispersion > 0.0
        assert np.allclose(np.diag(one.fit.correlation), 1.0) and one.fit.freedom == 0 and math.isnan(one.fit.surprise)


def test_what_the_run_counts_itself_asks_for_no_factor(bench: Bench) -> None:
    """The very replications as observations: common random numbers leave nothing to correct."""
    moments = [BY_KEY[key] for key in ("births", "moves_out")]
    runs = [simulated(run, moments) for run in bench.lived((), np.zeros(0), [4, 5, 6])]
    rates, counts = (np.mean(column, axis=0) for column in zip(*runs, strict=True))
    seen = [Observed(*one, "itself") for one in zip(moments, rates.tolist(), counts.tolist(), strict=True)]
    fit = Fitting(bench, ("childbirth", "leaving"), seen, [4, 5, 6]).fit()
    assert fit.passes == 1 and [one.value for one in fit.factors] == [1.0, 1.0]


def test_more_moments_than_factors_are_weighed_and_judged(bench: Bench) -> None:
    seen = observed(bench)
    fit = Fitting(bench, ("marriage", "leaving"), seen, range(1, 9)).fit()
    assert fit.freedom == 2 and 0.0 < fit.surprise <= 1.0
    births = next(one for one in seen if one.moment.key == "births")
    absurd = [one._replace(rate=2 * one.rate) if one is births else one for one in seen]
    assert Fitting(bench, ("marriage", "leaving"), absurd, range(1, 9)).fit().surprise < 0.01


def test_more_counts_make_a_narrower_interval(bench: Bench) -> None:
    def error(times: float) -> float:
        seen = [one._replace(number=one.number * times) for one in observed(bench, ("births",))]
        return Fitting(bench, ("childbirth",), seen, range(1, 9)).fit().factors[0].error

    assert error(100.0) < error(1.0) < error(0.01)


def test_a_target_out_of_reach_is_told(bench: Bench) -> None:
    seen = [one._replace(rate=5 * one.rate) for one in observed(bench, ("births",))]
    found = Fitting(bench, ("childbirth",), seen, range(1, 5)).fit().factors[0]
    assert found.at_bound and found.value == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("keys", "moments", "seeds", "named"),
    [
        (("marriage", "childbirth"), ("births",), 3, "cannot be told from 1 moments"),
        (("childbirth",), ("births",), 2, "3 or more"),
        ((), ("births",), 3, "at least one"),
        (("uturn", "uturn"), ("returns", "births"), 3, "each once"),
    ],
)
def test_what_cannot_be_solved_is_one_sentence(
    bench: Bench, keys: tuple[str, ...], moments: tuple[str, ...], seeds: int, named: str
) -> None:
    with pytest.raises(InputError, match=named):
        Fitting(bench, keys, observed(bench, moments), range(1, seeds + 1)).fit()


def test_moments_that_do_not_speak_of_a_factor_are_refused(bench: Bench) -> None:
    """Nobody who returns was born in these years: births cannot tell the pull of the town from births themselves."""
    with pytest.raises(InputError, match="cannot tell"):
        Fitting(bench, ("leaving", "childbirth"), [*observed(bench, ("births",)) * 2], range(1, 4)).fit()


# What is observed


def test_counts_are_those_of_the_register(town: Town) -> None:
    found = counted(town.setting.area, 2015.75, 3, MOMENTS)
    assert set(found) == {"marriages", "births", "moves_out"}
    assert found["marriages"].number == 1583 + 1424 + 1370  # vital.csv, 2016-2018
    assert found["births"].rate == pytest.approx((2347 + 2352 + 2176) / 3 / 327_000, rel=0.01)
    assert "2016-2018" in found["moves_out"].source
    assert counted(town.setting.area, 2019.0, 3, MOMENTS) == {}


def test_a_run_is_counted_as_a_register_counts(small: "Small") -> None:
    run = simulate(*small, neutral(8), 1)
    rates, counts = simulated(run, MOMENTS)
    by_key = dict(zip((moment.key for moment in MOMENTS), counts, strict=True))
    assert by_key["marriages"] == run.marriages.sum() / 2 and by_key["births"] == run.births.sum()
    assert by_key["away_20_49"] == run.away[-1, :, 20:50].sum()
    assert (rates > 0).all() and rates[1] < 0.02


def test_stated_counts_are_checked() -> None:
    assert stated({"returns": 1300.0}, 350_000.0)["returns"].rate == pytest.approx(1300 / 350_000)
    with pytest.raises(InputError, match="did you mean `returns`"):
        stated({"return": 1.0}, 1.0)
    with pytest.raises(InputError, match="above 0"):
        stated({"returns": 0.0}, 1.0)


# The command and its file


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a town of its own, a copy of Ninohe."""
    folder = tmp_path_factory.mktemp("workspace")
    (folder / "machi.toml").touch()
    shutil.copytree(ROOT / "towns" / "ninohe", folder / "towns" / "ninohe")
    return folder


@pytest.fixture
def machi(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], place: Path):  # type: ignore[no-untyped-def]
    """Call the command in this process: (exit code, stdout, stderr)."""
    return command(place, monkeypatch, capfd)


CALIBRATE = ("calibrate", "ninohe", "--replications", "3", "--fraction", "0.3")


def test_a_town_is_calibrated_and_simulated_with_it(machi, place: Path) -> None:  # type: ignore[no-untyped-def]
    own = place / "towns" / "ninohe" / "calibration.toml"
    code, out, _ = machi(*CALIBRATE, "--target", "returns=120", "--out", "deep/factors.toml")
    assert code == 0 and "uturn" in out and "2016-2018" in out and "--write" in out
    assert (place / "deep" / "factors.toml").is_file() and not own.exists()
    assert machi("simulate", "ninohe", "--scenario", "baseline", "--out", "x.csv", "--calibrated")[0] == cli.USAGE

    code, out, _ = machi("--lang", "ja", *CALIBRATE, "--write")
    assert code == 0 and "転出" in out and own.is_file()
    asked = {"seeds": [1], "fraction": 0.3, "end": 2018, "workspace": place}
    plain, under = (public.simulate("ninohe", calibrated=one, **asked).years for one in (False, True))  # type: ignore[arg-type]
    assert not plain.equals(under)
    with pytest.raises(InputError, match="scenario is baseline, not trend"):
        public.simulate("ninohe", scenario="trend", calibrated=True, **asked)  # type: ignore[arg-type]

    text = own.read_text(encoding="utf-8")
    for old, new, named in (
        ("[factor.leaving]", "[factor.leavin]", "did you mean `leaving`"),
        ("log_error", "logg_error", "no such field"),
        ("schema = 1", "schema = ", "not TOML"),
    ):
        own.write_text(text.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(InputError, match=named):
            public.simulate("ninohe", calibrated=True, **asked)  # type: ignore[arg-type]
    own.unlink()


@pytest.mark.parametrize(
    ("line", "named"),
    [
        (("calibrate", "ninoho"), "ninohe"),
        ((*CALIBRATE, "--factor", "leavin"), "leaving"),
        ((*CALIBRATE, "--target", "returns"), "returns=1.0"),
        ((*CALIBRATE, "--target", "returner=3"), "returns"),
        ((*CALIBRATE, "--target", "returns=-3"), "above 0"),
        ((*CALIBRATE, "--years", "90"), "--years"),
        ((*CALIBRATE, "--factor", "uturn", "--factor", "uturn"), "each once"),
        (("calibrate", "ninohe", "--replications", "2"), "--replications"),
        (("calibrate", "ninohe", "--fraction", "0"), "--fraction"),
        (("calibrate", "iwaki", "--write"), "no town of this workspace"),
        ((*CALIBRATE, "--out", "towns"), "is a folder"),
    ],
)
def test_a_wrong_input_is_one_sentence_and_exit_2(machi, line: tuple[str, ...], named: str) -> None:  # type: ignore[no-untyped-def]
    code, out, err = machi(*line)
    sentence = err.splitlines()[-1]
    assert code == cli.USAGE and out == "" and named in sentence and sentence.startswith("Error: ")
    assert "Traceback" not in err
