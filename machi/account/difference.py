"""In words, what two result folders differ in: settings, data, code, libraries, results."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from machi.account.fields import ABSENT, FieldChange, changes, chosen
from machi.account.folder import named_files, verified_files
from machi.account.rows import TableChange, TextChange, compared
from machi.account.speech import sentence, shown
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
    left, right = read_manifest(a), read_manifest(b)
    for folder, manifest in ((a, left), (b, right)):
        verified_files(folder, manifest)
    prints = _fingerprints(left, right, lang)
    versions = changes(left.get("versions", {}), right.get("versions", {}))
    settings = _told(changes(chosen(left, SETTINGS), chosen(right, SETTINGS)), lang)
    topics = [
        Topic("settings", settings or prints.get("experiment", [])),
        Topic("data", [*prints.get("data", []), *_data_files(left, right, lang),
                       *_told(changes(chosen(left, DATA), chosen(right, DATA)), lang)]),
        Topic("code", prints.get(OF_CODE, [])),
        Topic("versions", _told(versions, lang)),
    ]  # fmt: skip
    results = list(_results(a, b, left, right, lang))
    if any(differ for _, differ in results):
        apart = any(topic.sentences for topic in topics)
        results.append((sentence(lang, "explained" if apart else "unexplained"), True))
    return [*topics, Topic("results", [text for text, _ in results])]


def are_alike(a: Path, b: Path) -> int:
    """How many files both results have if all are the same to the byte, else 0."""
    left, right = (read_manifest(folder)["files"] for folder in (a, b))
    return len(left) if left == right else 0


def _fingerprints(a: Mapping[str, Any], b: Mapping[str, Any], lang: str) -> dict[str, list[str]]:
    """Sentences on fingerprints that differ, by topic."""
    found: dict[str, list[str]] = {}
    for change in changes(a.get("fingerprints", {}), b.get("fingerprints", {})):
        head = change.where.split(".")[0]
        key = f"fingerprint_{head}" if change.where in KNOWN_PRINTS else "fingerprint_other"
        text = sentence(lang, key, name=change.where, a=_value(change.a), b=_value(change.b))
        found.setdefault(head if head in (OF_CODE, "experiment") else "data", []).append(text)
    return found


def _data_files(a: Mapping[str, Any], b: Mapping[str, Any], lang: str) -> list[str]:
    """Sentences on the files of data that differ, where both manifests name them (older ones do not)."""
    left, right = a.get(DATA_FILES), b.get(DATA_FILES)
    if not isinstance(left, dict) or not isinstance(right, dict):
        return []
    differing = [name for name in sorted({*left, *right}) if left.get(name) != right.get(name)]
    both = [name for name in differing if name in left and name in right]
    told = [sentence(lang, "data_files", files=", ".join(both))] if both else []
    for side, names in (("A", left), ("B", right)):
        only = [name for name in differing if name in names and name not in both]
        if only:
            told.append(sentence(lang, "data_files_only", files=", ".join(only), side=side))
    return told


def _told(found: list[FieldChange], lang: str, most: int = MOST_FIELDS) -> list[str]:
    """One sentence a field, and how many more there are."""
    told = []
    for change in found[:most]:
        where = change.where.removeprefix("config.")
        if change.a is ABSENT or change.b is ABSENT:
            side, value = ("B", change.b) if change.a is ABSENT else ("A", change.a)
            told.append(sentence(lang, "only", where=where, side=side, value=shown(value, lang)))
        else:
            told.append(sentence(lang, "changed", where=where, a=shown(change.a), b=shown(change.b)))
    if len(found) > most:
        where = found[most].where.split(": " if most == MOST_OF_TREE else ".")[0]
        told.append(sentence(lang, "more", where=where, count=len(found) - most))
    return told


def _value(value: Any) -> str:
    return "-" if value is ABSENT else shown(value)


def _results(
    a: Path, b: Path, left: Mapping[str, Any], right: Mapping[str, Any], lang: str
) -> Iterator[tuple[str, bool]]:
    """Sentences on the files, and whether each tells of a result that differs."""
    names = named_files(a, dict(left)), named_files(b, dict(right))
    same = [name for name in names[0] if left["files"][name] == right["files"].get(name)]
    for name in sorted({*names[0], *names[1]} - set(same)):
        if name not in names[0] or name not in names[1]:
            side = "A" if name in names[0] else "B"
            yield sentence(lang, "file_only", file=name, side=side), True
        elif name.endswith(".json"):
            found = changes(read_json(a, name), read_json(b, name))
            for text in _told([one._replace(where=f"{name}: {one.where}") for one in found], lang, MOST_OF_TREE):
                yield text, True
        else:
            yield from _table(name, compared(read_table(a, name), read_table(b, name)), lang)
    if same:
        yield sentence(lang, "same_files", count=len(same), files=", ".join(same)), False


def _table(name: str, change: TableChange, lang: str) -> Iterator[tuple[str, bool]]:
    """Sentences on one table."""
    if change.is_none:
        yield sentence(lang, "timings" if change.timings else "order", file=name), False
        return
    if len(set(change.rows)) > 1:
        a, b, shared = (f"{count:,}" for count in change.rows)
        yield sentence(lang, "rows", file=name, a=a, b=b, shared=shared), True
    for side, columns in (("A", change.only_a), ("B", change.only_b)):
        if columns:
            yield sentence(lang, "columns", file=name, columns=", ".join(columns), side=side), True
    if change.largest is not None:
        one = change.largest
        difference = one.b - one.a
        values = {"a": f"{one.a:,.6g}", "b": f"{one.b:,.6g}", "difference": f"{difference:+,.6g}"}
        percent = f"{100 * abs(difference) / one.scale:.3g}"
        yield sentence(lang, "cells", file=name, cells=f"{change.figures:,}", rows=f"{change.rows_differing:,}",
                       column=one.column, row=_row(one.row, lang), percent=percent, **values), True  # fmt: skip
    if change.first_text is not None:
        yield _text(name, change.texts, change.first_text, lang), True


def _text(name: str, cells: int, one: TextChange, lang: str) -> str:
    return sentence(lang, "texts", file=name, cells=f"{cells:,}", column=one.column, row=_row(one.row, lang),
                    a=shown(one.a), b=shown(one.b))  # fmt: skip


def _row(row: Mapping[str, object], lang: str) -> str:
    """What names a row, as words; numbers that say "none" (-1) are left out."""
    if "" in row:
        return sentence(lang, "row_number", number=row[""])
    return ", ".join(f"{name} {value}" for name, value in row.items() if str(value) != "-1")
