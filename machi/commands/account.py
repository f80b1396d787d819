"""What can be said of a finished result: `machi diff`, `machi cite`, `machi export` and `machi reproduce`."""

from pathlib import Path
from typing import Annotated

import typer

from machi.session import asked_places, asked_screen

FAILED = 1
ResultName = Annotated[str, typer.Argument(metavar="RESULT", help="a result's name or folder / 結果の名前かフォルダ")]


def diff(
    a: Annotated[str, typer.Argument(metavar="A", help="a result's name or folder / 結果の名前かフォルダ")],
    b: Annotated[str, typer.Argument(metavar="B", help="another / もう一つの結果")],
) -> None:
    """Say in words what two results differ in / 2つの結果の違いを言葉で示す"""
    from machi.account.difference import are_alike, differences
    from machi.account.folder import result_folder
    from machi.account.speech import sentence

    screen, places = asked_screen(), asked_places()
    left, right = result_folder(places, a), result_folder(places, b)
    topics = differences(left, right, screen.lang)
    print(sentence(screen.lang, "title", a=left, b=right))
    alike = are_alike(left, right)
    if alike:
        print(sentence(screen.lang, "same", files=alike))
    for topic in topics:
        if alike and (topic.key == "results" or not topic.sentences):
            continue
        print(f"\n{sentence(screen.lang, topic.key)}")
        for text in topic.sentences or [sentence(screen.lang, "none")]:
            print(f"  {text}")


def cite(result: ResultName) -> None:
    """Print how to cite a result / 結果の引用のしかたを表示する"""
    from machi.account.citation import citation, read_citation
    from machi.account.folder import result_folder

    screen, places = asked_screen(), asked_places()
    print(citation(result_folder(places, result), read_citation(places.built_in), screen.lang))


def export(
    result: ResultName,
    ro_crate: Annotated[
        Path, typer.Option("--ro-crate", metavar="OUT", help="the new folder to write / 書き出すフォルダ")
    ],
) -> None:
    """Hand a result on as an RO-Crate, every file with its sha256 / 結果を RO-Crate として書き出す"""
    from machi.account.crate import write_crate
    from machi.account.folder import result_folder
    from machi.account.speech import sentence

    screen, places = asked_screen(), asked_places()
    files, size = write_crate(result_folder(places, result), ro_crate, places.built_in)
    print(sentence(screen.lang, "crate", folder=ro_crate, files=files, size=f"{size / 1e6:,.1f} MB"))


def reproduce(
    result: ResultName,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, help="processes (default: all cores) / プロセス数")
    ] = None,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="also with other code, data or libraries / コードやデータが違っても実行")
    ] = False,
) -> None:
    """Make a result again from its manifest and compare every table / 結果を作り直し、すべての表を照合する"""
    from machi.account.folder import result_folder
    from machi.account.reproduction import reproduced
    from machi.account.speech import sentence
    from machi.experiment import cores
    from machi.runs.sweep import FailedRuns, Hands

    screen, places = asked_screen(), asked_places()
    folder = result_folder(places, result)
    try:
        found = reproduced(places, folder, Hands(workers or cores()), screen, anyway)
    except FailedRuns as error:
        screen.note("failed_runs", problem=error)
        raise typer.Exit(FAILED) from error
    if not found.differing:
        print(sentence(screen.lang, "reproduce_same", folder=folder, files=found.files))
        return
    count = len(found.differing)
    print(sentence(screen.lang, "reproduce_not_same", folder=folder, files=found.files, count=count))
    for file, state in found.differing.items():
        print(f"  {sentence(screen.lang, f'reproduce_file_{state}', file=file)}")
    if found.kept is not None:
        print(sentence(screen.lang, "reproduce_kept", folder=found.kept))
    raise typer.Exit(FAILED)
