"""Ctrl-C within a command that founds or simulates: it ends soon, with 130, one sentence and nothing half-written."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from imagined_town import outputs

from abm.levers import neutral
from machi import arm
from machi.runs.aside import NAME
from machi.runs.long_table import write_long_table

ROOT = Path(__file__).resolve().parent.parent
SOON = 60  # seconds: what is waited for at most, far above what it takes
on_posix = pytest.mark.skipif(os.name == "nt", reason="Ctrl-C cannot be sent to one process there")


@on_posix
@pytest.mark.parametrize(
    "words", [("found", "iwaki"), ("simulate", "iwaki", "--scenario", "baseline", "--out", "x.csv")]
)
def test_founding_is_not_waited_for(tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "machi.toml").touch()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "MACHI_LANG": "en"}
    line = [sys.executable, "-m", "machi", *words]
    with subprocess.Popen(line, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE) as one:
        assert one.stderr is not None and one.stdout is not None
        assert one.stderr.readline().startswith(b"Founding the town")
        one.send_signal(signal.SIGINT)
        said = one.stderr.read().decode()
        assert one.wait(SOON) == 130 and one.stdout.read() == b""
    assert said.split("\n")[-2:] == ["Interrupted; nothing half-written is left.", ""] and "Traceback" not in said
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / "machi.toml"]


@on_posix
def test_a_replication_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on, going = threading.Event(), threading.Event()

    def lived(founding: object, reference: object, array: object, seed: int, *_: object):  # type: ignore[no-untyped-def]
        if seed > 1:
            going.set()
            assert on.wait(SOON)
        return outputs(seed, end=2017)

    monkeypatch.setattr(arm, "_lived", lived)

    def interrupt() -> None:
        going.wait(SOON)
        time.sleep(0.5)  # until the first replication is written and the second is waited for
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    with pytest.raises(KeyboardInterrupt):
        write_long_table(tmp_path / "x.csv", arm.replicated(None, None, [neutral(2)] * 5, 1, 2))  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []
    working = [thread for thread in threading.enumerate() if thread.name.startswith(NAME)]
    assert working, "what is still going on is known to the one who leaves"
    on.set()
    for thread in working:
        thread.join(SOON)


def test_replications_that_end_leave_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arm, "_lived", lambda founding, reference, array, seed, *_: seed)
    assert list(arm.replicated(None, None, [neutral(2)] * 5, 1, 2)) == [1, 2, 3, 4, 5]  # type: ignore[arg-type, comparison-overlap]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith(f"{NAME}_")]
