"""The layer that makes calls: boto3 clients that retry, wait with patience, and refuse all that is not a read."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from advisor.errors import AdvisorError

if TYPE_CHECKING:
    from boto3 import Session
    from botocore.client import BaseClient

MAX_ATTEMPTS = 8
"""Adaptive mode waits up to 20 seconds between attempts and slows down by itself where AWS throttles."""
POOL = 32
"""Connections for each client; more threads than that never use one."""


class NotARead(AdvisorError):
    """A call was about to be made that is not on the list of reads. Nothing was sent."""


class Clients:
    """Clients of one session by service and Region, made on first use and safe to use from any thread.

    What is not in `allowed` (`iam:GetRole`, named as boto3 names service and operation) is refused before it is sent.
    """

    def __init__(
        self,
        session: Session,
        allowed: Collection[str],
        *,
        endpoint_url: str | None = None,
        attempts: int = MAX_ATTEMPTS,
        connect_seconds: float = 10,
        read_seconds: float = 60,
    ) -> None:
        self._session = session
        self._allowed = frozenset(allowed)
        self._endpoint_url = endpoint_url
        self._attempts = attempts
        self._timeouts = {"connect_timeout": connect_seconds, "read_timeout": read_seconds}
        self._clients: dict[tuple[str, str], BaseClient] = {}
        self._making = Lock()
        self.home_region: str = session.region_name or "us-east-1"
        self.partition: str = session.get_partition_for_region(self.home_region)

    def get(self, service: str, region: str | None = None) -> Any:
        """The client of a service; without a Region in the session's own."""
        key = (service, region or self.home_region)
        with self._making:
            if key not in self._clients:
                self._clients[key] = self._make(*key)
            return self._clients[key]

    def _make(self, service: str, region: str) -> BaseClient:
        from botocore.config import Config

        config = Config(
            retries={"mode": "adaptive", "total_max_attempts": self._attempts},
            max_pool_connections=POOL,
            user_agent_extra="iam-advisor",
            **self._timeouts,
        )
        client = self._session.client(service, region_name=region, endpoint_url=self._endpoint_url, config=config)
        client.meta.events.register("provide-client-params.*", self._refuse_writes)
        if service == "s3control":
            client.meta.events.register("before-sign.s3-control", _keep_plain_host)
        return client

    def _refuse_writes(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        call = f"{model.service_model.service_name}:{model.name}"
        if call not in self._allowed:
            raise NotARead(f"`{call}` is not on the list of reads, so it was not called")


def _keep_plain_host(request: Any, **_: Any) -> None:
    """Take the account id off the host of an endpoint that is a number: `111122223333.127.0.0.1` cannot be found.

    S3 Control puts it there; at AWS the name resolves.
    """
    parts = urlsplit(request.url)
    first, _dot, rest = parts.netloc.partition(".")
    host = rest.rsplit(":", 1)[0]
    if first.isdigit() and len(first) == 12 and (host == "localhost" or _is_address(host)):
        request.url = parts._replace(netloc=rest).geturl()


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
