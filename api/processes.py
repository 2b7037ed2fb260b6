"""Keeps the processes of an installation running: starts them, starts them again when they end, stops them together."""

import ctypes
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FrameType

from crm_core.foundation.errors import ProductError
from crm_core.foundation.observability import logger

log = logger(__name__)

_PAUSE_SECONDS = 0.2
#: a process that lived this long has earned an immediate new start
_SETTLED_SECONDS = 10.0
_LONGEST_DELAY_SECONDS = 15.0
#: a worker may finish its job within 20 seconds of being asked to end
_STOP_SECONDS = 25.0
_PR_SET_PDEATHSIG = 1

# looked up before any fork: a child between fork and exec must not load anything
_set_process_option = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


@dataclass
class SupervisedProcess:
    """One command of `dojo` that is to run for as long as its supervisor does."""

    name: str
    arguments: Sequence[str]
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _started_at: float = field(default=0.0, init=False)
    _start_again_at: float = field(default=0.0, init=False)
    _quick_ends: int = field(default=0, init=False)

    @property
    def process_id(self) -> int | None:
        return self._process.pid if self._process else None

    def keep_running(self) -> None:
        """Start it if it is not running and its time has come; one that ends at once is tried ever more rarely."""
        if self._process is not None and self._process.poll() is not None:
            self._note_end(self._process.returncode)
        if self._process is None and time.monotonic() >= self._start_again_at:
            self._start()

    def _note_end(self, code: int) -> None:
        lived_seconds = time.monotonic() - self._started_at
        self._quick_ends = 0 if lived_seconds > _SETTLED_SECONDS else self._quick_ends + 1
        delay_seconds = min(2.0 ** (self._quick_ends - 2), _LONGEST_DELAY_SECONDS) if self._quick_ends else 0.0
        self._start_again_at = time.monotonic() + delay_seconds
        self._process = None
        log.warning("process_ended", process=self.name, code=code, again_in_seconds=delay_seconds)

    def _start(self) -> None:
        # a session of its own: Ctrl-C in the terminal reaches the supervisor alone, which then ends the others in order
        self._process = subprocess.Popen(  # noqa: S603 - our own commands
            [sys.executable, "-m", "api", *self.arguments],
            start_new_session=True,
            preexec_fn=_end_with_parent,  # noqa: PLW1509 - the supervisor has one thread
        )
        self._started_at = time.monotonic()
        log.info("process_started", process=self.name, process_id=self._process.pid)

    def ask_to_end(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def wait_for_end(self, deadline: float) -> None:
        """Wait until a moment of the monotonic clock, then end it by force."""
        if self._process is None:
            return
        try:
            self._process.wait(timeout=max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Supervisor:
    """Runs processes until it is asked to stop by Ctrl-C or a signal."""

    def __init__(self, processes: Sequence[SupervisedProcess]) -> None:
        self._processes = processes
        self._is_stopping = False

    def run(self, *duties: Callable[[], None]) -> None:
        """Blocks; the duties, such as looking after the database, are done a few times a second."""
        handlers = {number: signal.signal(number, self._stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            while not self._is_stopping:
                for duty in duties:
                    _perform(duty)
                for process in self._processes:
                    process.keep_running()
                time.sleep(_PAUSE_SECONDS)
        finally:
            self._end_all()
            for number, handler in handlers.items():
                signal.signal(number, handler)

    def start_anew(self) -> None:
        """End every process, so that each is started again with what holds now."""
        for process in self._processes:
            process.ask_to_end()

    def _end_all(self) -> None:
        for process in self._processes:
            process.ask_to_end()
        deadline = time.monotonic() + _STOP_SECONDS
        for process in self._processes:
            process.wait_for_end(deadline)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._is_stopping = True


def _perform(duty: Callable[[], None]) -> None:
    try:
        duty()
    except ProductError as failure:
        log.warning("duty_failed", duty=duty.__name__, error=failure.code, **failure.parameters)


def _end_with_parent() -> None:
    """Have the kernel end this process should its supervisor be killed, so that none is left on the port."""
    if _set_process_option is not None:
        _set_process_option(_PR_SET_PDEATHSIG, signal.SIGTERM)
