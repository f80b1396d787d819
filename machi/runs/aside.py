"""Compiled work in a thread of its own, so that Ctrl-C reaches the program at once and never the middle of that work.

An interrupt inside compiled code crashes the process now and then; only the main thread hears it, so it waits there.
"""

import os
import sys
import threading
from collections.abc import Callable
from typing import TypeVar

NAME = "machi-aside"  # threads whose names begin so are not waited for
LISTENING = 0.2  # seconds after which a waiting thread looks up: some systems do not wake it for Ctrl-C

_Result = TypeVar("_Result")


def aside(work: Callable[[], _Result]) -> _Result:
    """The result of `work`, or what it raises; KeyboardInterrupt at once, the work is then left to itself."""
    if threading.current_thread() is not threading.main_thread():
        return work()
    found: list[_Result] = []
    problems: list[BaseException] = []
    ended = threading.Event()

    def carry_out() -> None:
        try:
            found.append(work())
        except BaseException as problem:
            problems.append(problem)
        finally:
            ended.set()

    threading.Thread(target=carry_out, name=NAME, daemon=True).start()
    while not ended.wait(LISTENING):
        pass
    if problems:
        raise problems[0]
    return found[0]


def leave(code: int) -> None:
    """End the process with an exit code; at once where work is still going on aside, which nobody waits for."""
    if any(thread.name.startswith(NAME) for thread in threading.enumerate()):
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)
    # Python remembers a Ctrl-C that met it inside an `exec` of text (many an import has one), though it was caught, and
    # would end the process by that signal; another such `exec` makes it forget.
    exec("")
    sys.exit(code)
