"""The demo account's server: moto behind our front, on a free port of loopback."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from threading import Event, Thread
from typing import Any

from moto.backends import get_backend
from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import make_server

from advisor.demo import seed_around, seed_resources
from advisor.demo.front import Front
from advisor.demo.ids import draw_from, steady_ids
from advisor.demo.moto_iam import correct_iam
from advisor.demo.seed_iam import seed_iam
from advisor.demo.story import Story

HOUR = 3600
SEED = 20261124
"""Ids that moto makes up are the same each time."""
SEEDS: tuple[tuple[Callable[[Story], None], tuple[str, ...]], ...] = (
    (seed_around.seed_organization, ("organizations",)),
    (seed_resources.seed_buckets, ("s3", "s3control")),
    (seed_resources.seed_keys, ("kms",)),
    (seed_resources.seed_messaging, ("sqs", "sns", "secretsmanager")),
    (seed_around.seed_watch, ("cloudtrail", "account", "budgets", "guardduty", "events")),
    (seed_around.seed_identity_center, ("sso-admin", "identitystore")),
    (seed_resources.seed_code, ("ecr", "lambda", "ecs")),
    (seed_resources.seed_instances, ("ec2", "resourcegroupstaggingapi")),
)
"""What is told after IAM, in this order, and the services that wait for it. The last two load moto's EC2, a second."""


class _Handler(MotoRequestHandler):  # type: ignore[misc]
    """Keeps connections open, as AWS does, and writes no log."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:
        pass


class DemoServer:
    """The account of the story. IAM is told before it answers; the other services are while it already does."""

    def __init__(self, story: Story, *, faults: bool = False) -> None:
        self._story = story
        steady_ids()
        draw_from(SEED)
        correct_iam()
        self._iam = get_backend("iam")[story.account.id]["aws"]
        seed_iam(story.iam, self._iam)
        self._iam.create_account_alias(story.account.alias)
        self._told = [(seed, Event(), services) for seed, services in SEEDS]
        ready = {service: told for _, told, services in self._told for service in services}
        self.front = Front(story, ready, faults=faults)
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
        Thread(target=self._tell, daemon=True).start()
        self._server.serve_forever()

    def _tell(self) -> None:
        self.front.asked.wait(timeout=1)
        for number, (seed, told, _) in enumerate(self._told):
            draw_from(SEED + number)
            try:
                seed(self._story)
            except Exception:
                traceback.print_exc(file=sys.stderr)
            told.set()
