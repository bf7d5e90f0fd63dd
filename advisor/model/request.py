"""One question to a policy set: may this principal do this action on this resource, in this context?"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

ANONYMOUS = "*"
"""The principal of an unsigned request."""


class Request(msgspec.Struct, frozen=True):
    """A request as AWS would authorize it.

    `principal` is an ARN (user, role, session, federated user, root), a service name (`lambda.amazonaws.com`) or
    `ANONYMOUS`. `resource` is an ARN, or `*` for an action that takes none. `context` holds the keys that the asker
    fixed, in lower case, each with its values; an empty tuple says that the key is absent. `resource_account` owns the
    resource where its ARN does not say.
    """

    principal: str
    action: str
    resource: str = "*"
    context: Mapping[str, tuple[str, ...]] = {}
    resource_account: str | None = None
