"""In words, what two result folders differ in: settings, data, code, libraries, results."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from machi.account.fields import ABSENT, FieldChange, changes, chosen
from machi.account.folder import named_files, verified_files
from machi.account.rows import TableChange, TextChange, compared
from machi.account.speech import Voice, shown
from machi.store import read_json, read_manifest, read_table

MOST_FIELDS = 20  # of one topic that are told one by one; the rest is counted
MOST_OF_TREE = 5  # the same of a file of results that is no table
# Parts of a manifest by what they tell; what is not named here follows from these (counts of runs, notes) or is no
# property of the result (timings).
SETTINGS = ("kind", "quick", "config", "seeds")
DATA = ("published", "sources", "packages")
DATA_FILES = "data_files"
OF_CODE = "code"
KNOWN_PRINTS = ("town", "policies", "code", "experiment")


class Topic(NamedTuple):
    """One heading and its sentences; none where nothing differs."""

    key: str
    sentences: list[str]


def differences(a: Path, b: Path, lang: str) -> list[Topic]:
    """What differs between the results in two folders, by topic (InputError for a folder that is no whole result)."""
    topics = causes(a, b, lang)
    voice, left, right = Voice(lang), read_manifest(a), read_manifest(b)
    results = list(_results(a, b, left, right, voice))
    if any(differ for _, differ in results):
        apart = any(topic.sentences for topic in topics)
        results.append((voice.say("explained" if apart else "unexplained"), True))
    return [*topics, Topic("results", [text for text, _ in results])]


def causes(a: Path, b: Path, lang: str, called: tuple[str, str] = ("A", "B")) -> list[Topic]:
    """What differs in what two results were made of, by topic; every file of both is verified (InputError)."""
    voice = Voice(lang, *called)
    left, right = read_manifest(a), read_manifest(b)
    for folder, manifest in ((a, left), (b, right)):
        verified_files(folder, manifest)
    prints = _fingerprints(left, right, voice)
    versions = changes(left.get("versions", {}), right.get("versions", {}))
    settings = _told(changes(chosen(left, SETTINGS), chosen(right, SETTINGS)), voice)
    return [
        Topic("settings", settings or prints.get("experiment", [])),
        Topic("data", [*prints.get("data", []), *_data_files(left, right, voice),
                       *_told(changes(chosen(left, DATA), chosen(right, DATA)), voice)]),
        Topic("code", prints.get(OF_CODE, [])),
        Topic("versions", _told(versions, voice)),
    ]  # fmt: skip


def are_alike(a: Path, b: Path) -> int:
    """How many files both results have if all are the same to the byte, else 0."""
    left, right = (read_manifest(folder)["files"] for folder in (a, b))
    return len(left) if left == right else 0


def _fingerprints(a: Mapping[str, Any], b: Mapping[str, Any], voice: Voice) -> dict[str, list[str]]:
    """Sentences on fingerprints that differ, by topic."""
    found: dict[str, list[str]] = {}
    for change in changes(a.get("fingerprints", {}), b.get("fingerprints", {})):
        head = change.where.split(".")[0]
        key = f"fingerprint_{head}" if change.where in KNOWN_PRINTS else "fingerprint_other"
        text = voice.say(key, name=change.where, a=_value(change.a), b=_value(change.b))
        found.setdefault(head if head in (OF_CODE, "experiment") else "data", []).append(text)
    return found


def _data_files(a: Mapping[str, Any], b: Mapping[str, Any], voice: Voice) -> list[str]:
    """Sentences on the files of data that differ, where both manifests name them (older ones do not)."""
    left, right = a.get(DATA_FILES), b.get(DATA_FILES)
    if not isinstance(left, dict) or not isinstance(right, dict):
        return []
    differing = [name for name in sorted({*left, *right}) if left.get(name) != right.get(name)]
    both = [name for name in differing if name in left and name in right]
    told = [voice.say("data_files", files=", ".join(both))] if both else []
    for side, names in ((voice.one, left), (voice.other, right)):
        only = [name for name in differing if name in names and name not in both]
        if only:
            told.append(voice.say("data_files_only", files=", ".join(only), side=side))
    return told


def _told(found: list[FieldChange], voice: Voice, most: int = MOST_FIELDS) -> list[str]:
    """One sentence a field, and how many more there are."""
    told = []
    for change in found[:most]:
        where = change.where.removeprefix("config.")
        if change.a is ABSENT or change.b is ABSENT:
            side, value = (voice.other, change.b) if change.a is ABSENT else (voice.one, change.a)
            told.append(voice.say("only", where=where, side=side, value=shown(value, voice.lang)))
        else:
            told.append(voice.say("changed", where=where, a=shown(change.a), b=shown(change.b)))
    if len(found) > most:
        where = found[most].where.split(": " if most == MOST_OF_TREE else ".")[0]
        told.append(voice.say("more", where=where, count=len(found) - most))
    return told


def _value(value: Any) -> str:
    return "-" if value is ABSENT else shown(value)


def _results(
    a: Path, b: Path, left: Mapping[str, Any], right: Mapping[str, Any], voice: Voice
) -> Iterator[tuple[str, bool]]:
    """Sentences on the files, and whether each tells of a result that differs."""
    names = named_files(a, dict(left)), named_files(b, dict(right))
    same = [name for name in names[0] if left["files"][name] == right["files"].get(name)]
    for name in sorted({*names[0], *names[1]} - set(same)):
        if name not in names[0] or name not in names[1]:
            side = voice.one if name in names[0] else voice.other
            yield voice.say("file_only", file=name, side=side), True
        elif name.endswith(".json"):
            found = changes(read_json(a, name), read_json(b, name))
            for text in _told([one._replace(where=f"{name}: {one.where}") for one in found], voice, MOST_OF_TREE):
                yield text, True
        else:
            yield from _table(name, compared(read_table(a, name), read_table(b, name)), voice)
    if same:
        yield voice.say("same_files", count=len(same), files=", ".join(same)), False


def _table(name: str, change: TableChange, voice: Voice) -> Iterator[tuple[str, bool]]:
    """Sentences on one table."""
    if change.is_none:
        yield voice.say("timings" if change.timings else "order", file=name), False
        return
    if len(set(change.rows)) > 1:
        a, b, shared = (f"{count:,}" for count in change.rows)
        yield voice.say("rows", file=name, a=a, b=b, shared=shared), True
    for side, columns in ((voice.one, change.only_a), (voice.other, change.only_b)):
        if columns:
            yield voice.say("columns", file=name, columns=", ".join(columns), side=side), True
    if change.largest is not None:
        one = change.largest
        difference = one.b - one.a
        values = {"a": f"{one.a:,.6g}", "b": f"{one.b:,.6g}", "difference": f"{difference:+,.6g}"}
        percent = f"{100 * abs(difference) / one.scale:.3g}"
        yield voice.say("cells", file=name, cells=f"{change.figures:,}", rows=f"{change.rows_differing:,}",
                       column=one.column, row=_row(one.row, voice), percent=percent, **values), True  # fmt: skip
    if change.first_text is not None:
        yield _text(name, change.texts, change.first_text, voice), True


def _text(name: str, cells: int, one: TextChange, voice: Voice) -> str:
    return voice.say("texts", file=name, cells=f"{cells:,}", column=one.column, row=_row(one.row, voice),
                    a=shown(one.a), b=shown(one.b))  # fmt: skip


def _row(row: Mapping[str, object], voice: Voice) -> str:
    """What names a row, as words; numbers that say "none" (-1) are left out."""
    if "" in row:
        return voice.say("row_number", number=row[""])
    return ", ".join(f"{name} {value}" for name, value in row.items() if str(value) != "-1")
