"""Facts about tags: which key could carry access decisions, how complete it is, what hints at mixed environments."""

from __future__ import annotations

import re
from collections import Counter, defaultdict

from advisor.advice.facts.lists import words
from advisor.advice.facts.registry import Question, fact
from advisor.model.finding import FactValue
from advisor.model.principal import Tags

_CALL = "tag:GetResources"
_PARTS = re.compile(r"[^a-z0-9]+")


def _seen_tags(q: Question) -> tuple[tuple[str, Tags], ...] | None:
    """Tagged resources of tag:GetResources; without that call those of the resources and compute that were read."""
    if q.snapshot.settings.tags_seen is not None:
        return q.snapshot.settings.tags_seen
    return None


def _best_key(tagged: tuple[tuple[str, Tags], ...]) -> str:
    counts = Counter(key for _, tags in tagged for key, _ in tags if not key.startswith("aws:"))
    return max(sorted(counts), key=lambda key: counts[key], default="")


@fact("tags.key", "the tag key that most resources carry", _CALL)
def tags_key(q: Question) -> FactValue:
    tagged = _seen_tags(q)
    if tagged is None:
        return q.unknown()
    key = _best_key(tagged)
    return q.word(key or "none", f"`{key}` is the most frequent key" if key else "no resource carries a tag of yours")


@fact("tags.coverage", "share in % of tagged resources that carry the key", _CALL, ("",))
def tags_coverage(q: Question, key: str) -> FactValue:
    tagged = _seen_tags(q)
    if tagged is None:
        return q.unknown()
    key = key or _best_key(tagged)
    carrying = sum(1 for _, tags in tagged if any(name == key for name, _ in tags))
    share = carrying * 100 // len(tagged) if tagged else 0
    detail = (
        f"{carrying} of {len(tagged)} resources that are or were tagged carry `{key}`; others are not listed by AWS"
    )
    return q.word(share, detail)


@fact("tags.values", "distinct values of the tag key", _CALL, ("",))
def tags_values(q: Question, key: str) -> FactValue:
    tagged = _seen_tags(q)
    if tagged is None:
        return q.unknown()
    key = key or _best_key(tagged)
    counts = Counter(value for _, tags in tagged for name, value in tags if name == key)
    return q.listed((value, q.seen(f"{key}={value}", _resources(count))) for value, count in sorted(counts.items()))


def _resources(count: int) -> str:
    return f"{count} resource{'' if count == 1 else 's'}"


@fact("tags.roles", "roles that carry the tag key that most resources carry", "iam:GetAccountAuthorizationDetails")
def tags_roles(q: Question) -> FactValue:
    key = q.ask("tags.key")
    if key.value is None:
        return q.because(key)
    carrying = [role for role in q.snapshot.roles if key.value in dict(role.tags)]
    return q.listed((role.arn, q.seen(role.arn, f"{key.value}={dict(role.tags)[str(key.value)]}")) for role in carrying)


@fact(
    "ic.session_tags",
    "attributes that Identity Center sends as session tags",
    "sso-admin:DescribeInstanceAccessControlAttributeConfiguration",
)
def ic_session_tags(q: Question) -> FactValue:
    sent = q.snapshot.human_access.session_tags
    return q.unknown() if sent is None else q.listed((key, q.seen(key, "sent with each session")) for key in sent)


@fact("s3.abac_on", "buckets with attribute-based access switched on", "s3:GetBucketAbac")
def s3_abac_on(q: Question) -> FactValue:
    buckets = [item for item in q.snapshot.resources if item.kind == "s3:bucket"]
    gaps = [q.gap("s3:GetBucketAbac", item.arn) for item in buckets if item.abac is None]
    if not buckets and "resource" not in q.snapshot.source.read_layers:
        return q.unknown()
    return q.listed(((item.arn, q.seen(item.arn, "switched on")) for item in buckets if item.abac), gaps)


@fact("tags.cost_key", "tag keys that split cost", _CALL)
def tags_cost_key(q: Question) -> FactValue:
    tagged = _seen_tags(q)
    if tagged is None:
        return q.unknown()
    wanted = {_plain(word) for word in words("cost-tag-keys")}
    counts = Counter(key for _, tags in tagged for key, _ in tags if _plain(key) in wanted)
    return q.listed((key, q.seen(key, f"on {_resources(count)}")) for key, count in sorted(counts.items()))


def _plain(word: str) -> str:
    return _PARTS.sub("", word.lower())


@fact("env.mixed", "several environments in one account", _CALL)
def env_mixed(q: Question) -> FactValue:
    """Tags named for the environment, or name parts such as prod and dev. A hint: the user may know better."""
    stages, keys = words("environment-words"), {_plain(word) for word in words("environment-tag-keys")}
    found: dict[str, str] = {}
    for arn, tags in _everything(q):
        for key, value in tags:
            if _plain(key) in keys:
                found.setdefault(_stage(value, stages) or value.lower(), f"{arn} has {key}={value}")
        stage = _stage(arn.rsplit(":", 1)[-1], stages)
        if stage:
            found.setdefault(stage, f"{arn} has `{stage}` in its name")
    if len(found) > 1:
        return q.answer(True, *(q.seen(stage, detail) for stage, detail in sorted(found.items())))
    if _seen_tags(q) is None:
        return q.unknown()
    return q.word(False, f"one environment: {next(iter(found))}" if found else "no sign of an environment")


def _everything(q: Question) -> list[tuple[str, Tags]]:
    snapshot = q.snapshot
    named: list[tuple[str, Tags]] = [(role.arn, role.tags) for role in snapshot.roles if not role.is_service_linked]
    named += [(item.arn, item.tags) for item in snapshot.resources]
    named += [(item.arn, item.tags) for item in snapshot.compute]
    merged: dict[str, Tags] = defaultdict(tuple)
    for arn, tags in (*named, *(_seen_tags(q) or ())):
        merged[arn] = (*merged[arn], *tags)
    return list(merged.items())


def _stage(name: str, stages: tuple[str, ...]) -> str:
    """The environment that a name speaks of: `prod` of `prod/db` and of `app-production`."""
    parts = set(_PARTS.split(name.lower()))
    for entry in stages:
        short, *long = entry.split("|")
        if parts & {short, *long}:
            return short
    return ""
