"""The store of runs: whatever has ended once is never lost, never repeated and never read damaged.

A run that ends is appended to a journal at once, each line with its own sha256, and handed to the system: it outlives
its process, however that ends. The disk itself is waited for every half second or fifty runs and at the end, so that a
loss of power costs no more than those. When a sweep ends the journal is folded into Parquet parts: sixteen, by the
first digit of the key, whose names hold the sha256 of their bytes. So the parts depend on what was run alone, not on
who ran it, when, or in which order. Any flipped bit is noticed; a damaged part or line costs only the runs that it
holds, a damaged list of parts none, since their names tell enough.
"""

import hashlib
import json
import math
import os
import platform
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from filelock import FileLock, Timeout

from abm.errors import InputError
from machi.store import file_digest, json_bytes, make_folder, write_json, written

if TYPE_CHECKING:
    import pandas as pd

SUCCEEDED, FAILED = "succeeded", "failed"
JOURNAL, LOCK, OWNER, PARTS = "journal.jsonl", "lock", "owner.json", "parts.json"
DIGITS = "0123456789abcdef"
DIGEST_IN_NAME = 20  # hex digits of a part's sha256 that stand in its name
SYNC_SECONDS, SYNC_RUNS = 0.5, 50  # after whichever comes first the disk is waited for; assumptions


class Ended(NamedTuple):
    """A run that has ended: its outcomes, or the problem that it failed with; tables as lists by column."""

    key: str
    status: str
    problem: str
    outcomes: dict[str, float]
    series: dict[str, list[Any]] | None
    pyramids: dict[str, list[Any]] | None


def as_ended(
    key: str,
    problem: str,
    outcomes: Mapping[str, float],
    series: "pd.DataFrame | None" = None,
    pyramids: "pd.DataFrame | None" = None,
) -> Ended:
    """What is kept of a run: failed where there is a problem."""
    tables = [None if one is None else {str(name): one[name].tolist() for name in one} for one in (series, pyramids)]
    numbers = {name: float(value) for name, value in outcomes.items()}
    return Ended(key, FAILED if problem else SUCCEEDED, problem, numbers, *tables)


@contextmanager
def opened(folder: Path) -> Iterator["RunStore"]:
    """The store of a folder, locked for this process until the block ends; made where there is none.

    Raises InputError, naming the owner, while another process has it: the lock goes with its owner's life, however
    that ends.
    """
    make_folder(folder)
    lock = FileLock(str(folder / LOCK), timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise InputError(f"{folder}: {_owner(folder)} is at work on these runs; wait until it has ended.") from error
    try:
        write_json(folder, OWNER, {"process": os.getpid(), "host": platform.node()})
        store = RunStore(folder)
        try:
            yield store
        finally:
            store.close()
    finally:
        (folder / OWNER).unlink(missing_ok=True)
        lock.release()


def _owner(folder: Path) -> str:
    """Who holds the lock, as far as it can be read."""
    try:
        owner = json.loads((folder / OWNER).read_text(encoding="utf-8"))
        return f"process {owner['process']} on {owner['host']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"


class RunStore:
    """The runs of one folder; `runs` holds all that have ended and can be trusted, by key."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.damaged: list[str] = []  # files or lines that could not be trusted, for a sentence to the user
        self.runs = {one.key: one for one in self._from_parts()}
        sound = self._from_journal()
        self.runs |= {one.key: one for one in sound}
        self._unfolded = len(sound) > 0 or bool(self.damaged)
        self._journal = self._reopened()
        self._unsynced, self._synced = 0, time.monotonic()

    def add(self, one: Ended) -> None:
        """Keep a run that has ended: it outlives this process when this returns (InputError where it cannot)."""
        self.runs[one.key] = one
        self._unfolded = True
        try:
            self._unsynced += 1
            self._journal.write(_line(one))
            self._journal.flush()
            if self._unsynced >= SYNC_RUNS or time.monotonic() - self._synced >= SYNC_SECONDS:
                self._sync()
        except OSError as error:
            raise self._unkept(error) from error

    def _sync(self) -> None:
        os.fsync(self._journal.fileno())
        self._unsynced, self._synced = 0, time.monotonic()

    def _unkept(self, error: OSError) -> InputError:
        return InputError(
            f"{self.folder / JOURNAL}: a finished run cannot be kept ({error.strerror}); "
            "make room and run the same command again."
        )

    def forget(self) -> None:
        """Drop every run that is kept."""
        self.runs.clear()
        self.damaged.clear()
        self._journal.close()
        for path in (self.folder / JOURNAL, self.folder / PARTS, *self.folder.glob("runs-*.parquet")):
            path.unlink(missing_ok=True)
        self._journal, self._unfolded = self._reopened(), False

    def close(self) -> None:
        """Fold the journal into parts; what cannot be folded stays in the journal and is folded next time."""
        folded = not self._unfolded or self._fold()
        try:
            if not folded and self._unsynced:
                self._journal.flush()
                self._sync()
        except OSError as error:
            raise self._unkept(error) from error
        finally:
            with suppress(OSError):
                self._journal.close()
        if folded:
            (self.folder / JOURNAL).unlink(missing_ok=True)

    def _fold(self) -> bool:
        """Write the parts that hold all runs, and the list of them; whether that could be done."""
        before = {path.name for path in self.folder.glob("runs-*.parquet")}
        names: dict[str, int] = {}
        try:
            for digit in DIGITS:
                mine = sorted(key for key in self.runs if key.startswith(digit))
                if mine:
                    names[self._write_part(digit, [self.runs[key] for key in mine])] = len(mine)
            write_json(self.folder, PARTS, _as_list(names))
        except InputError:
            self._remove(names.keys() - before)  # the journal holds their runs, and needs the room
            return False
        self._remove({path.name for path in self.folder.glob("runs-*.parquet")} - names.keys())
        return True

    def _remove(self, names: Iterable[str]) -> None:
        for name in names:
            (self.folder / name).unlink(missing_ok=True)

    def _write_part(self, digit: str, runs: list[Ended]) -> str:
        import pandas as pd

        names = sorted({name for one in runs for name in one.outcomes})
        own = [",".join(one.outcomes) for one in runs]  # in its order: runs of older code may have had others
        columns: dict[str, list[Any]] = {field: [getattr(one, field) for one in runs] for field in Ended._fields[:3]}
        columns |= {"outcomes": own} | {
            f"outcome_{name}": [one.outcomes.get(name, math.nan) for one in runs] for name in names
        }
        for field in ("series", "pyramids"):
            columns[field] = [_text(getattr(one, field)) for one in runs]
        part = self.folder / f".runs-{digit}.part"
        with written(part) as path:
            pd.DataFrame(columns).to_parquet(path, index=False, engine="pyarrow", compression="zstd")
        name = f"runs-{digit}-{file_digest(part)[:DIGEST_IN_NAME]}.parquet"
        part.replace(self.folder / name)
        return name

    def _from_parts(self) -> Iterator[Ended]:
        """Runs of the parts whose bytes are those that their names tell of; the others are noted as damaged."""
        import pandas as pd

        sound: dict[str, int] = {}
        for path in sorted(self.folder.glob("runs-*.parquet")):
            if file_digest(path)[:DIGEST_IN_NAME] != path.stem.rsplit("-", 1)[-1]:
                self.damaged.append(path.name)
                continue
            table = pd.read_parquet(path, engine="pyarrow")
            sound[path.name] = len(table)
            for row in table.to_dict("records"):
                numbers = {name: row[f"outcome_{name}"] for name in row["outcomes"].split(",") if name}
                tables = (json.loads(row[field]) if row[field] else None for field in ("series", "pyramids"))
                yield Ended(row["key"], row["status"], row["problem"], numbers, *tables)
        self.damaged += self._wrong_in_list(sound)

    def _wrong_in_list(self, sound: Mapping[str, int]) -> list[str]:
        """Parts that the list names and that are gone; or the list, where it is not what it would be written as.

        `sound` are the runs in each part that can be trusted; parts that are not listed yet are none the worse for it.
        """
        try:
            data = (self.folder / PARTS).read_bytes()
            listed = json.loads(data)["parts"]
            gone = [f"{PARTS}: {name}" for name in listed if not (self.folder / name).is_file()]
            right = listed | {name: runs for name, runs in sound.items() if name in listed}
            return gone if json_bytes(_as_list(right)) == data else [PARTS]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, KeyError, TypeError):
            return [PARTS]

    def _from_journal(self) -> list[Ended]:
        """Runs of the journal's lines that are whole; others (torn by a crash, flipped) are noted as damaged."""
        try:
            lines = (self.folder / JOURNAL).read_bytes().splitlines()
        except OSError:
            return []
        sound = []
        for number, line in enumerate(lines):
            digest, _, text = line.partition(b" ")
            if hashlib.sha256(text).hexdigest().encode() != digest:
                self.damaged.append(f"{JOURNAL}, line {number + 1}")
                continue
            sound.append(Ended(**json.loads(text)))
        return sound

    def _reopened(self) -> Any:
        """The journal, open for more lines; one that was torn off is ended, so that the next stands by itself."""
        path = self.folder / JOURNAL
        try:
            journal = path.open("ab+")
            if journal.seek(0, os.SEEK_END):
                journal.seek(-1, os.SEEK_END)
                if journal.read(1) != b"\n":
                    journal.write(b"\n")
            return journal
        except OSError as error:
            raise InputError(f"{path}: it cannot be written ({error.strerror}); mend its rights.") from error


def _as_list(parts: Mapping[str, int]) -> dict[str, Any]:
    """The list of parts, by name with the number of runs in each."""
    return {"parts": parts}


def _line(one: Ended) -> bytes:
    text = json.dumps(one._asdict(), ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    return hashlib.sha256(text).hexdigest().encode() + b" " + text + b"\n"


def _text(table: dict[str, list[Any]] | None) -> str:
    return json.dumps(table, separators=(",", ":")) if table is not None else ""
