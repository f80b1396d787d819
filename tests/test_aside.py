"""Work aside gives what it gives, raises what it raises, and holds no interrupt up."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from machi.runs.aside import aside

ROOT = Path(__file__).resolve().parent.parent


def test_results_and_errors_come_back() -> None:
    assert aside(lambda: threading.current_thread() is threading.main_thread()) is False
    with pytest.raises(ZeroDivisionError):
        aside(lambda: 1 / 0)


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C cannot be sent to one process there")
def test_an_interrupt_does_not_wait_for_the_work() -> None:
    text = (
        "import time\n"
        "from machi.runs.aside import aside, leave\n"
        "try:\n"
        "    print('ready', flush=True)\n"
        "    aside(lambda: time.sleep(600))\n"
        "except KeyboardInterrupt:\n"
        "    leave(130)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", text], cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout is not None and process.stdout.readline() == b"ready\n"
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130
    process.stdout.close()


def test_an_interrupt_that_was_caught_is_an_exit_code(tmp_path: Path) -> None:
    """Python remembers one that met it inside an `exec` of text, and ends a module that was run by the signal."""
    (tmp_path / "caught.py").write_text(
        "from machi.runs.aside import leave\n"
        "try:\n"
        "    exec('raise KeyboardInterrupt')\n"
        "except KeyboardInterrupt:\n"
        "    print('caught')\n"
        "    leave(130)\n",
        encoding="utf-8",
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    line = [sys.executable, "-m", "caught"]
    ended = subprocess.run(line, cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert (ended.returncode, ended.stdout.split()) == (130, [b"caught"])
