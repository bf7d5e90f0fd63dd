"""A verdict in words and lines: the answer, the layers in AWS's order, the statement with what each line matched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from screens.documents import DocumentLine, lines_of, statement_lines
from screens.reasons import conditions_told, document_of, gap_told, granting, through, told
from screens.signs import DECISIONS, OUTCOMES
from screens.widgets.pane import hanging
from screens.widgets.rows import spread
from screens.wording import clean

if TYPE_CHECKING:
    from advisor.account import Advisor
    from advisor.model.verdict import LayerOutcome, Reason, Verdict

LAYER_NAMES = {
    "scp": "SCP", "rcp": "RCP", "endpoint": "Endpoint", "resource": "Resource", "identity": "Identity",
    "boundary": "Boundary", "session": "Session",
}  # fmt: skip
_LETS_THROUGH = {"scp", "rcp", "endpoint", "boundary", "session"}


def answer_told(verdict: Verdict) -> Content:
    """`± allowed if  aws:MultiFactorAuthPresent is true`."""
    sign = DECISIONS[verdict.decision]
    head = Content.styled(f"{sign.char} {_word(verdict)}", f"{sign.style} bold")
    if verdict.decision == "unknown":
        gaps = "; ".join(gap_told(gap) for gap in verdict.gaps[:2]) or "something was not read"
        rest = f": {gaps}" + (f"; and only if {conditions_told(verdict.conditions)}" if verdict.conditions else "")
    elif verdict.conditions:
        rest = f"  {conditions_told(verdict.conditions)}"
    else:
        rest = ""
    return Content.assemble(head, rest)


def basis_told(verdict: Verdict) -> Content:
    """What the answer rests on: `assuming that no SCP, RCP limits it (never read)`; empty where all was read."""
    assumed = [LAYER_NAMES[layer] for layer in verdict.assuming]
    return (
        Content.styled(f"assuming that no {' or '.join(assumed)} limits it", "$is-unknown") if assumed else Content("")
    )


def _word(verdict: Verdict) -> str:
    if verdict.decision == "explicit-deny":
        denies = [reason for reason in verdict.because if reason.effect == "Deny"]
        return "denied by " + told(denies[0]).plain[2:] if denies else "denied"
    return {"allowed": "allowed", "conditional": "allowed if", "implicit-deny": "not granted"}.get(
        verdict.decision, "unknown"
    )


def deciding_layer(verdict: Verdict) -> int:
    """Index in the trace of the layer that made the answer."""
    wanted = {
        "allowed": ("allows",),
        "conditional": ("conditional",),
        "explicit-deny": ("denies",),
        "implicit-deny": ("silent",),
        "unknown": ("unknown",),
    }[verdict.decision]
    hits = [at for at, layer in enumerate(verdict.trace) if layer.outcome in wanted]
    grants = [at for at in hits if verdict.trace[at].layer in ("identity", "resource")]
    if verdict.decision == "implicit-deny":
        limiting = [at for at in hits if verdict.trace[at].layer in _LETS_THROUGH]
        return (limiting or grants or hits or [0])[0]
    return (grants or hits or [0])[0]


def layer_told(layer: LayerOutcome, *, assumed: bool = False) -> tuple[Content, Content]:
    """(outcome, what stands behind it) of one layer."""
    sign = OUTCOMES[layer.outcome]
    word = sign.word
    if layer.outcome == "allows" and layer.layer in _LETS_THROUGH:
        word = "lets through"
    if layer.layer in _LETS_THROUGH and layer.outcome == "silent":
        word = "does not let through"
    if assumed:
        sign, word = OUTCOMES["unknown"], "never read, taken not to limit"
    outcome = Content.styled(f"{sign.char} {word}", sign.style)
    behind = _counted(layer.reasons)
    rest = f" +{len(behind) - 2}" if len(behind) > 2 else ""
    told_behind = Content(", ").join(behind[:2]) if behind else Content(_detail(layer.detail))
    return outcome, Content.assemble(told_behind, rest)


def _counted(reasons: tuple[Reason, ...]) -> list[Content]:
    """Each statement once; the same policy at several levels of the organization says at how many."""
    found: dict[str, tuple[Content, int]] = {}
    for reason in _unique(reasons):
        content = Content.assemble(told(reason), *_through(reason))
        known = found.get(content.plain)
        found[content.plain] = (content, known[1] + 1 if known else 1)
    return [Content.assemble(one, f" at {times} levels" if times > 1 else "") for one, times in found.values()]


def _through(reason: Reason) -> list[Content | str]:
    way = through(reason)
    return [", ", way] if way.plain else []


def _unique(reasons: tuple[Reason, ...]) -> list[Reason]:
    return list(dict.fromkeys(reasons))


_MISSES = {
    "action": "no statement has the action", "no-principal": "no statement names a principal",
    "principal": "no statement names the principal", "resource": "no statement has the resource",
    "condition": "a condition is not met", "no-statement": "it has no statements", "never-read": "",
    "no-identity-policies": "it has none", "does-not-apply": "does not apply here", "root-user": "the root user",
    "never-refused": "AWS refuses this to nobody", "no-session-policy": "without one such a session can do nothing",
    "public-access-block": "public access is blocked",
    "not-through-an-endpoint": "not through a VPC endpoint, whose policy was not read",
    "not-across-accounts": "the service gives this to no other account",
    "not-with-root-credentials": "root cannot make this call",
    "owner-root-keeps": "root of the bucket's owner keeps this whatever it denies",
}  # fmt: skip


def _detail(detail: str) -> str:
    return _MISSES.get(detail, clean(detail.replace("-", " ")))


def together(verdict: Verdict) -> list[tuple[LayerOutcome, ...]]:
    """The layers one by one, those that there are none of as one at the end."""
    present = [(layer,) for layer in verdict.trace if layer.outcome != "none"]
    absent = tuple(layer for layer in verdict.trace if layer.outcome == "none")
    return [*present, absent] if absent else [*present]


def layer_lines(verdict: Verdict, width: int, cursor: int | None = None) -> list[Content]:
    """The trace, one line a layer; `cursor` marks one of them."""
    lines = []
    for at, layer in enumerate(verdict.trace):
        outcome, behind = layer_told(layer, assumed=layer.layer in verdict.assuming)
        gutter = " ▸ " if at == cursor else "   "
        name = f"{LAYER_NAMES[layer.layer]:<9}"
        lines.append(
            Content.assemble(gutter, name, " ", outcome.pad_right(max(16 - outcome.cell_length, 1)), " ", behind)
        )
    return [line.truncate(width, ellipsis=True) for line in lines]


def reasons_drawn(advisor: Advisor, layer: LayerOutcome, verdict: Verdict, width: int) -> Content:
    """The statements behind a layer with their text, each line saying what it matched."""
    parts: list[Content] = []
    for reason, levels in _merged(layer)[:6]:
        parts += _statement(advisor, reason, verdict, width, levels)
    if not parts:
        parts.append(Content.styled("   no statement stands behind this", "$quiet"))
    for gap in verdict.gaps:
        parts.append(hanging("?", f"{gap_told(gap)}: {gap.makes_unknown}", width, "$is-unknown"))
    return Content("\n").join(parts)


def _merged(layer: LayerOutcome) -> list[tuple[Reason, int]]:
    """Each statement once with the number of levels that have it, what denies first."""
    levels: dict[tuple[str, str, int], list[Reason]] = {}
    for reason in _unique(layer.reasons):
        owner = "" if reason.kind in ("scp", "rcp") else reason.owner
        levels.setdefault((reason.policy, owner, reason.statement), []).append(reason)
    return sorted(((found[0], len(found)) for found in levels.values()), key=lambda one: one[0].effect != "Deny")


def _statement(advisor: Advisor, reason: Reason, verdict: Verdict, width: int, levels: int = 1) -> list[Content]:
    document = document_of(advisor, reason)
    title = Content.assemble("   ", told(reason), *_through(reason), f" at {levels} levels" if levels > 1 else "")
    if document is None:
        return [title, Content.styled("   its text is not among what was read", "$quiet")]
    lines = lines_of(document, max(width - 4, 40))
    total = len(document.statements)
    own = statement_lines(lines, reason.statement)
    span = f"lines {own[0].number}–{own[-1].number}" if own else ""
    place = Content.styled(f"statement {reason.statement + 1} of {total} · {span} ", "$quiet")
    drawn = [spread(title, place, width) if title.cell_length + place.cell_length < width else title]
    elements: set[str] = set()
    for line in own:
        note = _note(line, reason, verdict) if line.element not in elements else Content("")
        elements.add(line.element)
        drawn += _noted(line.shifted(4).content(marked=True), note, width)
    return drawn


def _noted(text: Content, note: Content, width: int) -> list[Content]:
    """A line with its note at the right edge, or under it where both have no room: no policy text is cut for it."""
    if not note.plain:
        return [text.truncate(width, ellipsis=True)]
    if text.cell_length + note.cell_length + 2 <= width:
        return [spread(text, Content.assemble(note, " "), width)]
    return [text.truncate(width, ellipsis=True), spread(Content(""), Content.assemble(note, " "), width)]


def _note(line: DocumentLine, reason: Reason, verdict: Verdict) -> Content:
    """What the element of a statement matched in this request."""
    matched = {
        "Action": "has the action", "NotAction": "does not leave it out",
        "Resource": "has the resource", "NotResource": "does not leave it out",
        "Principal": "names the principal", "NotPrincipal": "does not leave it out",
    }.get(line.element)  # fmt: skip
    if matched:
        return Content.styled(f"✓ {matched}", "$is-allowed")
    if line.element == "Condition":
        if verdict.decision == "conditional" or verdict.conditions:
            return Content.styled("± decides", "$is-conditional")
        return Content.styled("✓ is met", "$is-allowed")
    return Content("")


def sentence(principal: str, question: str, verdict: Verdict) -> str:
    """The answer with its reason in one sentence, for copying."""
    verb = {
        "allowed": "can", "conditional": "can", "explicit-deny": "cannot", "implicit-deny": "cannot",
        "unknown": "may be able to",
    }[verdict.decision]  # fmt: skip
    because = granting(verdict.because)
    nothing = ": nothing grants it" if verdict.decision == "implicit-deny" else ""
    reason = f": {told(because).plain[2:]}" if because else nothing
    way = f", {through(because).plain}" if because and through(because).plain else ""
    condition = f", if {conditions_told(verdict.conditions)}" if verdict.conditions else ""
    return f"{principal} {verb} {question}{reason}{way}{condition}."
