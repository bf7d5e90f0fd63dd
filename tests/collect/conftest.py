"""A demo account with faults, shared by the tests of live collecting, and clients that answer from a table."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest

from advisor.collect.calls import Clients
from advisor.collect.permissions import reads
from advisor.collect.reading import Reading
from advisor.demo import Demo, start

if TYPE_CHECKING:
    from tests.collect.replayed import Answer

ACCOUNT = "111122223333"


class FaultyDemo:
    """The demo account, its faults, and the credentials that lead there."""

    def __init__(self, demo: Demo) -> None:
        self.demo = demo

    def set_faults(self, *faults: dict[str, Any]) -> dict[str, int]:
        """Replace all faults; answers how often each call was made since the last time."""
        data = json.dumps(faults).encode()
        with urllib.request.urlopen(f"{self.demo.endpoint_url}/_demo/faults", data=data) as answer:
            counts: dict[str, int] = json.load(answer)
            return counts

    def reading(self, **options: Any) -> Reading:
        clients = Clients(self.demo.session(), reads(), endpoint_url=self.demo.endpoint_url)
        return Reading(clients, ACCOUNT, **options)


@pytest.fixture(scope="session")
def faulty() -> Iterator[FaultyDemo]:
    with start(faults=True) as demo:
        yield FaultyDemo(demo)


@pytest.fixture(scope="session")
def recorded(faulty: FaultyDemo) -> Mapping[tuple[str, str, str], Answer]:
    """What the demo account answers, without faults: see `replayed`."""
    from tests.collect.replayed import record

    faulty.set_faults()
    return record(faulty)


@pytest.fixture
def live(faulty: FaultyDemo, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyDemo]:
    """The demo as a live account of the environment's credentials, without faults at first and afterwards."""
    for name, value in faulty.demo.environment.items():
        monkeypatch.setenv(name, value)
    faulty.set_faults()
    yield faulty
    faulty.set_faults()


class CannedClients:
    """Stands in for `Clients`: answers each call from a table of values or functions, and writes calls down."""

    partition = "aws"
    home_region = "eu-central-1"

    def __init__(self, answers: dict[str, Any]) -> None:
        self.answers = answers
        self.calls: list[str] = []

    def get(self, service: str, region: str | None = None) -> Any:
        return _CannedClient(self, service)

    def answer(self, name: str, parameters: dict[str, Any]) -> Any:
        self.calls.append(name)
        found = self.answers[name]
        return found(**parameters) if callable(found) else found


class _CannedClient:
    def __init__(self, clients: CannedClients, service: str) -> None:
        self._clients = clients
        self._service = service

    def __getattr__(self, method: str) -> Callable[..., Any]:
        from botocore import xform_name

        names = {xform_name(name.split(":")[1]): name for name in reads() if name.startswith(f"{self._service}:")}
        return lambda **parameters: self._clients.answer(names[method], parameters)


@pytest.fixture
def canned() -> Iterator[Callable[[dict[str, Any]], Reading]]:
    """Makes a reading that answers from a table."""
    made: list[Reading] = []

    def make(answers: dict[str, Any]) -> Reading:
        reading = Reading(CannedClients(answers), ACCOUNT)  # type: ignore[arg-type]
        reading.regions = ("eu-central-1",)
        made.append(reading)
        return reading

    yield make
    for reading in made:
        reading.__exit__()
