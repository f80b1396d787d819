"""The door of the local what-if: open to who holds the token, and to no other name, page or machine."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import webbrowser
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import command
from served_town import ASKED, ROOT, small_result
from synthetic_result import write_result

from machi.serving.bench import Bench
from machi.serving.door import MOST_BYTES, Door
from machi.serving.page import page_of
from machi.serving.worker import DONE, Worker


@pytest.fixture
def door(served: Bench, worker: Worker) -> Iterator[Door]:
    with Door(0) as made:
        made.furnish(served, page_of(served), worker)
        threading.Thread(target=made.serve_forever, args=(0.02,), daemon=True).start()
        yield made
        made.shutdown()


def visit(
    door: Door, method: str, path: str, body: str | None = None, **headers: str
) -> tuple[int, dict[str, str], str]:
    """A request as a browser or an intruder would make it: status, headers, text."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection = http.client.HTTPConnection("127.0.0.1", door.server_port, timeout=30)
    try:
        connection.request(method, path, None if body is None else body.encode(), named)
        reply = connection.getresponse()
        return reply.status, dict(reply.getheaders()), reply.read().decode("utf-8")
    finally:
        connection.close()


JSON = "application/json"


def test_the_holder_of_the_token_is_served(door: Door) -> None:
    home = f"/{door.token}/"
    status, headers, text = visit(door, "GET", home)
    assert status == 200 and text.startswith("<!DOCTYPE html>") and "いわき市" in text and "Iwaki" in text
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none';") and "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert not any(name.lower().startswith("access-control") for name in headers)
    assert headers["Cache-Control"] == "no-store" and headers["Referrer-Policy"] == "no-referrer"
    assert "Python" not in headers["Server"]
    status, _, text = visit(door, "POST", f"{home}question", json.dumps(ASKED), Content_Type=JSON)
    assert status == 200 and json.loads(text)["number"] == 1
    for _ in range(3000):
        state = json.loads(visit(door, "GET", f"{home}state")[2])
        if state["phase"] == DONE:
            break
        time.sleep(0.01)
    assert state["number"] == 1 and state["answer"]["seeds"] == 2
    assert visit(door, "GET", f"{home}state", Host=f"localhost:{door.server_port}")[0] == 200


def test_a_stranger_is_refused(door: Door) -> None:
    home, here = f"/{door.token}/", f"http://127.0.0.1:{door.server_port}"
    rebound = {"Host": f"evil.example:{door.server_port}"}
    assert visit(door, "GET", home, **rebound)[0] == 421
    assert visit(door, "GET", f"{home}state", Host="127.0.0.1")[0] == 421
    for path in ("/", "/state", "/x/", f"/{door.token[:-1]}/", f"/{door.token}x/state", "/%2e%2e/etc/passwd", "/é"[:1]):
        status, _, text = visit(door, "GET", path)
        assert status == 403 and door.token not in text and "<" not in text
    assert visit(door, "GET", f"{home}../../etc/passwd")[0] == 404 == visit(door, "GET", home[:-1])[0]
    asked = json.dumps(ASKED)
    question = f"{home}question"
    assert visit(door, "POST", question, asked, Content_Type=JSON, Origin="http://evil.example")[0] == 403
    assert visit(door, "POST", question, asked, Content_Type=JSON, Origin="null")[0] == 403
    assert visit(door, "POST", "/x/question", asked, Content_Type=JSON)[0] == 403
    assert visit(door, "POST", question, asked, Content_Type="text/plain")[0] == 415
    assert visit(door, "POST", question, " " * (MOST_BYTES + 1), Content_Type=JSON)[0] == 413
    assert visit(door, "POST", question, "x", Content_Type=JSON, Content_Length="-1")[0] == 411
    assert visit(door, "POST", f"{home}state", asked, Content_Type=JSON)[0] == 404
    assert visit(door, "GET", question)[0] == 404
    for method in ("PUT", "DELETE", "OPTIONS", "HEAD"):
        assert visit(door, method, home)[0] == 501
    assert visit(door, "POST", question, asked, Content_Type=JSON, Origin=here)[0] == 200


def test_what_is_refused_is_answered_in_a_sentence(door: Door) -> None:
    asked = json.dumps(ASKED | {"strengths": {"<b>": 1.0}})
    status, _, text = visit(door, "POST", f"/{door.token}/question", asked, Content_Type=JSON)
    assert status == 400 and "<b>" not in text and json.loads(text)["problem"].startswith("strengths: ")


def test_every_call_has_a_token_of_its_own_and_this_machine_only() -> None:
    with Door(0) as one, Door(0) as other:
        assert one.token != other.token and len(one.token) >= 43
        assert one.server_address[0] == "127.0.0.1" and one.server_port != other.server_port


# The command


def test_what_cannot_be_served_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    call = command(tmp_path, monkeypatch, capfd)
    results = tmp_path / "results"
    made = write_result(results / "made_up")
    (made / "runs.parquet").write_bytes((made / "runs.parquet").read_bytes()[:-1] + b"?")
    (results / "bare").mkdir()
    for name, part in (("nothing", "no result `nothing`"), (results / "bare", "no manifest.json"),
                       ("made_up", "runs.parquet: the file has changed")):  # fmt: skip
        code, _, problem = call("serve", name, "--no-browser")
        assert code == 2 and part in problem and len(problem.strip().splitlines()) == 1
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        code, _, problem = call("serve", made, "--no-browser", "--port", taken.getsockname()[1])
    assert code == 2 and "--port" in problem and "give another" in problem and len(problem.strip().splitlines()) == 1
    write_result(results / "made_up")
    code, _, problem = call("serve", "made_up", "--no-browser")  # its manifest names no packages to run
    assert code == 2 and "`packages` is missing" in problem
    monkeypatch.setattr("webbrowser.get", _no_browser)
    code, _, problem = call("serve", "made_up")
    assert code == 2 and "--no-browser" in problem


def _no_browser() -> None:
    raise webbrowser.Error("could not locate runnable browser")


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C cannot be sent to one process there")
def test_the_command_serves_until_it_is_interrupted(tmp_path: Path) -> None:
    (tmp_path / "machi.toml").touch()
    small_result(tmp_path / "results" / "short")
    line = [sys.executable, "-m", "machi", "serve", "short", "--no-browser"]
    env = os.environ | {"MACHI_LANG": "en", "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        line, cwd=tmp_path, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )
    assert process.stdout is not None and process.stderr is not None
    try:
        said = process.stdout.readline()
        address = said.split()[1]
        host, _, path = address.removeprefix("http://").partition("/")
        connection = http.client.HTTPConnection(host, timeout=30)
        connection.request("GET", f"/{path}")
        reply = connection.getresponse()
        text = reply.read().decode("utf-8")
        assert reply.status == 200 and "二戸市" in text and "N2" in text and "N3" not in text
        connection.request("POST", f"/{path}question", json.dumps(
            {"strengths": {"N1": 1.0}, "people": "tenth", "seeds": 8, "first_seed": 1, "year": 2016}
        ), {"Content-Type": JSON})  # fmt: skip
        assert connection.getresponse().status == 200
        connection.close()
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
        problem = process.stderr.read().strip().splitlines()
        assert problem[-1] == "Ended; nothing was kept." and not any("Traceback" in one for one in problem)
    finally:
        process.kill()
        process.stdout.close()
        process.stderr.close()
