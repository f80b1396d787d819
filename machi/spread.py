"""Spreads runs over the processes of a Dask cluster: this machine's by default, any other by its address.

The way is the same on a laptop and on a cluster. A run that takes its worker down with it is tried once more, alone;
only then is it called failed, and the runs that stood beside it in the same worker are not blamed.
"""

import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any

from distributed.diagnostics.plugin import WorkerPlugin

from abm.errors import InputError

if TYPE_CHECKING:
    from distributed import Client, Future

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
WAITING_PER_WORKER = 2  # tasks that are submitted ahead: enough to keep a worker busy, few enough to stop at once
SETTINGS = {
    "distributed.scheduler.allowed-failures": 0,  # whoever was at work in a worker that died is told at once
    "distributed.scheduler.worker-saturation": 1.0,
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": False,
    "distributed.admin.tick.limit": "60s",
    "distributed.comm.timeouts.connect": "60s",
    "logging.distributed": "error",
}

NAME = "machi"  # of what every worker holds
Task = Sequence[tuple[int, Any]]  # runs with their places
Answering = Callable[[Task], list[Any]]


@contextmanager
def cluster(workers: int, scheduler: str | None = None) -> Iterator["Client"]:
    """A client of a local cluster with so many single-threaded processes (loopback only), or of `scheduler`.

    Raises InputError where a scheduler does not answer.
    """
    import dask
    from distributed import Client, LocalCluster

    with dask.config.set(SETTINGS):
        if scheduler is not None:
            try:
                client = Client(scheduler, timeout="15s")
            except (OSError, TimeoutError, ValueError) as error:
                raise InputError(
                    f"--scheduler: {scheduler} does not answer ({error}); give tcp://HOST:PORT."
                ) from error
            with client:
                yield client
            return
        with _environment(dict.fromkeys(ONE_THREAD, "1")):
            with _deaf_to_interrupts():
                local = LocalCluster(
                    n_workers=workers, threads_per_worker=1, processes=True, host="127.0.0.1",
                    dashboard_address=None, memory_limit=0, silence_logs="CRITICAL",
                )  # fmt: skip
            with local, Client(local) as client:
                yield client


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Processes started inside ignore Ctrl-C: the driver alone hears it and ends them."""
    try:
        heard = signal.signal(signal.SIGINT, signal.SIG_IGN)
    except ValueError:  # not the main thread: signals cannot be set there
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, heard)


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

    A task whose worker died comes back run by run, each alone in the cluster.
    """
    from distributed import KilledWorker, as_completed

    client.register_plugin(Opened(answer), name=NAME)
    left, suspects = iter(tasks), []
    ahead = WAITING_PER_WORKER * max(1, len(client.scheduler_info()["workers"]))
    waiting: dict[str, Task] = {}
    stream = as_completed([], with_results=False, raise_errors=False)

    def submit(task: Task) -> "Future":
        future: Future = client.submit(_answered, list(task), pure=False)
        waiting[future.key] = task
        return future

    for _, task in zip(range(ahead), left, strict=False):
        stream.add(submit(task))
    for future in stream:
        task = waiting.pop(future.key)
        for following in islice(left, 1):
            stream.add(submit(following))
        if isinstance(future.exception(), KilledWorker):
            suspects += [[one] for one in task]
        else:
            yield task, future.result()
    for alone in suspects:
        future = submit(alone)
        died = isinstance(future.exception(), KilledWorker)
        yield alone, None if died else future.result()


class Opened(WorkerPlugin):  # type: ignore[misc]  # distributed is not looked into
    """What every worker holds, those included that take a dead one's place: how a task is answered, made ready once."""

    def __init__(self, answer: Answering) -> None:
        self.answer = answer

    def setup(self, worker: Any) -> None:
        """Called by Dask in a worker that has started; nothing is loaded before the first task."""
        worker.machi_answer = self.answer


def _answered(task: Task) -> list[Any]:
    """Answer a task in a worker."""
    from distributed import get_worker

    answers: list[Any] = get_worker().machi_answer(task)
    return answers
