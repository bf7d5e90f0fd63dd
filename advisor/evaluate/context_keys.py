"""Which context keys follow from principal, resource and account, and what they then are.

Source: IAM User Guide, "AWS global condition context keys", "IAM and AWS STS condition context keys"; the context-key
table of the evaluation rules: known, absent, or open.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

import msgspec

from advisor.evaluate.context import ABSENT, OPEN, PRESENT, Context, Knowledge, Unknown
from advisor.evaluate.pattern import action_matches
from advisor.evaluate.principals import Caller
from advisor.model.gap import Gap
from advisor.model.principal import Tags
from advisor.reference.catalogue import takes_tags
from advisor.reference.services import listed


class AccountFacts(msgspec.Struct, frozen=True):
    """What is known of an account's place: `org_id` is `None` when it is not known, empty when it is in no
    organization.
    """

    account: str
    org_id: str | None = None
    org_path: str | None = None


PRINCIPAL_KEYS = frozenset(
    (
        "aws:principalarn", "aws:principalaccount", "aws:principaltype", "aws:userid", "aws:username",
        "aws:principalorgid", "aws:principalorgpaths", "aws:principalisawsservice", "aws:principalservicename",
        "aws:principalservicenameslist", "aws:tokenissuetime", "aws:multifactorauthpresent", "aws:multifactorauthage",
        "aws:federatedprovider", "aws:sourceidentity", "aws:assumedroot", "aws:chatbotsourcearn",
        "identitystore:userid", "ec2:sourceinstancearn", "ec2:roledelivery", "aws:ec2instancesourcevpc",
        "aws:ec2instancesourceprivateipv4", "lambda:sourcefunctionarn", "ssm:sourceinstancearn",
    )
)  # fmt: skip
"""Keys whose knowledge differs from principal to principal."""

SERVICE_NAMES_FOR_ACCOUNT = ("kms:calleraccount",)
"""Keys of single services that hold the caller's account."""

RESOURCE_KEYS = frozenset(("aws:resourceaccount", "aws:resourceorgid", "aws:resourceorgpaths", "s3:resourceaccount"))

_TAG_FAMILIES = (
    "aws:resourcetag/",
    "s3:buckettag/",
    "iam:resourcetag/",
    "ec2:resourcetag/",
    "secretsmanager:resourcetag/",
)
_CALLED_BY_SERVICE = (
    "aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths", "aws:principalservicename",
    "aws:principalservicenameslist",
)  # fmt: skip
_MADE_BY_SERVICE = (
    "ec2:sourceinstancearn", "ec2:roledelivery", "aws:ec2instancesourcevpc", "aws:ec2instancesourceprivateipv4",
    "lambda:sourcefunctionarn", "ssm:sourceinstancearn",
)  # fmt: skip
_OF_SPECIAL_SESSIONS = ("aws:assumedroot", "aws:chatbotsourcearn", "identitystore:userid")
_FORWARDED = (
    "aws:viaawsservice", "aws:calledvia", "aws:calledviafirst", "aws:calledvialast", "kms:viaservice",
)  # fmt: skip
_TYPES = {
    "user": "User", "root": "Account", "role": "AssumedRole", "session": "AssumedRole",
    "federated-user": "FederatedUser",
}  # fmt: skip


def is_principal_key(key: str) -> bool:
    return key in PRINCIPAL_KEYS or key.startswith("aws:principaltag/") or key in SERVICE_NAMES_FOR_ACCOUNT


def is_resource_key(key: str) -> bool:
    return key in RESOURCE_KEYS or key.startswith(_TAG_FAMILIES)


TAGS_OF_RESOURCE = ("resourcetag/", "buckettag/")
"""Stand in the names of all keys that hold a tag of the resource (in lower case)."""

LONGEST_SESSION = 36 * 3_600
"""Seconds for which temporary credentials last at most: those of GetSessionToken and GetFederationToken; roles' last 12
hours. Source: IAM User Guide, "Compare AWS STS credentials".
"""


def not_before(moment: Decimal | None) -> Context:
    """The keys of a request that happens at `moment` (seconds since 1970) or later; nothing without one."""
    if moment is None:
        return Context()
    now = Unknown(is_there=True, since=moment)
    return Context({"aws:currenttime": now, "aws:epochtime": now})


def principal_context(caller: Caller, place: AccountFacts | None = None, since: Decimal | None = None) -> Context:
    """The keys that follow from who calls. `place` tells the caller's organization; the call is not before `since`."""
    if caller.kind == "anonymous":
        return _anonymous()
    if caller.kind == "service":
        return _service(caller)
    if not caller.is_identity:
        return Context({"aws:principalisawsservice": ("false",)})
    arn = caller.principal if caller.is_session else caller.arn
    keys: dict[str, Knowledge] = dict.fromkeys(_CALLED_BY_SERVICE, ABSENT)
    keys |= {
        "aws:principalarn": (arn,),
        "aws:principalaccount": (caller.account,),
        "aws:principaltype": (_TYPES[caller.kind],),
        "aws:principalisawsservice": ("false",),
        "aws:userid": _user_id(caller),
        "aws:username": (caller.arn.rsplit("/", 1)[-1],) if caller.kind == "user" else ABSENT,
    }
    keys |= dict.fromkeys(SERVICE_NAMES_FOR_ACCOUNT, (caller.account,))
    keys |= _organization(place, "aws:principalorgid", "aws:principalorgpaths")
    keys |= _credentials(caller, since)
    if not caller.has_session_tags:
        keys |= _tags("aws:principaltag/", caller.tags)
    return Context(keys, {"aws:principaltag/": _no_other_tag(caller)})


def _no_other_tag(caller: Caller) -> Knowledge:
    """A tag that the user or role does not carry is absent; open where its tags were not read, or sessions bring some.

    Source: IAM User Guide, "Pass session tags in AWS STS": session tags take the place of the role's tags of that name.
    """
    return OPEN if caller.has_session_tags or (caller.tags is None and caller.kind != "root") else ABSENT


def _tags(family: str, tags: Tags | None) -> dict[str, Knowledge]:
    return {family + name.lower(): (value,) for name, value in tags or ()}


def _user_id(caller: Caller) -> Knowledge:
    if caller.kind == "root":
        return (caller.account,)
    if caller.kind == "federated-user":
        return (f"{caller.account}:{caller.arn.rsplit('/', 1)[-1]}",)
    if not caller.id:
        return PRESENT
    if caller.kind == "user":
        return (caller.id,)
    return (f"{caller.id}:{caller.session}",) if caller.session else user_id_of_role(caller.id)


def user_id_of_role(id: str) -> Knowledge:
    """What is known of `aws:userid` in some session of a role: it begins with the role's own id."""
    return Unknown(is_there=True, shape=f"{id}:*") if id else PRESENT


def _credentials(caller: Caller, since: Decimal | None) -> dict[str, Knowledge]:
    """MFA and the age of the credentials: a user may hold long-term keys or temporary ones, so these stay open."""
    keys: dict[str, Knowledge] = dict.fromkeys(_OF_SPECIAL_SESSIONS, ABSENT if not caller.is_session else OPEN)
    keys |= dict.fromkeys(_MADE_BY_SERVICE, OPEN if caller.is_session else ABSENT)
    keys["aws:federatedprovider"] = OPEN if caller.is_session else ABSENT
    keys["aws:sourceidentity"] = OPEN if caller.is_session else ABSENT
    is_temporary = caller.is_session or caller.kind == "federated-user"
    issued = None if since is None else since - LONGEST_SESSION
    if is_temporary or issued is not None:
        keys["aws:tokenissuetime"] = Unknown(is_there=is_temporary, since=issued)
    if caller.kind == "federated-user":
        keys |= {"aws:multifactorauthpresent": ABSENT, "aws:multifactorauthage": ABSENT}
    return keys


def _organization(place: AccountFacts | None, id_key: str, paths_key: str) -> dict[str, Knowledge]:
    if place is None or place.org_id is None:
        return {}
    if not place.org_id:
        return {id_key: ABSENT, paths_key: ABSENT}
    return {id_key: (place.org_id,), paths_key: (place.org_path,) if place.org_path else PRESENT}


def _anonymous() -> Context:
    keys: dict[str, Knowledge] = dict.fromkeys((*PRINCIPAL_KEYS, *_CALLED_BY_SERVICE), ABSENT)
    keys |= dict.fromkeys(("aws:principalaccount", "aws:userid"), ("anonymous",))
    keys["aws:principaltype"] = ("Anonymous",)
    return Context(keys, {"aws:principaltag/": ABSENT})


def _service(caller: Caller) -> Context:
    """A direct call by a service: the source keys are there when the service sends them."""
    keys: dict[str, Knowledge] = dict.fromkeys(PRINCIPAL_KEYS, ABSENT)
    keys |= dict.fromkeys((*_CALLED_BY_SERVICE, "aws:principalarn", "aws:principalaccount", "aws:principaltype"), OPEN)
    keys |= {
        "aws:principalisawsservice": ("true",),
        "aws:principalservicename": (caller.arn,),
        "aws:principalservicenameslist": PRESENT,
        "aws:userid": OPEN,
        "aws:securetransport": OPEN,
        "aws:principalorgid": OPEN,
        "aws:principalorgpaths": OPEN,
    }
    return Context(keys, {"aws:principaltag/": ABSENT})


def resource_context(
    action: str,
    account: str,
    place: AccountFacts | None = None,
    *,
    tags: Tags | None = None,
    counts_tags: bool = True,
    tags_gap: Gap | None = None,
) -> Context:
    """The keys that follow from the resource. `tags` is `None` where they were not read.

    `tags_gap` is the call for them that failed. `counts_tags` is false where the service leaves tags out of
    authorization: a bucket without ABAC (rule 55).
    """
    keys: dict[str, Knowledge] = {}
    if account and not _may_lack_account(action):
        keys["aws:resourceaccount"] = (account,)
        if action.lower().startswith("s3:"):
            keys["s3:resourceaccount"] = (account,)
        keys |= _organization(place, "aws:resourceorgid", "aws:resourceorgpaths")
    if not counts_tags:
        return Context(keys, dict.fromkeys(_TAG_FAMILIES, ABSENT))
    if tags_gap is not None:
        return Context(keys, dict.fromkeys(_TAG_FAMILIES, Unknown(is_there=False, gap=tags_gap)))
    if tags is None:
        return Context(keys)
    families: dict[str, Knowledge] = dict.fromkeys(_TAG_FAMILIES, ABSENT)
    own = f"{action.partition(':')[0].lower()}:resourcetag/"
    known = _tags("aws:resourcetag/", tags) | _tags(own, tags)
    if own == "s3:resourcetag/":
        known |= _tags("s3:buckettag/", tags)
    return Context(keys | known, families | {own: ABSENT})


@lru_cache(maxsize=8_192)
def _may_lack_account(action: str) -> bool:
    return any(action_matches(pattern, action) for pattern in listed("resource-account-exceptions").entries)


def request_context(action: str, region: str = "", partition: str = "aws") -> Context:
    """The keys that follow from the call itself: it has a time, a user agent and a Region.

    Network keys, MFA, the services it may come through and what the service adds stay open, request tags where the
    operation takes some.
    """
    keys: dict[str, Knowledge] = dict.fromkeys(_FORWARDED, OPEN)
    keys |= dict.fromkeys(("aws:currenttime", "aws:epochtime", "aws:useragent", "aws:securetransport"), PRESENT)
    if action.partition(":")[0].lower() in _GLOBAL_SERVICES and partition in _GLOBAL_REGIONS:
        keys["aws:requestedregion"] = (_GLOBAL_REGIONS[partition],)
    elif region:
        keys["aws:requestedregion"] = (region,)
    if action.lower() != "iam:passrole":
        keys |= {"iam:passedtoservice": ABSENT, "iam:associatedresourcearn": ABSENT}
    if takes_tags(action):
        return Context(keys)
    return Context(keys | {"aws:tagkeys": ABSENT}, {"aws:requesttag/": ABSENT})


_GLOBAL_SERVICES = frozenset(("iam", "organizations", "account", "cloudfront", "globalaccelerator", "importexport"))
_GLOBAL_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
