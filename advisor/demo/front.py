"""The front of the demo account: everything that is asked passes here on its way to moto."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from advisor.demo.story import Story

Environ = dict[str, Any]
StartResponse = Callable[..., Any]


class Front:
    """A WSGI application."""

    def __init__(self, story: Story, *, faults: bool = False) -> None:
        self._moto = DomainDispatcherApplication(create_backend_app)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        answer: Iterable[bytes] = self._moto(environ, start_response)
        return answer
