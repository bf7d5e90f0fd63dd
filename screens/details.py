"""The short detail of a thing: what the list has no room for."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from textual.content import Content

from screens.inventory import Thing, boundaries, holders, holdings, last_use_of_user, outsiders
from screens.signs import KINDS, kind_of, mark
from screens.widgets.pane import Draw
from screens.wording import account_in_fours, age, ago, clean, count, joined, read_time, short_name

if TYPE_CHECKING:
    from advisor.model.principal import Group, ManagedPolicy, Role, User
    from advisor.model.resource import Resource
    from advisor.model.snapshot import Snapshot

Facts = list[tuple[str, Content]]


def detail_of(snapshot: Snapshot, thing: Thing | None, now: datetime) -> tuple[Content, Content, Draw]:
    """(title, what stands right of it, the text) for the detail panel."""
    if thing is None:
        return Content(""), Content(""), lambda width: Content("")
    sign = KINDS["service"] if thing.kind == "service" else kind_of(thing.kind)
    title = Content.assemble(short_name(thing.key), "  ", mark(sign, word=True))
    facts = facts_of(snapshot, thing.kind, thing.key, now)
    return title, Content(""), lambda width: told(facts, width)


def told(facts: Facts, width: int) -> Content:
    """Label and text, wrapped in a column of its own: names and ARNs stand whole here."""
    room = max((len(label) for label, _ in facts), default=0)
    lines: list[Content] = []
    for label, text in facts:
        for at, part in enumerate(text.wrap(max(width - room - 6, 10)) or [Content("")]):
            lines.append(
                Content.assemble("   ", ("" if at else label).ljust(room), "  ", part).stylize("$quiet", 3, 3 + room)
            )
    return Content("\n").join(lines)


def facts_of(snapshot: Snapshot, kind: str, key: str, now: datetime) -> Facts:
    """What is known of a thing, the most telling first."""
    if kind == "user" and key in snapshot.user_by_arn:
        return _user(snapshot, snapshot.user_by_arn[key], now)
    if kind == "role" and key in snapshot.role_by_arn:
        return _role(snapshot, snapshot.role_by_arn[key], now)
    if kind == "group":
        return _group(snapshot, next(group for group in snapshot.groups if group.arn == key))
    if kind == "policy" and key in snapshot.policy_by_arn:
        return _policy(snapshot, snapshot.policy_by_arn[key], now)
    if kind == "resource" and key in snapshot.resource_by_arn:
        return _resource(snapshot, snapshot.resource_by_arn[key])
    return _outsider(snapshot, key)


def _user(snapshot: Snapshot, user: User, now: datetime) -> Facts:
    used = last_use_of_user(user)
    facts: Facts = [
        ("enters", _ways_in(user, now)),
        ("has", holdings(snapshot, user)),
        ("used", Content(ago(used, now) if used else "no use is known")),
    ]
    return [*facts, *_common(user.arn, user.created, user.boundary, user.tags, now)]


def _ways_in(user: User, now: datetime) -> Content:
    sign_in = user.sign_in
    if sign_in.console is None and sign_in.keys is None:
        return Content.styled("? how it signs in was not read", "$is-unknown")
    parts: list[str] = []
    if sign_in.console:
        mfa = {True: "with MFA", False: "without MFA", None: "MFA not read"}[sign_in.mfa]
        parts.append(f"console {mfa}")
    active = [key for key in sign_in.keys or () if key.active]
    if active:
        told = [key for key in active if key.is_use_known]
        unused = [days for key in told if (days := _days(key.last_used or key.created, now)) > 90]
        told_unused = f", one unused for {max(unused):,} d" if unused else ""
        parts.append(count(len(active), "access key") + told_unused)
    return Content(" · ".join(parts) or "no password, no active access key")


def _days(moment: str | None, now: datetime) -> int:
    read = read_time(moment)
    return (now - read).days if read else 0


def _role(snapshot: Snapshot, role: Role, now: datetime) -> Facts:
    trusted = _trusted(role)
    facts: Facts = [
        ("trusts", Content(joined(trusted, 4) or "nobody")),
        ("has", holdings(snapshot, role)),
        ("used", Content(f"{ago(role.last_used, now)}" if role.last_used else "no use is known")),
    ]
    if role.description:
        facts.append(("about", Content(clean(role.description))))
    return [*facts, *_common(role.arn, role.created, role.boundary, role.tags, now)]


def _trusted(role: Role) -> list[str]:
    found: list[str] = []
    for statement in role.trust.statements:
        named = statement.principals
        if named is None or not statement.allows:
            continue
        names = [*named.aws, *named.service, *named.federated]
        found += [f"everyone but {clean(name)}" if named.negated else _who(name) for name in names]
        if named.everyone and not names:
            found.append("everyone")
    return list(dict.fromkeys(found))


def _who(name: str) -> str:
    if name == "*":
        return "everyone"
    if name.startswith("arn:") and name.endswith(":root"):
        return "account " + account_in_fours(name.split(":")[4])
    return account_in_fours(name) if name.isdecimal() else short_name(name)


def _group(snapshot: Snapshot, group: Group) -> Facts:
    members = [user.name for user in snapshot.users if group.name in user.groups]
    return [
        ("members", Content(f"{len(members):,}: {joined(members, 6)}" if members else "nobody")),
        ("has", holdings(snapshot, group)),
        ("ARN", Content(clean(group.arn))),
    ]


def _policy(snapshot: Snapshot, policy: ManagedPolicy, now: datetime) -> Facts:
    held = holders(snapshot).get(policy.arn, ())
    document = policy.document
    statements = count(len(document.statements), "statement") if document else "? its text was not read"
    version = next((version.id for version in policy.versions if version.is_default), "")
    facts: Facts = [
        ("held by", Content(f"{len(held):,}: {joined([short_name(arn) for arn in held], 6)}" if held else "nobody")),
        ("says", Content(f"{statements}{f', version {version}' if version else ''}")),
    ]
    if bounds := boundaries(snapshot).get(policy.arn):
        facts.append(("limits", Content(f"{count(bounds, 'principal')} as permissions boundary")))
    if policy.updated:
        facts.append(("changed", Content(ago(policy.updated, now))))
    return [*facts, ("ARN", Content(clean(policy.arn)))]


def _resource(snapshot: Snapshot, resource: Resource) -> Facts:
    gaps = snapshot.gaps_by_resource.get(resource.arn)
    if gaps:
        says = Content.styled(f"? not read: {clean(gaps[0].call)} {gaps[0].kind}", "$is-unknown")
    else:
        says = Content(
            count(len(resource.policy.statements), "statement") if resource.policy else "no policy of its own"
        )
    facts: Facts = [
        ("is", Content(f"{clean(resource.kind)} of account {account_in_fours(resource.account)}")),
        ("policy", says),
    ]
    if resource.grants:
        facts.append(("grants", Content(f"{count(len(resource.grants), 'grant')} that are no policies")))
    if resource.tags:
        facts.append(("tags", _tags(resource.tags)))
    return [*facts, ("ARN", Content(clean(resource.arn)))]


def _outsider(snapshot: Snapshot, name: str) -> Facts:
    found = next((one for one in outsiders(snapshot) if one.name == name), None)
    through = found.through if found else ()
    return [("named by", Content(joined([short_name(arn) for arn in through], 6))), ("is", Content(clean(name)))]


def _common(
    arn: str, created: str | None, boundary: str | None, tags: tuple[tuple[str, str], ...], now: datetime
) -> Facts:
    facts: Facts = []
    if boundary:
        facts.append(("limited by", Content(f"boundary {short_name(boundary)}")))
    if tags:
        facts.append(("tags", _tags(tags)))
    if created:
        facts.append(("made", Content(f"{age(created, now)} ago" if age(created, now) != "today" else "today")))
    return [*facts, ("ARN", Content(clean(arn)))]


def _tags(tags: tuple[tuple[str, str], ...]) -> Content:
    return Content(", ".join(f"{clean(key)}={clean(value)}" for key, value in tags[:6]))
