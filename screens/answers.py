"""Rows of the Ask lists: who can, and what one can."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content

from advisor.model.arn import account_of
from screens.reasons import conditions_short, conditions_told, gap_told, granting, names, through, told, who
from screens.signs import ADMINISTRATOR, BECOMES, DECISIONS, KINDS, kind_of, mark
from screens.widgets.columns import Cell, Column, line
from screens.wording import account_in_fours, clean

if TYPE_CHECKING:
    from advisor.model.verdict import Answer, Answers, Permission

ROOM_FOR_REMARKS = 50
WHO = (
    Column("", 3),
    Column("who", share=2, at_most=26),
    Column("", 3),
    Column("because of", share=3, at_most=44),
    Column("", share=2, least=ROOM_FOR_REMARKS),
)
WHO_LEGEND = (
    *(DECISIONS[one] for one in ("allowed", "conditional", "unknown")),
    ADMINISTRATOR,
    BECOMES,
    *(KINDS[one] for one in ("user", "role", "outside-user", "service")),
)
WHAT = (
    Column("", 1),
    Column("action", share=2, at_most=44),
    Column("on", share=2),
    Column("because of", share=2, least=60),
)


@dataclass(frozen=True)
class AnswerRow:
    """One principal of a who-can answer."""

    answer: Answer
    risk: Content
    """`▲`, `↑2`: an administrator, or in how many hops it can become one."""
    account: str = ""
    """The account that is open: who is of another one has a hollow sign."""
    selectable: bool = True

    @property
    def key(self) -> str:
        return self.answer.principal

    @property
    def text(self) -> str:
        return f"{clean(self.answer.principal)} {self.answer.kind} {self.answer.decision}"

    def draw(self, width: int) -> Content:
        kind, owner = self.answer.kind, account_of(self.answer.principal)
        is_outside = bool(owner) and owner != self.account and kind in ("user", "role")
        sign = KINDS["service"] if kind == "service" else kind_of(f"outside-{kind}" if is_outside else kind)
        name: Cell = clean(who(self.answer.principal))
        signs = Content.assemble(mark(DECISIONS[self.answer.decision]), " ", mark(sign))
        because, remark = _because(self.answer), _remark(self.answer)
        if width < ROOM_FOR_REMARKS and self.answer.decision != "allowed":
            because = remark  # what it hangs on tells more than what would let it through
        return line(WHO, (signs, name, self.risk, because, remark), width)


def _because(answer: Answer) -> Content:
    if answer.via:
        return Content(f"by becoming {names(answer.via)}")
    reason = granting(answer.because)
    return told(reason) if reason else Content("")


def _remark(answer: Answer) -> Content:
    if answer.decision == "unknown":
        gap = gap_told(answer.gaps[0]) if answer.gaps else "something was not read"
        return Content.styled(gap, "$is-unknown")
    if answer.conditions:
        return Content(f"if {conditions_short(answer.conditions)}")
    reason = granting(answer.because)
    return through(reason) if reason else Content("")


def summary(answers: Answers) -> Content:
    """`5 can · 1 if · 2 unknown · 20 of 27 cannot (1 denied, 19 not granted)`."""
    counts = {"allowed": 0, "conditional": 0, "unknown": 0}
    for answer in answers.answers:
        counts[answer.decision] = counts.get(answer.decision, 0) + 1
    total = len(answers.answers) + answers.denied
    parts = [Content.styled(f"{counts['allowed']:,} can", "bold")]
    if counts["conditional"]:
        parts.append(Content.styled(f"{counts['conditional']:,} if", "bold"))
    if counts["unknown"]:
        parts.append(Content.styled(f"{counts['unknown']:,} unknown", "$is-unknown bold"))
    silent = answers.denied - answers.denied_explicitly
    detail = f" ({answers.denied_explicitly:,} denied, {silent:,} not granted)" if answers.denied_explicitly else ""
    parts.append(Content(f"{answers.denied:,} of {total:,} cannot{detail}"))
    return Content(" · ").join(parts)


def rests_on(answers: Answers, account: str) -> Content:
    """What stands beside the list: the root user, and layers that were never read, with whose they are."""
    sign = DECISIONS[answers.root]
    parts = [Content.assemble("root user ", (f"{sign.char} {sign.word}", sign.style))]
    owners: dict[str, list[str]] = {}
    for answer in answers.answers:
        owner = account_of(answer.principal) or (answer.principal if answer.principal.isdecimal() else "")
        for layer in answer.assuming:
            owners.setdefault("" if owner == account else owner, []).append(layer.upper())
    for owner, layers in owners.items():
        whose = f" of {account_in_fours(owner)}" if owner else ""
        layers_told = " or ".join(dict.fromkeys(layers))
        parts.append(Content.styled(f"assuming that no {layers_told}{whose} limits", "$is-unknown"))
    return Content(" · ").join(parts)


def who_rows(
    answers: Answers, risk: Callable[[str], Content] = lambda arn: Content(""), account: str = ""
) -> list[AnswerRow]:
    """Answers in order: who can, who can under conditions, who may; by name within."""
    order = {"allowed": 0, "conditional": 1, "unknown": 2}
    ordered = sorted(answers.answers, key=lambda answer: (order.get(answer.decision, 3), who(answer.principal).lower()))
    return [AnswerRow(answer, risk(answer.principal), account) for answer in ordered]


@dataclass(frozen=True)
class PermissionRow:
    """One action of a what-can answer."""

    permission: Permission
    selectable: bool = True

    @property
    def key(self) -> str:
        return f"{self.permission.action} {self.permission.decision} {self.permission.resources[:1]}"

    @property
    def text(self) -> str:
        return f"{self.permission.action} {' '.join(self.permission.resources[:4])} {self.permission.decision}"

    def draw(self, width: int) -> Content:
        permission = self.permission
        on = ", ".join(clean(resource) for resource in permission.resources[:2]) or "*"
        rest = f" +{len(permission.resources) - 2}" if len(permission.resources) > 2 else ""
        reason = granting(permission.because)
        because = told(reason) if reason else Content("")
        if permission.conditions:
            because = Content.assemble(because, f"  if {conditions_told(permission.conditions)}")
        name = clean(permission.action.partition(":")[2])  # the heading above names the service
        cells: tuple[Cell, ...] = (mark(DECISIONS[permission.decision]), name, on + rest, because)
        return line(WHAT, cells, width)
