"""The local what-if: its figures are the simulation's, under the same seeds, and nothing else can be asked."""

import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from served_town import ASKED, ROOT, small_result

from abm.errors import InputError
from abm.levers import neutral
from abm.simulation import simulate
from machi.places import find_places
from machi.report.numerals import DASH
from machi.runs.outcomes import total_by_year
from machi.serving import bench as room
from machi.serving.asked import MOST_FIRST_SEED, Question, read_question
from machi.serving.bench import Bench, bench_of
from machi.serving.page import page_of
from machi.serving.worker import DONE, FAILED, RUNNING, Worker


def answered(worker: Worker, question: Question) -> dict[str, Any]:
    """The whole answer to a question."""
    number = worker.ask(question)
    while (state := worker.state()).phase == RUNNING:
        time.sleep(0.01)
    assert state.number == number and state.phase == DONE and state.answer is not None
    return state.answer


def question(served: Bench, **changed: Any) -> Question:
    return read_question(json.dumps(ASKED | changed).encode(), served)


def test_a_course_is_that_of_the_simulation(served: Bench, small: Any) -> None:
    array = served.paths({"P03": 1.0, "P06": 0.5}).array
    years: list[int] = []
    course = served.lived(0.1, array, 5, lambda: years.append(1))
    outputs = simulate(small.founding, small.reference, array, 5)
    assert np.array_equal(course.population, total_by_year(outputs, "population"))
    assert np.array_equal(course.births, total_by_year(outputs, "births"))
    moves = total_by_year(outputs, "moves_in") - total_by_year(outputs, "moves_out")
    assert np.array_equal(course.moves_net, moves) and len(years) == served.years
    assert served.lived(0.1, array, 5, lambda: years.append(1)) is course and len(years) == served.years


def test_no_policy_makes_no_difference_and_is_the_reference_arm(served: Bench, worker: Worker) -> None:
    assert np.array_equal(served.paths({}).array, neutral(served.years))
    found = answered(worker, question(served, strengths={"P03": 0.0}))
    assert set(found["mean"]) == set(found["low"]) == {0.0} and found["ja"]["headline"].startswith("どの施策も行わない")
    assert found["ja"]["figures"]["cost"]["value"] == 0.0 and found["ja"]["figures"]["efficiency"]["text"] == DASH


def test_an_answer_is_the_paired_difference_of_its_seeds(served: Bench, worker: Worker) -> None:
    found = answered(worker, question(served, seeds=4, first_seed=7))
    array, none = served.paths({"P03": 1.0}).array, served.paths({}).array
    pairs = [(served.lived(0.1, array, seed), served.lived(0.1, none, seed)) for seed in range(7, 11)]
    gained = np.array([one.population - other.population for one, other in pairs])
    assert found["mean"] == pytest.approx(gained.mean(axis=0).round(1)) and found["seeds"] == 4
    assert np.array(found["each"]) == pytest.approx(gained.round(1))
    births = np.mean([(one.births - other.births)[:8].sum() for one, other in pairs])
    figures = found["en"]["figures"]
    assert figures["births"]["value"] == pytest.approx(births)
    assert figures["people"]["value"] == pytest.approx(gained.mean(axis=0)[8])
    paid = served.paths({"P03": 1.0}).cost_million_yen[:8].sum()
    assert figures["cost"]["value"] == pytest.approx(paid) and paid > 0
    assert figures["efficiency"]["value"] == pytest.approx(100 * gained.mean(axis=0)[8] / paid)
    assert [row[0] for row in found["ja"]["rows"]] == ["2015", "2020", "2023"]


def test_one_seed_claims_no_range(served: Bench, worker: Worker) -> None:
    found = answered(worker, question(served, seeds=1))
    assert found["low"] is None and found["high"] is None
    assert "1通りだけの目安" in found["ja"]["headline"] and "a sketch" in found["en"]["headline"]
    assert not found["en"]["rows"][-1][-1] and not found["en"]["figures"]["births"]["range"]


def test_a_newer_question_ends_an_older_one_between_years(served: Bench, worker: Worker) -> None:
    worker.ask(question(served, seeds=8, first_seed=1000))
    found = answered(worker, question(served, seeds=1, first_seed=3))
    assert found["seeds"] == 1
    assert not served.is_kept(0.1, served.paths({"P03": 1.0}).array, 1007)


def test_a_fault_is_told_and_the_next_question_is_lived(
    served: Bench, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Bench, "paths", lambda *_: 1 / 0)
        worker.ask(question(served))
        while (state := worker.state()).phase == RUNNING:
            time.sleep(0.01)
    assert state.phase == FAILED and "ZeroDivisionError" in state.problem
    assert answered(worker, question(served, seeds=1))["seeds"] == 1


# What may be asked


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"strengths": {"P99": 1.0}}, "strengths"),
        ({"strengths": {"P03": 1.5}}, "P03"),
        ({"strengths": {"P03": 10**400}}, "P03"),
        ({"strengths": {"P03": -0.1}}, "P03"),
        ({"strengths": {"P03": True}}, "P03"),
        ({"strengths": {"P03": "1"}}, "P03"),
        ({"strengths": ["P03"]}, "strengths"),
        ({"people": "half"}, "people"),
        ({"people": ["tenth"]}, "people"),
        ({"seeds": 0}, "seeds"),
        ({"seeds": 9}, "seeds"),
        ({"seeds": 1.0}, "seeds"),
        ({"first_seed": MOST_FIRST_SEED + 1}, "first_seed"),
        ({"year": 2015}, "year"),
        ({"year": 2024}, "year"),
        ({"file": "/etc/passwd"}, "nothing else"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_one_sentence(served: Bench, changed: dict[str, Any], named: str) -> None:
    with pytest.raises(InputError, match=named) as refused:
        question(served, **changed)
    assert "\n" not in str(refused.value)


@settings(deadline=None)
@given(st.binary(max_size=60) | st.sampled_from([b"[" * 4000, b"NaN", b'{"strengths": {"P03": NaN}}', b"\xff"]))
def test_no_bytes_break_the_reading(text: bytes) -> None:
    with pytest.raises(InputError):
        read_question(text, None)  # type: ignore[arg-type]


# The page and its result


def test_names_of_packages_are_escaped(served: Bench) -> None:
    hostile = served.packages[0].model_copy(update={"name_ja": "<script>alert(1)</script>", "name_en": '"><img src=x>'})
    changed = Bench(
        served.ground, (hostile, *served.packages[1:]), served.theta, "sustained", served.founding, served.reference,
        ("<b>", "<b>"),
    )  # fmt: skip
    html = page_of(changed).html
    assert "<script>alert" not in html and "<img" not in html and "<b>" not in html
    assert html.count("&lt;script&gt;alert") == 1


def test_what_has_changed_since_the_result_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, served: Bench
) -> None:
    places = find_places(start=ROOT)
    folder = small_result(tmp_path / "short")
    monkeypatch.setattr(room, "read_ground", lambda *_: served.ground)
    monkeypatch.setattr(type(served.ground), "founding", lambda *_: served.founding(0.1))
    monkeypatch.setattr(type(served.ground), "reference", lambda _: served.reference)
    made = bench_of(places, folder)
    assert made.changed == ("town", "policies", "code") and [one.key for one in made.packages] == ["N1", "N2"]
    html = page_of(made).html
    assert "Changed since the result was made" in html and "結果を作成した時から変わっています" in html
    assert "Changed since" not in page_of(served).html
