"""A preview in lines: each block has its name at the left, what is worked out first stands first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual.content import Content

from screens.change_words import call_told, diff_line
from screens.reasons import conditions_told, who
from screens.widgets.pane import hanging
from screens.wording import account_in_fours, clean, short_name

if TYPE_CHECKING:
    from advisor.change.preview import Preview
    from advisor.model.change import Change
    from advisor.model.difference import AccessChange
    from screens.session import Session

_SIGNS = {"yes": ("✓", "$holds"), "no": ("×", "$fails bold"), "unknown": ("?", "$is-unknown bold")}
_PRACTICE = {"holds": ("✓", "$holds"), "fails": ("×", "$fails"), "unknown": ("?", "$is-unknown")}


def preview_drawn(
    session: Session, changes: tuple[Change, ...], found: Preview | None, failed: str, width: int
) -> Content:
    """The whole preview; `…` stands where something is still being worked out."""
    blocks = [_by_hand(changes, width)]
    if failed:
        blocks.append([hanging("Not so", failed, width, "$risk-high")])
    if found is None:
        blocks.append([] if failed else [hanging("", "… being worked out", width)])
    else:
        blocks += [_diff(found, width), _calls(found), _access(found, width), _paths(found), _practices(found)]
        blocks += [_guards(found, width), _undo(found, width)]
    blocks.append([_state(session)])
    lines = [line for block in blocks if block for line in (*block, Content(""))]
    return Content("\n").join(line if "\n" in line.plain else line.truncate(width, ellipsis=True) for line in lines)


def _labelled(label: str, lines: Iterable[Content]) -> list[Content]:
    return [Content.assemble((f" {label if at == 0 else '':<10}", "$quiet"), line) for at, line in enumerate(lines)]


def _by_hand(changes: tuple[Change, ...], width: int) -> list[Content]:
    lines = []
    for change in changes:
        lines += [
            hanging("By hand" if at == 1 else "", f"{at}. {step}", width) for at, step in enumerate(change.by_hand, 1)
        ]
        lines += [
            hanging("Needs", f"? {name}: {what}   f Give it", width, "$is-unknown") for name, what in change.needs
        ]
    return lines


def _diff(found: Preview, width: int) -> list[Content]:
    from advisor.change.diff_text import lines_of

    lines = [diff_line(line.mark, line.text, 0, width - 11) for line in lines_of(found.things)]
    return _labelled("DIFF", lines)


def _calls(found: Preview) -> list[Content]:
    lines = [
        Content.assemble(
            f"{call.number} ",
            (clean(call.name), "bold"),
            f" {short_name(call.subject)}",
            (f"  {call.region}" if call.region else "", "$quiet"),
        )
        for call in found.calls
    ]
    for quota in found.quotas:
        told = f"{clean(quota.name)} {short_name(quota.subject)}: {quota.used:,} of {quota.limit:,}"
        lines.append(Content.styled(told, "$quiet") if quota.fits else Content.styled(f"× {told}", "$fails"))
    lines += [
        Content.styled(f"? what {clean(name)} does is not modelled", "$is-unknown") for name in found.not_modelled
    ]
    return _labelled("CALLS", lines)


def _access(found: Preview, width: int) -> list[Content]:
    access = found.access
    if access is None:
        return _labelled("ACCESS", [Content("… being compared")])
    lines = [
        Content.assemble(("gained ", "bold"), f"{_actions(access.gained):,}"),
        *_changed("+", access.gained, width),
    ]
    lines += [Content.assemble(("lost   ", "bold"), f"{_actions(access.lost):,}"), *_changed("-", access.lost, width)]
    if access.verdict == "unknown" and access.reason:
        lines.append(Content.styled(f"? {clean(access.reason)}", "$is-unknown"))
    return _labelled("ACCESS", lines)


def _actions(changes: tuple[AccessChange, ...]) -> int:
    return sum(len(change.actions) for change in changes)


def _changed(sign: str, changes: tuple[AccessChange, ...], width: int) -> list[Content]:
    lines = []
    for change in changes[:12]:
        more = f" +{len(change.actions) - 3}" if len(change.actions) > 3 else ""
        condition = f" if {conditions_told(change.conditions)}" if change.conditions else ""
        told = f"{who(change.principal)}: {', '.join(change.actions[:3])}{more} on {change.resource}{condition}"
        lines.append(diff_line(sign, told, 0, width - 11))
    rest = len(changes) - len(lines)
    return [*lines, Content.styled(f"and {rest:,} more", "$quiet")] if rest > 0 else lines


def _paths(found: Preview) -> list[Content]:
    if found.paths is None:
        return []
    turned = found.paths
    told = Content.assemble(
        "closed ",
        (f"{len(turned.closed)}", "bold"),
        " · opened ",
        (f"{len(turned.opened)}", "bold"),
        f" · left {turned.left}",
    )
    return _labelled("PATHS", [told])


def _practices(found: Preview) -> list[Content]:
    lines = [
        Content.assemble(_PRACTICE[one.after], f" {clean(one.title)}", (f"  (before: {one.before})", "$quiet"))
        for one in found.practices
    ]
    return _labelled("PRACTICES", lines) if lines else []


def _guards(found: Preview, width: int) -> list[Content]:
    lines = [Content.assemble(_SIGNS[guard.sign], f" {clean(guard.text)}") for guard in found.guards]
    lines += [Content.styled(f"× {clean(problem)}", "$fails") for problem in found.problems]
    return _labelled("GUARDS", lines) if lines else []


def _undo(found: Preview, width: int) -> list[Content]:
    lines = [Content(f"{at} {call_told(operation)}") for at, operation in enumerate(found.undo, 1)]
    if found.note:
        lines.append(Content(clean(found.note)))
    return _labelled("UNDO", lines) if lines else []


def _state(session: Session) -> Content:
    snapshot = session.snapshot
    account = account_in_fours(snapshot.account) if snapshot else ""
    if session.is_armed:
        return Content.styled(f" ARMED {account}: A applies this, nothing is called before.", "reverse bold")
    if snapshot is not None and snapshot.source.kind not in ("live", "demo"):
        return Content.styled(
            " READ-ONLY: this account is a file. Export the change (e) to apply it elsewhere.", "bold"
        )
    return Content.styled(f" READ-ONLY: nothing is called before you arm {account}.", "bold")
