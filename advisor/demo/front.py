"""The front of the demo account: everything that is asked passes here on its way to moto."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from threading import Event
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from advisor.demo.faults import Fault, Faults, error_of
from advisor.demo.hosted import Hosted
from advisor.demo.requests import Call
from advisor.demo.story import Story

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
CONTROL = "/_demo/faults"
FIRST = "iam:GetAccountAuthorizationDetails"
SEED_SECONDS = 60


class Front:
    """A WSGI application: faults that tests set, calls that moto lacks, then moto.

    A service is answered once the story was told to it: `ready` says which event to wait for.
    """

    def __init__(self, story: Story, ready: dict[str, Event], *, faults: bool = False) -> None:
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._hosted = Hosted(story)
        self._refused = story.refused
        self._ready = ready
        self._faults = Faults() if faults else None
        self.asked = Event()
        """Set once principals were asked for: before that nothing else may take the machine's time."""

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if self._faults and environ.get("PATH_INFO") == CONTROL:
            length = int(environ.get("CONTENT_LENGTH") or 0)
            return _respond(
                start_response, 200, "application/json", self._faults.control(environ["wsgi.input"].read(length))
            )
        call = Call(environ)
        if call.name == FIRST:
            self.asked.set()
        fault = self._fault(call)
        if fault and fault.kind == "slow":
            time.sleep(fault.seconds)
        elif fault:
            return _respond(start_response, *error_of(fault, call))
        if any(one.call == call.name and one.region in ("", call.region) for one in self._refused):
            return _respond(start_response, *error_of(Fault(call.name, "denied"), call))
        hosted = self._hosted.answer(call)
        if hosted is not None:
            return _respond(start_response, *hosted)
        if call.service in self._ready:
            self._ready[call.service].wait(SEED_SECONDS)
        answer: Iterable[bytes] = self._moto(environ, start_response)
        return answer

    def _fault(self, call: Call) -> Fault | None:
        if self._faults is None:
            return None
        call.look_up()
        return self._faults.of(call)


def _respond(start_response: StartResponse, status: int, kind: str, body: bytes) -> Iterable[bytes]:
    headers = [("Content-Type", kind), ("Content-Length", str(len(body)))]
    start_response(f"{status} {HTTPStatus(status).phrase}", headers)
    return [body]
