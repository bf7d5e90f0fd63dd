"""Amazon Resource Names: `arn:partition:service:region:account:resource`."""

from __future__ import annotations

import msgspec


class Arn(msgspec.Struct, frozen=True):
    """The six parts of an ARN. The resource part may hold further colons and slashes."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{self.resource}"

    @property
    def name(self) -> str:
        """The last segment of the resource: `ana` of `user/team/ana`."""
        return self.resource.rsplit("/", 1)[-1].rsplit(":", 1)[-1]


def parse_arn(text: str) -> Arn | None:
    """Read an ARN; `None` when the text has fewer than six parts or does not begin with `arn`."""
    parts = text.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn":
        return None
    return Arn(*parts[1:])


def account_of(text: str) -> str:
    """The account id in an ARN, an empty string where it has none (S3 buckets) or the text is no ARN."""
    parts = text.split(":", 5)
    return parts[4] if len(parts) == 6 else ""


def partition_of(text: str) -> str:
    """The partition in an ARN, `aws` where the text is no ARN."""
    parts = text.split(":", 2)
    return parts[1] if len(parts) == 3 and parts[0] == "arn" else "aws"
