"""The reference generator behind the switch: the published one, used throughout, kept apart, and of the same mind."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import END, FOLLOWED_YEARS, ROOT
from hypothesis import given
from hypothesis import strategies as st
from lived_town import levers
from test_compiled import answer

from abm import compiled
from abm.draws import Decision, newborn_key, pair_key
from abm.errors import InputError
from abm.generator import GENERATORS, choose, generator
from abm.philox import philox4x32
from benchmarks.battery import VIEWS, View, fill, keys_for, streams_for
from benchmarks.stream import answers_under, apart

# Random123, tests/kat_vectors, the lines `philox4x32 10`: counter, key, answer
KNOWN_ANSWERS = [
    ("00000000 00000000 00000000 00000000 00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344 a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
]
LOW, TOP = (1 << 32) - 1, (1 << 64) - 1
HALVES = st.lists(st.integers(0, LOW), min_size=6, max_size=6)
SEEDS, RUNS, FRACTION = range(1, 7), 4, 0.02
BOUND = 4.6  # standard errors: Student's for 15 comparisons at 1.5 % in all, ten degrees of freedom; fixed seeds
DRAWING = """
import json
import numpy as np
from abm.draws import Decision, alternative, bits, keys_of, newborn_key, pair_key, stream, stream_of, uniform, uniforms
w = np.uint64
word, keys = stream(7, Decision.BIRTH, 2020), keys_of(3, 2021, np.arange(2))
several = [word, stream_of(w(7), w(3), w(2020)), bits(word, w(12345)), alternative(w(12345), w(6)),
           pair_key(w(12345), w(6)), newborn_key(w(12345), w(6)), *keys]
same = [float(uniform(word, w(12345)))] + uniforms(word, np.array([12345], np.uint64)).tolist()
print(json.dumps([[int(one) for one in several], same]))
"""


def philox(counter: list[int], key: list[int]) -> list[int]:
    """Philox 4x32-10 in whole numbers, after the paper: the key is bumped before every round but the first."""
    left0, right0, left1, right1 = counter
    for number in range(10):
        k0, k1 = (key[0] + number * 0x9E3779B9) & LOW, (key[1] + number * 0xBB67AE85) & LOW
        high0, low0 = divmod(left0 * 0xD2511F53, 1 << 32)
        high1, low1 = divmod(left1 * 0xCD9E8D57, 1 << 32)
        left0, right0, left1, right1 = high1 ^ right0 ^ k0, low1, high0 ^ right1 ^ k1, low0
    return [left0, right0, left1, right1]


def word_of(key: int, first: int, second: int) -> int:
    """The lower 64 bits of the block of two 64-bit halves of a counter under a 64-bit key."""
    block = philox([first & LOW, first >> 32, second & LOW, second >> 32], [key & LOW, key >> 32])
    return block[0] | block[1] << 32


def compiled_block(words: list[int]) -> list[int]:
    """The model's own."""
    return [int(word) for word in philox4x32(*(np.uint64(word) for word in words))]


# The published generator


@pytest.mark.parametrize(("given_words", "known"), KNOWN_ANSWERS)
def test_the_published_answers_are_given(given_words: str, known: str) -> None:
    words = [int(word, 16) for word in given_words.split()]
    assert [f"{word:08x}" for word in compiled_block(words)] == known.split()


@given(HALVES)
def test_it_is_the_published_one_everywhere(words: list[int]) -> None:
    assert compiled_block(words) == philox(words[:4], words[4:])


def test_every_draw_and_key_goes_through_it() -> None:
    """A draw is the counter (key, 0) under its stream; the stream is (decision, year) under the seed."""
    several, same = json.loads(answer(DRAWING, MACHI_STREAM="philox"))
    word = word_of(7, Decision.BIRTH, 2020)
    drawn, base = word_of(word, 12345, 0), word_of(TOP - 3, 3, 2021)
    other_keys = [word_of(TOP - k, 12345, 6) for k in range(3)]
    assert several == [word, word, drawn, *other_keys, word_of(base, 0, 1), word_of(base, 1, 1)]
    assert same == [(drawn >> 11) / 2**53] * 2


# The switch


def test_without_the_switch_nothing_changes() -> None:
    assert answer(DRAWING) == answer(DRAWING, MACHI_STREAM="") == answer(DRAWING, MACHI_STREAM="splitmix")
    assert answer(DRAWING) != answer(DRAWING, MACHI_STREAM="philox")


@pytest.mark.parametrize(
    ("words", "settings"),
    [(("towns",), {"MACHI_STREAM": "mersenne"}), (("--stream", "mersenne", "towns"), {})],
    ids=["variable", "option"],
)
def test_an_unknown_stream_is_one_sentence_and_exit_2(
    words: tuple[str, ...], settings: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MACHI_LANG", "en")
    monkeypatch.delenv("MACHI_STREAM", raising=False)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    ran = subprocess.run([sys.executable, "-m", "machi", *words], cwd=ROOT, capture_output=True, text=True,
                         encoding="utf-8")  # fmt: skip
    assert ran.returncode == 2 and ran.stdout == ""
    assert ran.stderr.startswith("Error: ") and ran.stderr.count("\n") == 1
    assert "mersenne" in ran.stderr and all(name in ran.stderr for name in GENERATORS)


def test_a_process_that_draws_already_cannot_change(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MACHI_STREAM", generator())
    choose(generator())
    (other,) = set(GENERATORS) - {generator()}
    with pytest.raises(InputError, match="already draws"):
        choose(other)


def test_the_option_reaches_the_code_and_what_it_starts() -> None:
    code = "from machi.session import begin; begin('en', None, 'philox'); import os; from abm import draws; "
    told = answer(code + "print(draws.generator(), os.environ['MACHI_STREAM'])")
    assert told.split() == ["philox", "philox"]


def test_code_and_what_is_kept_have_names_by_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiled code, foundings, reference arms and results are all named by this fingerprint."""
    first = compiled.source_fingerprint()
    names = []
    for name in GENERATORS:
        monkeypatch.setattr(compiled, "generator", lambda name=name: name)
        names.append(compiled.source_fingerprint())
    assert len(set(names)) == len(GENERATORS) and first == names[GENERATORS.index(generator())]


def test_a_founding_of_the_other_stream_is_not_found_again(tmp_path: Path) -> None:
    code = f"""
from pathlib import Path
from machi.runs.groundwork import read_ground
from machi.places import find_places
ground = read_ground(find_places(start=Path({str(ROOT)!r})), "iwaki", "baseline", end=2017)
print(ground.founding_path(0.1).name, ground.reference_path().name)
"""
    told = [answer(code, MACHI_STREAM=name).split() for name in GENERATORS]
    assert len({*told[0], *told[1]}) == 4


# The same conclusions


def test_no_conclusion_depends_on_the_stream() -> None:
    """7,005 people, eight years: six foundings and alignments, four runs of three arms each, under both streams."""
    arms = {"births": levers(FOLLOWED_YEARS, childbirth=1.3), "search": levers(FOLLOWED_YEARS, marriage_search=1.4)}
    one, other = (answers_under(name, arms, FRACTION, END, SEEDS, RUNS)[0] for name in GENERATORS)
    assert one.keys() == other.keys() and len(one) == 15
    assert one != other  # other draws, indeed
    far = {key: apart(one[key], other[key]) for key in one}
    assert max(abs(z) for z in far.values()) < BOUND, far
    for answers in (one, other):  # what the town concludes, and by far more than chance
        for key in ("births: births", "births: residents", "search: marriages", "search: births"):
            assert np.mean(answers[key]) > 5 * np.std(answers[key], ddof=1) / len(SEEDS) ** 0.5


def test_a_changed_answer_would_be_noticed() -> None:
    """The measure of the test above: births of a lever of 1.3 and 1.5 lie apart by more than its bound."""
    same = [100.0, 110.0, 95.0, 105.0, 98.0, 103.0]
    assert apart(same, same) == 0
    assert abs(apart(same, [value * 1.3 for value in same])) > BOUND


# What a battery reads


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_walks_its_axes_in_order_and_repeats_nothing(name: str) -> None:
    view = VIEWS[name]
    small = View(view.order, 3, 9, view.keys, view.decisions[:2])
    keys, streams = keys_for(small), streams_for(small, 5)
    assert len(set(keys.tolist())) == 9 and len(set(streams.ravel().tolist())) == streams.size
    size = np.array([*streams.shape, 9])
    out, at = np.empty(streams.size * 9, np.uint64), np.zeros(4, np.int64)
    assert not fill(out, at, np.array(small.order), size, streams, keys)
    assert len(np.unique(out)) == len(out)
    fastest = small.order[-1]
    second = np.array([0, 0, 0, 0])
    second[fastest] = 1
    alone = np.empty(1, np.uint64)
    fill(alone, second, np.array(small.order), size, streams, keys)
    assert out[1] == alone[0]


def test_pairs_are_pairs_and_no_children() -> None:
    keys = set(keys_for(VIEWS["pairs"]._replace(persons=9)).tolist())
    people = keys_for(View(VIEWS["persons"].order, 1, 6, "founders"))
    assert keys == {int(pair_key(man, woman)) for man in people[:3] for woman in people[3:]}
    assert not keys & {int(newborn_key(man, np.uint64(0))) for man in people}
