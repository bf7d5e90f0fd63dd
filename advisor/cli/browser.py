"""The app in a browser: textual-serve behind a token, on loopback, with no request to anywhere else."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable
from hmac import compare_digest
from typing import Any

from aiohttp import web
from textual_serve.server import Server

from advisor.reference.data import data_folder

_COOKIE = "advisor"
_POLICY = (
    "default-src 'self'; connect-src 'self' ws://{host}; style-src 'self' 'unsafe-inline'; font-src 'self' data:; "
    "script-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'"
)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class BrowserServer(Server):
    """Serves the app to whoever has the token.

    The token comes with the first address and then stays in a cookie that scripts cannot read. The `Host` must be our
    own, so that a name that somebody points at loopback opens nothing; so must the `Origin` of a web socket.
    """

    def __init__(self, command: str, port: int, token: str = "") -> None:
        super().__init__(
            command, host="127.0.0.1", port=port, title="IAM Advisor", templates_path=data_folder("assets") / "serve"
        )
        self.token = token or secrets.token_urlsafe(32)
        self.own_host = f"{self.host}:{self.port}"

    @property
    def address(self) -> str:
        """Where the app is, with the token."""
        return f"{self.public_url}/?token={self.token}"

    def initialize_logging(self) -> None:
        logging.basicConfig(level="WARNING", format="%(message)s")

    async def on_startup(self, app: web.Application) -> None:
        """Say nothing: the command has said where the app is."""

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()
        app.middlewares.append(self._guard())
        return app

    def _guard(self) -> Any:
        @web.middleware
        async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
            if request.host != self.own_host or not self._is_own_origin(request):
                raise web.HTTPForbidden(text="this address is not the advisor's")
            given = request.query.get("token", "")
            if given and compare_digest(given, self.token):
                answer: web.StreamResponse = web.HTTPSeeOther("/")
                answer.set_cookie(_COOKIE, self.token, httponly=True, samesite="Strict", path="/")
                return answer
            if not compare_digest(request.cookies.get(_COOKIE, ""), self.token):
                raise web.HTTPForbidden(text="open the address that `advisor serve` printed: it has the token")
            answer = await handler(request)
            if not answer.prepared:
                answer.headers["Content-Security-Policy"] = _POLICY.format(host=self.own_host)
                answer.headers["Referrer-Policy"] = "no-referrer"
                answer.headers["Cache-Control"] = "no-store"
            return answer

        return guard

    def _is_own_origin(self, request: web.Request) -> bool:
        origin = request.headers.get("Origin")
        return origin is None or origin == f"http://{self.own_host}"
