"""One thing of the account: what is known of it, and the things next to it, each a step further."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container, Vertical
from textual.content import Content

from screens.details import facts_of, told
from screens.documents import text_of
from screens.finding_words import finding_line
from screens.inventory import holders, outsiders
from screens.judged import JudgedScreen, findings_about
from screens.path_words import risk
from screens.signs import KINDS, SEVERITIES, kind_of, mark
from screens.widgets.choices import Legend
from screens.widgets.pane import Detail, Drawn
from screens.widgets.rows import Line, RowList, heading
from screens.wording import clean, count, short_name

if TYPE_CHECKING:
    from advisor.model.document import Document
    from advisor.model.principal import Group, Role, User
    from advisor.model.snapshot import Snapshot
    from screens.session import Session


@dataclass(frozen=True)
class Step:
    """Where a row leads: another thing, or a policy to read (then `document` is its text)."""

    kind: str
    key: str
    document: Document | None = None
    title: str = ""


class NodeScreen(JudgedScreen):
    """A principal, group, policy, resource or outsider with what is next to it."""

    mode = "explore"
    purpose = "One thing: what is known of it, what it holds and who holds it. Enter walks on, Esc goes back."
    command = "advisor graph --around NODE"
    BINDINGS = [
        Binding("w", "what_can", "What it can", id="node.what_can", tooltip="Of a resource: who can read it"),
        Binding("n", "draw", "Draw", id="node.draw", tooltip="What stands around it"),
    ]

    def __init__(self, session: Session, kind: str, key: str, trail: tuple[str, ...] = ("Explore",)) -> None:
        super().__init__(session, (*trail[:1], short_name(key)))
        self.kind = kind
        self.key = key

    def word_of(self, action: str) -> str:
        return "Who can read it" if action == "what_can" and self.kind == "resource" else ""

    def why_not(self, action: str) -> str:
        if action == "what_can" and self.kind not in ("user", "role", "resource"):
            return "Only users and roles can do things: choose one of those that hang on this."
        return super().why_not(action)

    @property
    def subject(self) -> str:
        return self.key

    def body(self) -> ComposeResult:
        with Container(classes="split"):
            with Vertical(classes="left"):
                yield Drawn(id="facts")
                yield RowList(id="steps", empty="Nothing is next to it.")
                yield Legend((*KINDS.values(), *SEVERITIES.values()))
            yield Detail()

    def show_account(self) -> None:
        snapshot = self.session.snapshot
        if snapshot is None:
            return
        sign = KINDS["service"] if self.kind == "service" else kind_of(self.kind)
        self.set_title(Content.assemble(short_name(self.key), "  ", mark(sign, word=True)))
        facts = facts_of(snapshot, self.kind, self.key, self.session.now)
        self.query_one("#facts", Drawn).show(lambda width: told(facts, width))
        rows = [*steps_of(snapshot, self.kind, self.key), *self._judged()]
        self.query_one("#steps", RowList).show_rows(rows)

    def session_changed(self, what: str) -> None:
        if what in ("account", "findings", "paths"):
            self.show_account()

    def _judged(self) -> Iterator[Line]:
        """What is known against it: that it can become administrator, and findings that are about it."""
        if self.key in self.session.administrators:
            yield heading("▲ ADMINISTRATOR")
        path = self.session.nearest_path(self.key)
        if path is not None:
            told_path = Content.assemble(risk(path), " ", clean(path.hops[0].title))
            yield heading("CAN BECOME ADMINISTRATOR")
            yield Line("path", told_path, right=Content("4 Paths"), value=Step("mode", "paths"))
        about = findings_about(self.session, self.key)
        if about:
            yield heading("FINDINGS", count(len(about), "finding"))
            for finding in about[:20]:
                yield Line(finding.id, finding_line(finding).content, value=Step("finding", finding.id))

    def on_row_list_moved(self, message: RowList.Moved) -> None:
        """From 100 columns the selected one stands beside: a policy's text, or what is known of the next thing."""
        step, snapshot = getattr(message.row, "value", None), self.session.snapshot
        if not isinstance(step, Step) or snapshot is None or not self.is_wide:
            return
        detail, document = self.query_one(Detail), step.document
        if document is not None:
            title = Content.assemble(mark(KINDS["policy"]), " ", clean(step.title))
            detail.show(
                title, Content(count(len(document.statements), "statement")), lambda width: text_of(document, width)
            )
        elif step.kind not in ("mode", "finding"):
            facts = facts_of(snapshot, step.kind, step.key, self.session.now)
            title = Content.assemble(mark(kind_of(step.kind)), " ", short_name(step.key))
            detail.show(title, Content(""), lambda width: told(facts, width))

    def on_row_list_opened(self, message: RowList.Opened) -> None:
        step = message.row.value  # type: ignore[attr-defined]
        if step.kind in ("mode", "finding"):
            self.session.wanted_finding = step.key if step.kind == "finding" else ""
            mode = "findings" if step.kind == "finding" else step.key
            self.app.call_later(self.app.run_action, f"go('{mode}')")
        elif step.document is not None:
            from screens.policy import PolicyScreen

            self.app.push_screen(PolicyScreen(self.session, step.title, step.document, (*self.crumbs,)))
        else:
            self.app.push_screen(NodeScreen(self.session, step.kind, step.key, self.crumbs))

    def action_what_can(self) -> None:
        """What a principal can do; of a resource, who can read it."""
        from screens.ask import AskScreen

        if self.kind == "resource":
            self.app.push_screen(AskScreen(self.session, tab="who", text=f"read {self.key}"))
        else:
            self.app.push_screen(AskScreen(self.session, tab="what", text=self.key))

    def action_draw(self) -> None:
        from screens.drawing import draw_around

        draw_around(self, self.key)

    def command_here(self) -> str:
        return f"advisor graph --around {self.key}"

    def copies(self) -> list[tuple[str, str]]:
        row = self.query_one("#steps", RowList).row
        step = getattr(row, "value", None)
        if not isinstance(step, Step) or step.kind in ("mode", "finding"):
            return []
        return [("the policy", step.document.text)] if step.document else [("the selected", step.key)]

    def copied(self) -> str:
        return self.key


def steps_of(snapshot: Snapshot, kind: str, key: str) -> list[Line]:
    """The rows of a thing's neighbourhood."""
    makers = {"user": _of_user, "role": _of_role, "group": _of_group, "policy": _of_policy, "resource": _of_resource}
    return list(makers.get(kind, _of_outsider)(snapshot, key))


def _of_user(snapshot: Snapshot, key: str) -> Iterator[Line]:
    user = snapshot.user_by_arn[key]
    yield from _held(snapshot, user)
    for name in user.groups:
        group = snapshot.group_by_name.get(name)
        if group:
            yield _thing(
                "group", group.arn, right=f"member · {count(len(group.inline) + len(group.attached), 'policy')}"
            )
    yield from _boundary(snapshot, user.boundary)


def _of_role(snapshot: Snapshot, key: str) -> Iterator[Line]:
    role = snapshot.role_by_arn[key]
    yield heading("WHO MAY BECOME IT")
    yield _policy_text("trust", "trust policy", role.trust, f"{short_name(key)} trust policy")
    yield heading("WHAT IT HAS")
    yield from _held(snapshot, role)
    yield from _boundary(snapshot, role.boundary)
    carriers = [compute for compute in snapshot.compute if compute.role == key]
    if carriers:
        yield heading("WHAT RUNS AS IT")
        for compute in carriers:
            content = Content.assemble(mark(KINDS["resource"]), " ", clean(compute.name or short_name(compute.arn)))
            yield Line(compute.arn, content, selectable=False, right=Content(clean(compute.kind)))


def _of_group(snapshot: Snapshot, key: str) -> Iterator[Line]:
    group = next(group for group in snapshot.groups if group.arn == key)
    yield heading("WHAT IT HAS")
    yield from _held(snapshot, group)
    yield heading("MEMBERS")
    for user in snapshot.users:
        if group.name in user.groups:
            yield _thing("user", user.arn)


def _of_policy(snapshot: Snapshot, key: str) -> Iterator[Line]:
    policy = snapshot.policy_by_arn[key]
    yield heading("ITS TEXT")
    for version in sorted(policy.versions, key=lambda version: not version.is_default):
        word = "in force" if version.is_default else "not in force"
        yield _policy_text(version.id, f"version {version.id}", version.document, f"{policy.name} {version.id}", word)
    held = holders(snapshot).get(key, ())
    yield heading("WHO HAS IT")
    for arn in held:
        yield _thing(_kind_by_arn(arn), arn)
    everyone: tuple[User | Role, ...] = (*snapshot.users, *snapshot.roles)
    for principal in everyone:
        if principal.boundary == key:
            yield _thing(_kind_by_arn(principal.arn), principal.arn, right="limited by it")


def _of_resource(snapshot: Snapshot, key: str) -> Iterator[Line]:
    resource = snapshot.resource_by_arn[key]
    if resource.policy:
        yield _policy_text("policy", "its own policy", resource.policy, f"policy of {short_name(key)}")
    for number, grant in enumerate(resource.grants):
        allowed = ", ".join(grant.operations)
        content = Content.assemble(mark(KINDS["outside-role"]), f" {clean(grant.grantee)}: {clean(allowed)}")
        yield Line(f"grant {number}", content, selectable=False, right=Content(clean(grant.kind)))


def _of_outsider(snapshot: Snapshot, key: str) -> Iterator[Line]:
    found = next((one for one in outsiders(snapshot) if one.name == key), None)
    yield heading("COMES IN THROUGH")
    for arn in found.through if found else ():
        yield _thing("role" if arn in snapshot.role_by_arn else "resource", arn)


def _held(snapshot: Snapshot, holder: User | Role | Group) -> Iterator[Line]:
    for inline in holder.inline:
        yield _policy_text(
            f"inline {inline.name}", inline.name, inline.document, f"{holder.name}: {inline.name}", "inline"
        )
    for arn in holder.attached:
        policy = snapshot.policy_by_arn.get(arn)
        whose = "AWS managed" if arn.split(":")[4:5] == ["aws"] else "managed"
        if policy is None:
            content = Content.assemble(
                mark(KINDS["policy"]), " ", short_name(arn), (" ? its text was not read", "$is-unknown")
            )
            yield Line(arn, content, selectable=False, right=Content.styled(whose, "$quiet"))
        else:
            yield _thing("policy", arn, right=whose)


def _boundary(snapshot: Snapshot, boundary: str | None) -> Iterator[Line]:
    if not boundary:
        return
    yield heading("WHAT LIMITS IT")
    if boundary in snapshot.policy_by_arn:
        yield _thing("policy", boundary, right="permissions boundary")
    else:
        content = Content.assemble(mark(KINDS["policy"]), " ", short_name(boundary), (" ? not read", "$is-unknown"))
        yield Line(boundary, content, selectable=False, right=Content("permissions boundary"))


def _thing(kind: str, key: str, *, right: str = "") -> Line:
    content = Content.assemble(mark(kind_of(kind)), " ", short_name(key))
    return Line(f"{kind} {key}", content, right=Content.styled(right, "$quiet"), value=Step(kind, key))


def _policy_text(key: str, name: str, document: Document, title: str, word: str = "") -> Line:
    content = Content.assemble(
        mark(KINDS["policy"]), " ", clean(name), (f"  {count(len(document.statements), 'statement')}", "$quiet")
    )
    return Line(key, content, right=Content.styled(word, "$quiet"), value=Step("document", key, document, title))


def _kind_by_arn(arn: str) -> str:
    resource = arn.split(":", 5)[-1]
    return {"user": "user", "role": "role", "group": "group"}.get(resource.split("/")[0], "policy")
