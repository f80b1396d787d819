"""Spreads runs over the processes of a Dask cluster: this machine's by default, any other by its address.

The way is the same on a laptop and on a cluster. A run that takes its worker down with it is tried once more, alone;
only then is it called failed, and the runs that stood beside it in the same worker are not blamed. A scheduler behind
TLS is spoken to with the certificates that Dask's own settings name (`distributed.comm.tls`).
"""

import logging
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from multiprocessing import resource_tracker
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from distributed.diagnostics.plugin import WorkerPlugin

from abm.errors import InputError

if TYPE_CHECKING:
    from types import FrameType

    from distributed import Client, Future

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
WAITING_PER_WORKER = 2  # tasks that are submitted ahead: enough to keep a worker busy, few enough to stop at once
ANY_PORT = "127.0.0.1:0"  # of pages that nobody looks at: on no other interface, and never a port in use
PATIENCE = "15s"  # with a scheduler that does not answer, and with one that has no worker; an assumption
# What a year frees is kept by the process; Dask would hand it back at every 64 kB (glibc; others take no notice).
KEPT_MEMORY = {"MALLOC_TRIM_THRESHOLD_": 1 << 30, "MALLOC_MMAP_THRESHOLD_": 32 << 20, "MALLOC_ARENA_MAX": 1}
SETTINGS = {
    "distributed.nanny.pre-spawn-environ": KEPT_MEMORY | dict.fromkeys(ONE_THREAD, 1),
    "distributed.scheduler.allowed-failures": 0,  # whoever was at work in a worker that died is told at once
    "distributed.scheduler.worker-saturation": 1.0,
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": False,
    "distributed.worker.profile.enabled": False,  # a hundred looks a second at the run's thread, which must stand still
    "distributed.admin.system-monitor.interval": "10s",  # nobody looks at what Dask measures of processes
    "distributed.admin.tick.interval": "500ms",
    "distributed.admin.tick.limit": "60s",
    "distributed.comm.timeouts.connect": "60s",
    "logging.distributed": "error",
}

Task = Sequence[tuple[int, Any]]  # runs with their places
Answering = Callable[[Task], list[Any]]


@contextmanager
def cluster(workers: int, scheduler: str | None = None) -> Iterator["Client"]:
    """A client of a local cluster with so many single-threaded processes (loopback only), or of `scheduler`.

    Raises InputError where a scheduler does not answer or has no worker. The processes of a local cluster are ended at
    once when the block is left by an exception.
    """
    import dask

    with dask.config.set(SETTINGS), _remote(scheduler) if scheduler is not None else _local(workers) as client:
        yield client


@contextmanager
def _remote(scheduler: str) -> Iterator["Client"]:
    from distributed import Client

    try:
        client = Client(scheduler, timeout=PATIENCE)
    except (OSError, TimeoutError, ValueError, TypeError, RuntimeError) as error:
        said = " ".join(str(error).split())
        raise InputError(
            f"--scheduler: {scheduler} does not answer ({said}); give tcp://HOST:PORT, or tls:// with the"
            " certificates in Dask's settings."
        ) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError as error:
            raise InputError(f"--scheduler: {scheduler} has no worker; start some with `dask worker`.") from error
        yield client


@contextmanager
def _local(workers: int) -> Iterator["Client"]:
    from distributed import Client, LocalCluster

    others = set(multiprocessing.active_children())
    with _environment(dict.fromkeys(ONE_THREAD, "1")), _quiet():
        with _interrupts_put_off():
            local = LocalCluster(
                n_workers=workers, threads_per_worker=1, processes=True, host="127.0.0.1", memory_limit=0,
                dashboard_address=ANY_PORT, worker_dashboard_address=ANY_PORT, silence_logs="CRITICAL",
            )  # fmt: skip
        with local, Client(local) as client:
            try:
                yield client
            except BaseException:
                for child in set(multiprocessing.active_children()) - others:
                    child.kill()  # whoever is in the middle of a run would be waited for
                raise


@contextmanager
def _quiet() -> Iterator[None]:
    """Dask's own messages are kept back; after an exception for good, since its threads go on complaining for a while.

    What matters of them, workers that ended, is told by whoever spreads.
    """
    names = [
        name for name in logging.root.manager.loggerDict if name.split(".")[0] in ("distributed", "tornado", "asyncio")
    ]
    loggers = [logging.getLogger(name) for name in names]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    yield
    for logger, level in zip(loggers, before, strict=True):
        logger.setLevel(level)


@contextmanager
def _interrupts_put_off() -> Iterator[None]:
    """Processes and threads started inside are deaf to Ctrl-C: the driver alone hears it, when the block has ended."""
    heard: list[int] = []

    def hear(number: int, frame: "FrameType | None") -> None:
        heard.append(number)

    try:
        before = signal.signal(signal.SIGINT, hear)
    except ValueError:  # not the main thread: signals do not come here
        yield
        return
    block = getattr(signal, "pthread_sigmask", None)  # inherited by processes; there is none on Windows
    if block is not None:
        resource_tracker.ensure_running()  # when it starts it lets the signal through again
    try:
        if block is not None:
            block(signal.SIG_BLOCK, {signal.SIGINT})
        yield
    except Exception:
        if not heard:  # else a process that was starting has heard it, too
            raise
    finally:
        if block is not None:
            block(signal.SIG_UNBLOCK, {signal.SIGINT})
        signal.signal(signal.SIGINT, before)
    if heard:
        raise KeyboardInterrupt


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """Environment variables while the block lasts: processes started inside inherit them."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def spread(client: "Client", tasks: Sequence[Task], answer: Answering) -> Iterator[tuple[Task, list[Any] | None]]:
    """Every task with its answers, in the order in which they come; None for a run whose worker died twice.

    A task whose worker died comes back run by run, each alone in the cluster. Raises InputError where the cluster is
    lost.
    """
    from distributed import as_completed

    name = f"machi-{uuid4().hex}"  # a scheduler may serve several drivers at once
    client.register_plugin(Opened(name, answer), name=name)
    left, suspects = iter(tasks), []
    waiting: dict[str, Task] = {}
    stream = as_completed([], with_results=False, raise_errors=False)

    def submit(task: Task) -> "Future":
        future: Future = client.submit(_answered, name, list(task), pure=False)
        waiting[future.key] = task
        return future

    def keep_busy() -> None:
        """Hand out what the workers of this moment can wait for: some may have joined since."""
        ahead = WAITING_PER_WORKER * max(1, sum(client.nthreads().values()))
        for task in islice(left, max(ahead - len(waiting), 0)):
            stream.add(submit(task))

    keep_busy()
    for future in stream:
        task = waiting.pop(future.key)
        keep_busy()
        answers = _outcome(future)
        if answers is None:
            suspects += [[one] for one in task]
        else:
            yield task, answers
    for alone in suspects:
        yield alone, _outcome(submit(alone))
    with suppress(Exception):  # the answers are all there: a worker that does not let go costs nothing
        client.unregister_worker_plugin(name)


def _outcome(future: "Future") -> list[Any] | None:
    """The answers of a task, None where it took its worker down; InputError where the cluster is lost."""
    from concurrent.futures import CancelledError

    from distributed import KilledWorker

    try:
        answers: list[Any] = future.result()
    except KilledWorker:
        return None
    except (CancelledError, OSError) as error:
        raise InputError(
            "--scheduler: the cluster is lost; what had ended is kept, run the same command again."
        ) from error
    return answers


class Opened(WorkerPlugin):  # type: ignore[misc]  # distributed is not looked into
    """What every worker holds, those included that take a dead one's place: how a task is answered, made ready once."""

    def __init__(self, name: str, answer: Answering) -> None:
        self.name, self.answer = name, answer

    def setup(self, worker: Any) -> None:
        """Called by Dask in a worker that has started; nothing is loaded before the first task."""
        held = worker.__dict__.setdefault("machi_answers", {})
        held[self.name] = self.answer

    def teardown(self, worker: Any) -> None:
        """Called by Dask when the sweep has ended: what was loaded is let go."""
        worker.__dict__.get("machi_answers", {}).pop(self.name, None)


def _answered(name: str, task: Task) -> list[Any]:
    """Answer a task in a worker."""
    from distributed import get_worker

    answers: list[Any] = get_worker().machi_answers[name](task)
    return answers
