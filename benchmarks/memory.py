"""How far the memory of this process rises while something runs: every allocation counts, kernels' own included."""

import ctypes
import gc
from collections.abc import Callable
from pathlib import Path

_STATUS, _RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")
_RESET_PEAK = "5"  # what the kernel understands as: forget the peak so far
NOT_AVAILABLE = "not available on this system (it is read from /proc of Linux)"


def peak_growth(work: Callable[[], object]) -> int | None:
    """Bytes of resident memory at the peak of `work` beyond those before it; None where this cannot be measured.

    Freed memory that the allocator still holds is given back first: it would hide what the run needs.
    """
    gc.collect()
    try:
        ctypes.CDLL(None).malloc_trim(0)
        _RESET.write_text(_RESET_PEAK, encoding="utf-8")
        before = _kilobytes("VmRSS")
    except (OSError, AttributeError, TypeError):  # no /proc, no glibc, or no such library at all
        return None
    work()
    return 1024 * (_kilobytes("VmHWM") - before)


def _kilobytes(name: str) -> int:
    """One figure of this process's status."""
    for line in _STATUS.read_text(encoding="utf-8").splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1])
    raise OSError(f"{_STATUS} has no {name}.")
