"""What is kept comes back to the byte, or is known to be damaged."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from conftest import Small
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from lived_town import alive, digest, levers, same
from numpy.typing import NDArray

from abm.alignment import load_reference, save_reference
from abm.founding.founding_store import load_founding, save_founding
from abm.people.population import Households, Persons, Population
from abm.reading.stored import DamagedFile, flattened, load_arrays, rebuilt, save_arrays
from abm.simulation import simulate

NAMES = st.text("abcdefgh_", min_size=1, max_size=8)
KINDS = st.sampled_from([np.int8, np.int32, np.int64, np.uint64, np.float64, np.bool_])
SHAPES = array_shapes(max_dims=3, max_side=5, min_side=0)
SOME = st.dictionaries(NAMES, KINDS.flatmap(lambda kind: arrays(kind, SHAPES)), max_size=4)
QUIETLY = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class Inner(NamedTuple):
    """A part of a record."""

    numbers: NDArray[np.float64]


class Outer(NamedTuple):
    """A record with a part."""

    inner: Inner
    year: NDArray[np.int64]


def equal(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> bool:
    """Same names, types, shapes and bytes (NaN included)."""
    return one.keys() == other.keys() and all(digest(one[name]) == digest(other[name]) for name in one)


@pytest.fixture(scope="module")
def kept(small: Small, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A founding and a reference arm in files."""
    folder = tmp_path_factory.mktemp("kept")
    paths = {name: folder / f"{name}.npz" for name in ("founding", "reference")}
    save_founding(small.founding, paths["founding"])
    save_reference(small.reference, paths["reference"])
    return paths


# Round trips


@QUIETLY
@given(SOME)
def test_arrays_come_back_to_the_byte(tmp_path: Path, some: dict[str, np.ndarray]) -> None:
    save_arrays(some, tmp_path / "kept.npz")
    assert equal(load_arrays(tmp_path / "kept.npz"), some)


def test_a_founding_comes_back_to_the_byte(small: Small, kept: dict[str, Path]) -> None:
    founding, again = small.founding, load_founding(kept["founding"])
    for name in ("town", "basis", "fraction", "seed", "start", "out_commuters", "fit"):
        assert getattr(again, name) == getattr(founding, name)
    for name in ("in_commuters", "vacancies"):
        assert digest(getattr(again, name)) == digest(getattr(founding, name))
    assert again.population.n == founding.population.n
    assert digest(alive(again.population)) == digest(alive(founding.population))
    homes = int(founding.population.counts[1])
    assert again.population.counts[1] == homes
    for one, other in zip(again.population.households, founding.population.households, strict=True):
        assert digest(one[:homes]) == digest(other[:homes])


def test_a_kept_town_lives_the_same_lives(small: Small, kept: dict[str, Path]) -> None:
    founding, reference = load_founding(kept["founding"]), load_reference(kept["reference"])
    assert digest(reference) == digest(small.reference)
    assert same(simulate(founding, reference, levers(8), 1), simulate(*small, levers(8), 1))


def test_a_file_is_kept_in_one_step_and_replaces_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "below" / "kept.npz"
    for number in (1, 2):
        save_arrays({"a": np.full(3, number)}, path)
        assert load_arrays(path)["a"].tolist() == [number] * 3
    assert [file.name for file in path.parent.iterdir()] == ["kept.npz"]


def test_what_cannot_be_written_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "kept.npz"
    save_arrays({"a": np.arange(3)}, path)

    class Unwritable:
        dtype, shape = np.dtype(float), (1,)

        def __array__(self, *_: object, **__: object) -> np.ndarray:
            raise OSError("no space left on device")

    with pytest.raises(OSError, match="no space"):
        save_arrays({"a": Unwritable()}, path)  # type: ignore[dict-item]
    assert load_arrays(path)["a"].tolist() == [0, 1, 2]
    assert [file.name for file in tmp_path.iterdir()] == ["kept.npz"]


# Damage


@QUIETLY
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7), name=st.sampled_from(["founding", "reference"]))
def test_a_flipped_bit_is_noticed_or_harmless(
    kept: dict[str, Path], tmp_path: Path, place: float, bit: int, name: str
) -> None:
    """Whatever bit flips: the file is refused, or (in the archive's own dates and such) the data are the same."""
    content = bytearray(kept[name].read_bytes())
    content[int(place * len(content))] ^= 1 << bit
    path = tmp_path / "flipped.npz"
    path.write_bytes(content)
    try:
        arrays_read = load_arrays(path)
    except DamagedFile:
        return
    assert equal(arrays_read, load_arrays(kept[name]))


@pytest.mark.parametrize("name", ["founding", "reference"])
def test_a_flipped_byte_in_the_figures_is_damage(kept: dict[str, Path], tmp_path: Path, name: str) -> None:
    load = load_founding if name == "founding" else load_reference
    content = kept[name].read_bytes()
    for place in (len(content) // 3, len(content) // 2, 2 * len(content) // 3):
        path = tmp_path / "flipped.npz"
        path.write_bytes(content[:place] + bytes([content[place] ^ 255]) + content[place + 1 :])
        with pytest.raises(DamagedFile):
            load(path)


@pytest.mark.parametrize("length", [0, 1, 100, 0.5, 0.999])
def test_a_file_cut_short_is_damaged(kept: dict[str, Path], tmp_path: Path, length: float) -> None:
    content = kept["founding"].read_bytes()
    path = tmp_path / "short.npz"
    path.write_bytes(content[: int(length if length >= 1 else length * len(content))])
    with pytest.raises(DamagedFile):
        load_founding(path)


def test_a_file_that_is_not_there_or_no_archive_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "text.npz").write_text("people,2015\n", encoding="utf-8")
    np.save(tmp_path / "single.npy", np.arange(3))
    (tmp_path / "folder.npz").mkdir()
    np.savez(tmp_path / "unsealed.npz", a=np.arange(3))
    for name in ("nowhere.npz", "text.npz", "single.npy", "folder.npz", "unsealed.npz"):
        with pytest.raises(DamagedFile):
            load_arrays(tmp_path / name)


def test_one_thing_cannot_be_read_as_another(kept: dict[str, Path]) -> None:
    with pytest.raises(DamagedFile):
        load_founding(kept["reference"])
    with pytest.raises(DamagedFile):
        load_reference(kept["founding"])


def test_a_changed_value_type_or_shape_breaks_the_seal(tmp_path: Path) -> None:
    path = tmp_path / "kept.npz"
    save_arrays({"a": np.arange(6)}, path)
    with np.load(path) as file:
        seal = file["sha256"]
    for other in (np.arange(6) + 1, np.arange(6).astype(np.int32), np.arange(6).reshape(2, 3)):
        np.savez(path, a=other, sha256=seal)
        with pytest.raises(DamagedFile, match="checksum"):
            load_arrays(path)
    np.savez(path, b=np.arange(6), sha256=seal)
    with pytest.raises(DamagedFile, match="checksum"):
        load_arrays(path)


# Records as arrays


@given(arrays(np.float64, 3), st.integers(0, 3000))
def test_records_are_flattened_and_rebuilt(numbers: NDArray[np.float64], year: int) -> None:
    record = Outer(Inner(numbers), np.array([year]))
    flat = flattened(record)
    assert list(flat) == ["inner.numbers", "year"]
    again = rebuilt(Outer, flat)
    assert isinstance(again.inner, Inner)
    assert digest(again) == digest(record)


def test_a_record_with_a_part_missing_is_damaged() -> None:
    flat = flattened(Outer(Inner(np.zeros(2)), np.zeros(1, np.int64)))
    for name in list(flat):
        with pytest.raises(DamagedFile, match=name):
            rebuilt(Outer, {other: array for other, array in flat.items() if other != name})


def test_a_founding_is_read_without_its_spare_rows(small: Small, kept: dict[str, Path]) -> None:
    arrays_read = load_arrays(kept["founding"])
    assert len(arrays_read["persons.key"]) == small.founding.population.n
    columns = Persons(*(arrays_read[f"persons.{name}"] for name in Persons._fields))
    assert Population(columns, Households(arrays_read["households.size"], arrays_read["households.kind"])).n == len(
        columns.key
    )
