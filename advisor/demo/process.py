"""The demo account's process, seen from the app: start it, know where it listens, end it."""

from __future__ import annotations

import atexit
import subprocess
import sys
from tempfile import TemporaryFile
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Any

import msgspec

from advisor.errors import AdvisorError

if TYPE_CHECKING:
    from boto3 import Session

START_SECONDS = 30
"""A slow machine that compiles everything needs about ten."""


class _Hello(msgspec.Struct):
    """The one line that the process prints when it answers."""

    port: int
    region: str
    access_key_id: str
    secret_access_key: str
    session_token: str


class Demo:
    """A running demo account. Leave it as a context manager, or `stop()` it; it ends with this process in any case."""

    name = "demo"

    def __init__(self, process: subprocess.Popen[bytes], hello: _Hello) -> None:
        self._process = process
        self._hello = hello

    @property
    def endpoint_url(self) -> str:
        return f"http://127.0.0.1:{self._hello.port}"

    @property
    def region(self) -> str:
        return self._hello.region

    @property
    def keys(self) -> dict[str, str]:
        """Credentials of the role Admin, as keywords of `boto3.Session`. They are worth nothing anywhere else."""
        return {
            "aws_access_key_id": self._hello.access_key_id,
            "aws_secret_access_key": self._hello.secret_access_key,
            "aws_session_token": self._hello.session_token,
        }

    @property
    def environment(self) -> dict[str, str]:
        """Variables that point the AWS CLI or any SDK at the demo account."""
        return {name.upper(): value for name, value in self.keys.items()} | {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
        }

    def session(self) -> Session:
        """A boto3 session of the role Admin; give its clients `endpoint_url`."""
        import boto3

        return boto3.Session(region_name=self.region, **self.keys)

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def stop(self) -> None:
        """End the process. Its standard input closes, at which it leaves by itself; killing is for one that hangs."""
        if self._process.stdin:
            self._process.stdin.close()
        try:
            self._process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()

    def __enter__(self) -> Demo:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class Starting:
    """A demo account that is being started: `ready()` waits for it, so that other things can be done meanwhile."""

    def __init__(self, *arguments: str) -> None:
        self._said = TemporaryFile()  # noqa: SIM115, a pipe that nobody empties would stop the demo once it is full
        self._process = subprocess.Popen(
            [sys.executable, "-m", "advisor.demo", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
        )

    def ready(self) -> Demo:
        """The demo account as soon as it answers.

        Raises:
            AdvisorError: it did not start; the message ends with what it said.
        """
        line = _first_line(self._process)
        try:
            return Demo(self._process, msgspec.json.decode(line, type=_Hello))
        except msgspec.MsgspecError:
            self._process.kill()
            self._process.wait()
            self._said.seek(0)
            said = self._said.read().decode("utf-8", "replace").strip().splitlines()
            raise AdvisorError(
                f"the demo account did not start: {said[-1] if said else 'it said nothing'}",
                advice="install the demo with `pip install 'iam-advisor[demo]'`",
            ) from None


def _first_line(process: subprocess.Popen[bytes]) -> bytes:
    """The first line of output, or nothing once the process is gone or the time is over."""
    from threading import Timer

    timer = Timer(START_SECONDS, process.kill)
    timer.start()
    try:
        return process.stdout.readline() if process.stdout else b""
    finally:
        timer.cancel()


def start(**options: Any) -> Demo:
    """Start a demo account of its own and wait until it answers.

    `faults=True` lets tests make calls fail; `story` is a file with another account's story.
    """
    given = {name: "" if value is True else f"={value}" for name, value in options.items() if value}
    return Starting(*(f"--{name}{value}" for name, value in given.items())).ready()


_shared: Demo | None = None
_starting: Starting | None = None
_lock = Lock()


def begin() -> None:
    """Begin to start this process's demo account, and return at once."""
    global _starting
    with _lock:
        if _starting is None and (_shared is None or not _shared.is_running):
            _starting = Starting()


def shared() -> Demo:
    """This process's one demo account, started on first use. It lives as long as this process, changes and all."""
    global _shared, _starting
    begin()
    with _lock:
        if _starting is not None:
            starting, _starting = _starting, None
            _shared = starting.ready()
            atexit.register(_shared.stop)
        assert _shared is not None
        return _shared
