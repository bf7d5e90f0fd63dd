"""A preview in lines, block by block: what is worked out first stands first, and all fits a screen where it can."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual.content import Content

from advisor.model.difference import parted
from screens.change_words import call_told, diff_line
from screens.diff_words import diff_drawn, told_once
from screens.path_words import left_alone_told
from screens.plan_effect import actions_in
from screens.reasons import conditions_told, who
from screens.widgets.pane import hanging
from screens.wording import account_in_fours, clean, count, short_name

if TYPE_CHECKING:
    from advisor.change.preview import Preview
    from advisor.model.change import Change
    from advisor.model.difference import AccessChange
    from screens.session import Session

TABS = ("All", "Diff", "Calls", "Access", "Paths", "Practices", "Undo")
NEARLY_FULL = 0.8
"""From this share of its limit on a quota is worth a line among everything else."""
_SIGNS = {"yes": ("✓", "$holds"), "no": ("×", "$fails bold"), "unknown": ("?", "$is-unknown bold")}
_PRACTICE = {"holds": ("✓", "$holds"), "fails": ("×", "$fails"), "unknown": ("?", "$is-unknown")}


def preview_drawn(
    session: Session,
    changes: tuple[Change, ...],
    found: Preview | None,
    failed: str,
    width: int,
    *,
    tab: str = "All",
    room: int = 200,
) -> Content:
    """One tab of the preview; `…` stands where something is still being worked out.

    `room` is how many lines fit: among everything, long blocks leave what does not fit to their own tab.
    """
    inner = width - 12
    fixed = [_by_hand(changes, width), _needed(session, changes, width)]
    if failed:
        fixed.append([hanging("Not so", failed, width, "$risk-high")])
    blocks: dict[str, list[Content]] = {}
    if found is not None:
        blocks = {
            "Diff": diff_drawn(told_once(found.things), inner), "Calls": _calls(found, all_quotas=tab == "Calls"),
            "Access": _access(found, inner, 12 if tab == "All" else 500),
            "Paths": _paths(found, inner, named=tab == "Paths"), "Practices": _practices(found),
            "Guards": _guards(found, inner), "Undo": _undo(found),
        }  # fmt: skip
    elif not failed and any(change.operations and not change.needs for change in changes):
        fixed.append([hanging("", "… being worked out", width)])
    if tab == "All":
        drawn = _all(blocks, sum(map(len, fixed)), room)
    else:
        drawn = [_labelled(tab.upper(), blocks.get(tab) or [Content.styled("nothing of this kind", "$quiet")])]
    state = [_state(session, changes)]
    lines = [line for block in (*fixed, *drawn, state) for line in block]
    return Content("\n").join(line if "\n" in line.plain else line.truncate(width, ellipsis=True) for line in lines)


def _all(blocks: dict[str, list[Content]], used: int, room: int) -> list[list[Content]]:
    """Every block; the long ones are cut so that the guards and the way back are seen without paging."""
    left = room - used - 1 - sum(len(lines) for name, lines in blocks.items() if name in ("Paths", "Guards"))
    shares = {"Undo": 2, "Practices": 2, "Calls": 3, "Access": 4, "Diff": 5}
    kept = {name: min(len(blocks.get(name, [])), least) for name, least in shares.items()}
    spare = left - sum(kept.values())
    for name in ("Access", "Diff", "Calls", "Practices", "Undo"):
        more = max(min(len(blocks.get(name, [])) - kept[name], spare), 0)
        kept[name] += more
        spare -= more
    return [_labelled(name.upper(), _first(lines, kept.get(name, len(lines)), name)) for name, lines in blocks.items()]


def _first(lines: list[Content], at_most: int, name: str) -> list[Content]:
    if len(lines) <= at_most:
        return lines
    rest = len(lines) - at_most + 1
    return [*lines[: max(at_most - 1, 0)], Content.styled(f"and {rest:,} more lines: ] {name}", "$quiet")]


def _labelled(label: str, lines: Iterable[Content]) -> list[Content]:
    return [Content.assemble((f" {label if at == 0 else '':<10}", "$quiet"), line) for at, line in enumerate(lines)]


def _by_hand(changes: tuple[Change, ...], width: int) -> list[Content]:
    lines: list[Content] = []
    for change in changes:
        if change.by_hand:
            lines.append(hanging("By hand", change.title, width, "bold"))
        lines += [hanging("", f"{at}. {step}", width) for at, step in enumerate(change.by_hand, 1)]
    return lines


def _needed(session: Session, changes: tuple[Change, ...], width: int) -> list[Content]:
    """The changes that lack a value, each with the lines in which it is missing: its effect cannot be told yet."""
    lines: list[Content] = []
    for number, change in enumerate(changes, 1):
        if not change.needs:
            continue
        lines.append(hanging(f"Change {number}", change.title, width, "bold"))
        lines += [hanging("", f"? needs {name}: {what}", width, "$is-unknown") for name, what in change.needs]
        lines += [diff_line(sign, text, 13, width - 2) for sign, text in session.diff_of(change)[:8]]
    told = "f gives the values. Before that neither access nor paths can be told, and nothing is applied."
    return [hanging("Needs", told, width, "bold"), *lines] if lines else []


def _calls(found: Preview, *, all_quotas: bool) -> list[Content]:
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
        if not all_quotas and quota.used < NEARLY_FULL * quota.limit:
            continue
        told = f"{clean(quota.name)} {short_name(quota.subject)}: {quota.used:,} of {quota.limit:,}"
        lines.append(Content.styled(told, "$quiet") if quota.fits else Content.styled(f"× {told}", "$fails"))
    return lines + [
        Content.styled(f"? what {clean(name)} does is not modelled", "$is-unknown") for name in found.not_modelled
    ]


def _access(found: Preview, width: int, at_most: int) -> list[Content]:
    access = found.access
    if access is None:
        return [Content("… being compared")]
    gained, lost, unknown = parted(access.gained, access.lost)
    lines = [
        Content.assemble(("gained ", "bold"), f"{actions_in(gained):,}"),
        *_changed("+", gained, width, at_most),
        Content.assemble(("lost   ", "bold"), f"{actions_in(lost):,}"),
        *_changed("-", lost, width, at_most),
    ]
    if unknown:
        lines.append(Content.styled("unknown from then on", "$is-unknown bold"))
        lines += _changed("?", unknown, width, at_most)
    if access.verdict == "unknown" and access.reason:
        lines.append(Content.styled(f"? {clean(access.reason)}", "$is-unknown"))
    return lines


def _changed(sign: str, changes: tuple[AccessChange, ...], width: int, at_most: int) -> list[Content]:
    lines = []
    for change in changes[:at_most]:
        more = f" +{len(change.actions) - 3}" if len(change.actions) > 3 else ""
        condition = f" if {conditions_told(change.conditions)}" if change.conditions else ""
        told = f"{who(change.principal)}: {', '.join(change.actions[:3])}{more} on {change.resource}{condition}"
        lines.append(diff_line(sign, told, 0, width))
    rest = len(changes) - len(lines)
    return [*lines, Content.styled(f"and {rest:,} more", "$quiet")] if rest > 0 else lines


def _paths(found: Preview, width: int, *, named: bool) -> list[Content]:
    if found.paths is None:
        return []
    turned = found.paths
    told = Content.assemble(
        "closed ",
        (f"{len(turned.closed)}", "bold"),
        " · opened ",
        (f"{len(turned.opened)}", "bold"),
        f" · left {turned.left}{left_alone_told(turned.left_alone)}",
        f", {len(turned.instead)} of an administrator before" if turned.instead else "",
        (f" · unknown from then on {len(turned.unknown)}" if turned.unknown else "", "$is-unknown"),
    )
    if not named:
        return [told]
    ways = (("+", turned.opened), ("?", turned.unknown), ("-", turned.closed))
    return [told, *(diff_line(sign, _way(way), 0, width) for sign, some in ways for way in some)]


def _way(words: str) -> str:
    """A way with names in the place of ARNs, which would leave no room for what is done."""
    return " ".join(short_name(word.rstrip(",")) + "," * word.endswith(",") for word in words.split(" "))


def _practices(found: Preview) -> list[Content]:
    return [
        Content.assemble(_PRACTICE[one.after], f" {clean(one.title)}", (f"  (before: {one.before})", "$quiet"))
        for one in found.practices
    ]


def _guards(found: Preview, width: int) -> list[Content]:
    """Those that say no, or do not know, on lines of their own; those that say yes beside each other."""
    order = {"no": 0, "unknown": 1, "yes": 2}
    if not found.calls:
        return []
    lines: list[Content] = [Content.styled(f"× {clean(problem)}", "$fails") for problem in found.problems]
    lines += [Content.styled(f"? {clean(found.not_asked)}", "$is-unknown")] if found.not_asked else []
    for guard in sorted(found.guards, key=lambda one: order[one.sign]):
        told = Content.assemble(_SIGNS[guard.sign], f" {clean(guard.text)}")
        beside = guard.sign == "yes" and lines and lines[-1].plain.startswith("✓")
        if beside and lines[-1].cell_length + told.cell_length + 3 <= width:
            lines[-1] = Content.assemble(lines[-1], "   ", told)
        else:
            lines.append(told)
    return lines


def _undo(found: Preview) -> list[Content]:
    lines = [Content(f"{at} {call_told(operation)}") for at, operation in enumerate(found.undo, 1)]
    return [*lines, Content(clean(found.note))] if found.note else lines


def summary_told(changes: tuple[Change, ...]) -> str:
    """`1 change · 1 call · undo ready`."""
    calls = sum(len(change.operations) for change in changes)
    if not calls:
        return f"{count(len(changes), 'change')} · by hand" if changes else ""
    undo = "undo ready" if all(change.reversible for change in changes) else "not all can be taken back"
    needs = sum(1 for change in changes if change.needs)
    return f"{count(len(changes), 'change')} · {count(calls, 'call')} · " + (
        f"{count(needs, 'needs values', 'need values')}" if needs else undo
    )


def _state(session: Session, changes: tuple[Change, ...]) -> Content:
    snapshot = session.snapshot
    account = account_in_fours(snapshot.account) if snapshot else ""
    if not any(change.operations for change in changes):
        return Content.styled(" By hand: nothing is called. Do it, then r: the account is read again.", "bold")
    if session.is_armed:
        return Content.styled(f" ARMED {account}: A applies this, nothing is called before.", "reverse bold")
    if snapshot is not None and snapshot.source.kind not in ("live", "demo"):
        return Content.styled(
            " READ-ONLY: this account is a file. Export the change (e) to apply it elsewhere.", "bold"
        )
    return Content.styled(f" READ-ONLY: nothing is called before you arm {account}.", "bold")
