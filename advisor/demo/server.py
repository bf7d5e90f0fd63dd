"""The demo account's server: moto behind our front, on a free port of loopback."""

from __future__ import annotations

from typing import Any

from moto.backends import get_backend
from moto.moto_api._internal import mock_random
from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import make_server

from advisor.demo.front import Front
from advisor.demo.moto_iam import correct_iam
from advisor.demo.seed_iam import seed_iam
from advisor.demo.story import Story

HOUR = 3600


class _Handler(MotoRequestHandler):
    """Keeps connections open, as AWS does, and writes no log."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:
        pass


class DemoServer:
    """The account of the story. IAM is told before it answers; what other services need is told while they are not asked."""

    def __init__(self, story: Story, *, faults: bool = False) -> None:
        self._story = story
        mock_random.seed(20261124)
        correct_iam()
        self._iam = get_backend("iam")[story.account.id]["aws"]
        seed_iam(story.iam, self._iam)
        self._iam.create_account_alias(story.account.alias)
        self.front = Front(story, faults=faults)
        self._server = make_server("127.0.0.1", 0, self.front, threaded=True, request_handler=_Handler)

    def hello(self) -> dict[str, str | int]:
        """What the app needs to call us: the port, and a session of the story's caller."""
        account = self._story.account
        role = f"arn:aws:iam::{account.id}:role/{account.caller}"
        region = account.regions[0]
        session = get_backend("sts")[account.id]["aws"].assume_role(region, "demo", role, "", 12 * HOUR, "")
        return {
            "port": self._server.server_port,
            "region": region,
            "access_key_id": session.access_key_id,
            "secret_access_key": session.secret_access_key,
            "session_token": session.session_token,
        }

    def serve(self) -> None:
        self._server.serve_forever()
