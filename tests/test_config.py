"""An experiment is read strictly, and `--quick` changes numbers only."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from abm.errors import InputError
from machi.questions.config import Experiment, read_experiment
from machi.questions.design import runs

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = sorted((ROOT / "experiments").glob("*.toml"))
TEXT = (ROOT / "experiments/twelve_packages.toml").read_text(encoding="utf-8")


def read(tmp_path: Path, text: str) -> Experiment:
    """The experiment of a text."""
    path = tmp_path / "question.toml"
    path.write_text(text, encoding="utf-8")
    return read_experiment(path)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_experiment_is_read_and_fits_on_a_screen(path: Path) -> None:
    experiment = read_experiment(path)
    assert experiment.end > experiment.start
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 50


def test_the_twelve_packages_ask_what_was_planned() -> None:
    experiment = read_experiment(ROOT / "experiments/twelve_packages.toml")
    assert (experiment.town, experiment.basis, experiment.scenario, experiment.end) == (
        "iwaki", "census", "baseline", 2060,
    )  # fmt: skip
    assert len(experiment.packages) == 12
    assert experiment.run_time == "sustained" and set(experiment.alone.run_times) == {"sustained", "plan"}
    assert (experiment.alone.replications, experiment.alone.fraction) == (6, 1.0)
    assert (experiment.predictive.draws, experiment.predictive.fraction) == (60, 0.05)
    assert (experiment.morris.trajectories, experiment.morris.seeds) == (20, 4)
    assert (experiment.sobol.n, experiment.sobol.seeds) == (32, 4)


def shape(value: object) -> object:
    """A tree with every number replaced by its type."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [shape(item) for item in value]
    return type(value).__name__ if isinstance(value, int | float) else value


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_quick_changes_numbers_only(path: Path) -> None:
    experiment = read_experiment(path)
    full, quick = experiment.resolved(quick=False), experiment.resolved(quick=True)
    assert full != quick
    assert shape(full.model_dump()) == shape(quick.model_dump())
    kinds = [{(run.design, run.run_time) for run in runs(one)} for one in (full, quick)]
    assert kinds[0] == kinds[1]
    assert len(runs(quick)) < len(runs(full)) / 5
    for one in ("town", "basis", "scenario", "packages", "start", "end", "run_time", "seed"):
        assert getattr(full, one) == getattr(quick, one)


def swapped(old: str, new: str) -> Callable[[str], str]:
    """What replaces the first match of a pattern in a text."""
    return lambda text: re.sub(old, new, text, count=1, flags=re.MULTILINE)


@pytest.mark.parametrize(
    ("change", "field", "remedy"),
    [
        (swapped("^scenario", "scenaro"), "scenaro", "scenario"),
        (swapped("^replications", "replicatons"), "replicatons", "replications"),
        (swapped("^draws = 60", "draws = nan"), "draws", "nan"),
        (swapped("^draws = 60", "draws = -1"), "draws", "-1"),
        (swapped("^fraction = 1.0", "fraction = 1.5"), "fraction", "1.5"),
        (swapped("^fraction = 1.0", "fraction = nan"), "fraction", "nan"),
        (swapped("^end = 2060", "end = 2010"), "end", "after"),
        (swapped("^end = 2060", "end = '2060'"), "end", "2060"),
        (swapped("^n = 32", "n = 30"), "sobol", "power of two"),
        (swapped("^levels = 4", "levels = 5"), "morris", "even"),
        (swapped('"P02"', '"P01"'), "packages", "twice"),
        (swapped("^run_times = .*", 'run_times = ["plan"]'), "run_times", "sustained"),
        (swapped("^basis", "basis = [\nbasis"), "TOML", "mend"),
        (swapped("^sobol = { n = 4", "sobol = { m = 4"), "quick.sobol.m", "n"),
        (swapped("^sobol = { n = 4", "sobol = { n = true"), "quick, sobol, n", "number"),
        (swapped("^morris = { trajectories = 2", "morris = { levels = 3"), "quick.morris", "even"),
        (swapped("^schema = 1", "schema = 2"), "schema", "2"),
        (swapped("^town = .*", ""), "town", "add"),
    ],
)
def test_a_wrong_field_is_named_with_a_remedy(
    tmp_path: Path, change: Callable[[str], str], field: str, remedy: str
) -> None:
    assert change(TEXT) != TEXT
    with pytest.raises(InputError) as caught:
        read(tmp_path, change(TEXT))
    sentence = str(caught.value)
    assert "question.toml" in sentence and field in sentence and remedy in sentence
    assert "\n" not in sentence


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.toml"):
        read_experiment(tmp_path / "nowhere.toml")


@pytest.mark.parametrize(
    ("section", "named"),
    [
        ('[structure]\ndraws = -3\nseeds = 2\nfraction = 0.1\neffects = "central"\n', "draws"),
        ('[structure]\ndraws = 12\nseeds = 1\nfraction = 0.1\neffects = "central"\n', "seeds"),
        ('[structure]\ndraws = 12\nseeds = 2\nfraction = 0.0\neffects = "central"\n', "fraction"),
        ('[structure]\ndraws = 12\nseeds = 2\nfraction = 0.1\neffects = "some"\n', "effects"),
        ("[ablation]\nreplications = 1\nfraction = 0.1\n", "replications"),
        ('[structure]\ndrawz = 12\nseeds = 2\nfraction = 0.1\neffects = "central"\n', "did you mean `draws`"),
    ],
)
def test_a_design_of_robustness_that_cannot_be_is_refused(tmp_path: Path, section: str, named: str) -> None:
    with pytest.raises(InputError, match=named) as error:
        read(tmp_path, TEXT + section)
    assert "\n" not in str(error.value)


def test_quick_numbers_of_a_design_that_is_not_asked_for_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"quick\.structure"):
        read(tmp_path, TEXT + "structure = { draws = 2 }\n")


def test_designs_of_robustness_are_off_unless_asked_for() -> None:
    plain = read_experiment(ROOT / "experiments/twelve_packages.toml")
    assert plain.structure is None and plain.ablation is None
    assert {run.design for run in runs(plain)} == {"alone", "predictive", "morris", "sobol"}
    asked = read_experiment(ROOT / "experiments/structure.toml")
    table = [run for run in runs(asked) if run.design == "structure"]
    assert asked.structure is not None and len(table) == asked.structure.draws * asked.structure.seeds * 14
    assert len({run.seed for run in table}) == asked.structure.draws * asked.structure.seeds
    models = {(run.design, run.seed) for run in runs(read_experiment(ROOT / "experiments/ablation.toml"))}
    assert {seed for design, seed in models if design == "agents"} == {s for d, s in models if d == "no_market"}


@pytest.mark.parametrize(
    ("section", "named"),
    [
        ("[leave_one_out]\nreplications = 1\nfraction = 0.1\n", "replications"),
        ("[factorial]\nseeds = 0\nfraction = 0.1\n", "seeds"),
        ("[factorial]\nseeds = 1\nfraction = 0.1\npackages = 13\n", "there are 12, give no more"),
        ("[fraction]\nseeds = 1\nfraction = 0.1\n", "seeds"),
        ("[grid]\nlevels = 1\nreplications = 2\nfraction = 0.1\n", "levels"),
        ("[efast]\nn = 64\nseeds = 1\nfraction = 0.1\n", "65 or more"),
        ("[given_data]\nn = nan\nseeds = 1\nfraction = 0.1\n", "given_data"),
        ("[given_date]\nn = 10\n", "did you mean `given_data`"),
    ],
)
def test_a_design_of_portfolios_that_cannot_be_is_refused(tmp_path: Path, section: str, named: str) -> None:
    with pytest.raises(InputError, match=re.escape(named)) as error:
        read(tmp_path, TEXT + section)
    assert "\n" not in str(error.value)


def test_a_fraction_of_too_many_packages_says_what_is_possible(tmp_path: Path) -> None:
    many = ", ".join(f'"P{number:02d}"' for number in range(1, 14))
    text = re.sub(r"(?m)^packages = .*", f"packages = [{many}]", TEXT)
    with pytest.raises(InputError, match="12 packages or fewer, not 13; write `packages = 12`"):
        read(tmp_path, text + "[fraction]\nseeds = 2\nfraction = 0.1\n")
    assert read(tmp_path, text + "[fraction]\nseeds = 2\nfraction = 0.1\npackages = 12\n").fraction is not None


def test_an_experiment_asks_what_it_asks(tmp_path: Path) -> None:
    head = TEXT[: TEXT.index("[alone]")]
    with pytest.raises(InputError, match=r"no design is asked for; add one or more of \[alone\]"):
        read(tmp_path, head)
    asked = read(tmp_path, head + "[grid]\nlevels = 3\nreplications = 2\nfraction = 0.1\n")
    assert not asked.is_ranked and {run.design for run in runs(asked)} == {"grid"} and asked.fractions() == [0.1]
    assert read_experiment(ROOT / "experiments/twelve_packages.toml").is_ranked


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="over 5 MB"):
        read(tmp_path, TEXT + "#" * 5_000_001)
