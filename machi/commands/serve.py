"""The command `machi serve`: a local what-if, for this machine and this call only."""

import threading
import webbrowser
from typing import TYPE_CHECKING, Annotated

import typer

from abm.errors import InputError
from machi.commands.account import ResultName
from machi.session import asked_places, asked_screen

if TYPE_CHECKING:
    from machi.serving.door import Door

ATTENTION = 0.1  # seconds between two looks whether the door is to be shut


def serve(
    result: ResultName,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="0 takes a free one / ポート番号（0は空いている番号）")
    ] = 0,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="only print the address / ブラウザを開かずアドレスだけを表示")
    ] = False,
) -> None:
    """Try out strengths of a result's packages in the browser / 施策の強さを変えてブラウザで試算する"""
    from machi.account.folder import result_folder
    from machi.runs.aside import LISTENING, aside
    from machi.serving.bench import bench_of
    from machi.serving.door import Door
    from machi.serving.page import page_of
    from machi.serving.worker import Worker

    screen, places = asked_screen(), asked_places()
    if not no_browser:
        _check_browser()
    folder = result_folder(places, result)
    with Door(port) as door:
        bench = aside(lambda: bench_of(places, folder, screen.note))
        door.furnish(bench, page_of(bench), Worker(bench))
        ended = threading.Event()
        try:
            threading.Thread(target=_open, args=(door, ended), daemon=True).start()
            screen.say("serving", address=door.address)
            screen.out.file.flush()
            if not no_browser:
                webbrowser.open(door.address)
            while not ended.wait(LISTENING):  # some systems do not wake a waiting thread for Ctrl-C
                pass
        except KeyboardInterrupt:
            door.shutdown()
            screen.note("served")


def _open(door: "Door", ended: threading.Event) -> None:
    """Let visitors in until the program ends."""
    try:
        door.serve_forever(ATTENTION)
    finally:
        ended.set()


def _check_browser() -> None:
    """Refuse to begin where no browser can be started (InputError)."""
    try:
        webbrowser.get()
    except webbrowser.Error as error:
        raise InputError(
            "--no-browser: no browser can be started here; give it, and open the printed address yourself."
        ) from error
