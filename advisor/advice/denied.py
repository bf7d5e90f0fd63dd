"""An access-denied message taken apart: who, what, on what, which layer refused, and whether by a statement.

Sources: IAM User Guide, "Troubleshoot access denied error messages" (`User U is not authorized to perform A on
resource R because no T policy allows the A action`, or `… with an explicit deny in a T policy`) and "… with
authorization ID"; Amazon S3 User Guide, "Troubleshoot access denied (403 Forbidden) errors". IAM writes `role NAME` for
a resource, KMS `on this resource`.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from advisor.errors import InputError
from advisor.model.arn import account_of, parse_arn, partition_of
from advisor.model.verdict import LayerName

MOST_CHARACTERS = 20_000
_LAYERS: dict[str, LayerName] = {
    "identity-based": "identity",
    "resource-based": "resource",
    "service control": "scp",
    "resource control": "rcp",
    "permissions boundary": "boundary",
    "session": "session",
    "vpc endpoint": "endpoint",
    "role trust": "resource",
}
_KIND = (
    r"(?P<kind>identity-based|resource-based|service control|resource control|session|vpc endpoint|role trust"
    r"|permissions)"
)
_NOT_AUTHORIZED = re.compile(
    r"(?:(?:User|Principal):?\s+|(?<!\S))(?P<principal>\S++)\s+is\s+not\s+authorized\s+to\s+perform:?\s+(?P<action>[\w-]+:\w+)"
    r"(?:\s+on\s+this\s+resource|\s+on\s+(?:the\s+)?resource:?\s+(?P<resource>\"[^\"]+\"|'[^']+'"
    r"|(?:role|user|group|policy|instance\s+profile)\s+(?!because\b|with\b)\S+|\S+))?",
    re.IGNORECASE,
)
_IMPLICIT = re.compile(rf"because\s+no\s+{_KIND}\s+(?:polic(?:y|ies)|boundary)\s+allows?", re.IGNORECASE)
_EXPLICIT = re.compile(
    rf"with\s+an\s+explicit\s+deny\s+in\s+(?:an?|the)\s+{_KIND}\s+(?:policy|boundary)"
    r"(?::?\s+(?P<policy>arn:\S+))?",
    re.IGNORECASE,
)
_SOME_DENY = re.compile(r"with\s+an\s+explicit\s+deny", re.IGNORECASE)
_ANY_RESOURCE_POLICY = re.compile(
    r"no\s+resource-based\s+polic(?:y|ies)\s+allows?\s+access,\s+or\s+a\s+resource-based\s+policy\s+explicitly\s+denies",
    re.IGNORECASE,
)
_OTHER_REASON = re.compile(r"because\s+(?P<reason>.{3,300}?)(?:\.(?:\s|$)|[\"{}]|$)", re.IGNORECASE)
_AUTHORIZATION = re.compile(
    r"authorization\s*-?\s*id[\"']?\s*[:=]?\s*[\"']?(?P<id>[A-Za-z0-9_+/=.:-]{8,512})", re.IGNORECASE
)
_OPERATION = re.compile(r"when\s+calling\s+the\s+(?P<operation>\w+)\s+operation", re.IGNORECASE)


class Denial(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a message says. `layer` and `effect` are empty where it does not tell."""

    principal: str
    action: str
    resource: str | None = None
    """An ARN (with `*` for what the message leaves out), or `None` where none is named."""
    layer: LayerName | Literal[""] = ""
    effect: Literal["explicit", "implicit", ""] = ""
    policy: str = ""
    """ARN of the policy that denies, where AWS names it."""
    authorization_id: str = ""
    """With it `iam-toolbox` knows more, for a day at least."""
    reason: str = ""
    """What refused in AWS's words where that is no policy: a setting of S3 Block Public Access, for example."""


def parse_denial(message: str) -> Denial:
    """Take a message apart, whatever stands around it (a stack trace, JSON of CloudTrail, quotation marks).

    Raises:
        InputError: it is no such message, or does not say who was denied what.
    """
    if len(message) > MOST_CHARACTERS:
        raise InputError(f"the message has {len(message)} characters, {MOST_CHARACTERS} are allowed")
    text = re.sub(r"\s+", " ", message.replace('\\"', '"')).strip()
    found = _NOT_AUTHORIZED.search(text)
    if found is None:
        raise InputError(
            _what_is_lacking(text), advice="`advisor can PRINCIPAL ACTION RESOURCE` asks without a message"
        )
    principal = found["principal"].strip("\"'`,")
    after = text[found.end() :]
    explicit = _EXPLICIT.search(after)
    said = explicit or _IMPLICIT.search(after)
    kind = said["kind"].lower() if said else ""
    layer: LayerName | Literal[""] = _LAYERS["permissions boundary" if kind == "permissions" else kind] if kind else ""
    effect: Literal["explicit", "implicit", ""] = "" if said is None else "explicit" if explicit else "implicit"
    other = _OTHER_REASON.search(after) if said is None else None
    if said is None and _SOME_DENY.search(after):
        effect = "explicit"
    elif _ANY_RESOURCE_POLICY.search(after):
        layer = "resource"
    authorization = _AUTHORIZATION.search(text)
    return Denial(
        principal=principal,
        action=found["action"],
        resource=_resource(found["resource"], found["action"], principal),
        layer=layer,
        effect=effect,
        policy=(explicit["policy"] or "").rstrip(".,;\"'") if explicit else "",
        authorization_id=authorization["id"].rstrip(".,") if authorization else "",
        reason=other["reason"].strip() if other else "",
    )


def _what_is_lacking(text: str) -> str:
    operation = _OPERATION.search(text)
    if operation:
        return f"the message names the call `{operation['operation']}`, but neither who made it nor on what"
    if "encoded authorization failure message" in text.lower():
        return "the message is encoded; `aws sts decode-authorization-message` opens it"
    return "this is no access-denied message: nothing in it says who `is not authorized to perform` what"


def _resource(written: str | None, action: str, principal: str) -> str | None:
    """The ARN; a short name such as `function:Hello` is made one, with any Region; so is IAM's `role deploy`."""
    if written is None:
        return None
    name = written.strip("\"'`,").removesuffix(".")
    if parse_arn(name) is not None:
        return name
    kind, _, rest = name.rpartition(" ")
    if name == "*" or (kind and rest == "path"):
        return None
    if kind and parse_arn(rest) is not None:
        return rest
    if kind:
        thing = kind.lower().replace(" ", "-")
        return f"arn:{partition_of(principal)}:iam::{account_of(principal) or '*'}:{thing}/{rest}"
    service = action.partition(":")[0]
    return f"arn:{partition_of(principal)}:{service}:*:{account_of(principal) or '*'}:{name}"
