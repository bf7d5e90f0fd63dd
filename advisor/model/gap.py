"""What could not be read, and why. A gap never turns into a silent yes or no."""

from __future__ import annotations

from typing import Final

import msgspec

TRUST_POLICY: Final = "AssumeRolePolicyDocument"
"""`call` of the gap of a trust policy that cannot be read: it hides who may assume the role, not what it may do."""


class Gap(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One thing that is not known about the account."""

    call: str
    """The API call that would have told, `service:Operation` (`kms:GetKeyPolicy`), or the part of a file that is
    missing.
    """
    kind: str
    """`refused` by AWS, `failed` otherwise, `absent`: the source cannot hold it, `expected`: AWS runs this for the
    account.
    """
    reason: str
    makes_unknown: str
    """What stays unknown because of it, in words for the user."""
    resource: str | None = None
    """The ARN (or name) of the thing that was not read; `None` for a whole kind of things."""
