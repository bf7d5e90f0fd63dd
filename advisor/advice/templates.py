"""Change templates filled in for one account and one subject: from `knowledge/changes` to a `Change`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from advisor.advice.statements import rewritten
from advisor.advice.subjects import Names, names_of
from advisor.errors import UsageError
from advisor.model.change import Change, Operation
from advisor.model.effects import EffectError, effects_of, numbered, with_undo
from advisor.model.effects.table import ROWS
from advisor.model.effects.walk import name_of, resolve
from advisor.model.rewrite import Place, find_place, remove, write
from advisor.model.snapshot import Snapshot
from advisor.reference.knowledge import load
from advisor.reference.placeholders import filled
from advisor.reference.schema.changes import PLACEHOLDER, Edit, Step, Template, Where
from advisor.reference.shape import nearest

if TYPE_CHECKING:
    from advisor.access.account import OpenAccount

_OF_POLICY = re.compile(r"arn:[\w-]*:iam::[^:\s]*:policy/(?:[^\s/]+/)*([^\s/]+)")
Needs = tuple[tuple[str, str], ...]
"""(name, what it is) of each value that a person must still give."""
GLOBAL = ("organizations", "sso-admin", "account-access")


def fill(
    template_id: str,
    account: OpenAccount,
    subject: str = "",
    values: Mapping[str, Any] | None = None,
    folders: Sequence[str | Path] = (),
) -> tuple[Change, ...]:
    """The template's change for one subject (ARN, name or access key id; none for the account as such).

    A value without a default that is not given stands as `<name>` in the operations and in the change's `needs`. What
    cannot be done in the account's state comes back without operations, the reason in `note`. Nothing to do: no change.

    Raises:
        UsageError: no such template, or no such subject in the account.
    """
    templates = load("changes", tuple(folders))
    template: Template | None = templates.get(template_id)
    if template is None:
        raise UsageError(f"there is no change template `{template_id}`{nearest(template_id, templates)}")
    return fill_template(template, account.snapshot, subject, values)


def fill_template(
    template: Template, snapshot: Snapshot, subject: str = "", values: Mapping[str, Any] | None = None
) -> tuple[Change, ...]:
    """`fill` for a template that is at hand."""
    names, target = names_of(template.subject, snapshot, subject)
    names["values"], needs = _values(template, values or {}, names)
    change = Change(
        id=f"{template.id}:{_short(subject)}" if subject else template.id,
        title=_OF_POLICY.sub(r"\1", _readable(filled(template.title, names), needs)),
        by_hand=tuple(_readable(filled(text, names), needs) for text in template.by_hand),
        template=template.id,
        target=target,
        note=_readable(filled(template.note, names), needs),
        needs=needs,
        done=template.done,
        sources=tuple(source.url for source in template.sources),
        subject=subject,
        values=tuple((values or {}).items()),
    )
    try:
        operations = _Filling(snapshot, names, needs).operations(template.operations)
        change = _with_undo(msgspec.structs.replace(change, operations=operations), snapshot)
    except (EffectError, UsageError) as error:
        note = f"{change.note} {error.message[:1].upper()}{error.message[1:]}.".strip()
        return (msgspec.structs.replace(change, note=note),)
    return (change,) if change.operations or change.by_hand else ()


def _with_undo(change: Change, snapshot: Snapshot) -> Change:
    """What takes it back; while a value is missing this may only be known once it is given."""
    try:
        return with_undo(change, snapshot)
    except EffectError as error:
        if not _is_about(error, change.needs):
            raise
        return msgspec.structs.replace(change, operations=numbered(change.operations))


def _is_about(error: EffectError, needs: Needs) -> bool:
    """Whether an operation only fails because a value is still to be given."""
    return any(f"<{name}>" in error.message for name, _ in needs)


def _readable(text: object, needs: Needs) -> str:
    """A text in which a value that is still to be given stands as `…`."""
    told = str(text)
    for name, _ in needs:
        told = told.replace(f"<{name}>", "…")
    return told


def _short(subject: str) -> str:
    return subject.rsplit(":", 1)[-1] if subject.startswith("arn:") else subject


def _like(default: Any, given: Any) -> Any:
    """A number where the template's default is one or comes from the account; the word `none` leaves it out.

    Practices, forms and command lines give texts.
    """
    if given == "none":
        return None
    is_number = isinstance(default, int) and not isinstance(default, bool)
    is_number = is_number or (isinstance(default, str) and PLACEHOLDER.fullmatch(default) is not None)
    return int(given) if is_number and isinstance(given, str) and given.strip().isdigit() else given


def _values(template: Template, given: Mapping[str, Any], names: Names) -> tuple[Names, Needs]:
    values: Names = {}
    needs = []
    for name, value in template.values.items():
        if given.get(name) not in (None, ""):
            values[name] = _like(value.default, given[name])
        elif value.default is not None:
            values[name] = filled(value.default, names)
        else:
            values[name] = f"<{name}>"
            needs.append((name, value.help))
    return values, tuple(needs)


class _Filling:
    """Steps turned into operations one after the other; `state` is the snapshot after those so far."""

    def __init__(self, snapshot: Snapshot, names: Names, needs: Needs) -> None:
        self.state = snapshot
        self.needs = needs
        self.names = names
        self.results: dict[str, Mapping[str, Any]] = {}
        self.standing: dict[str, Mapping[str, Any]] = {}
        """What steps that are left out, since their thing is there already, would have returned."""

    def operations(self, steps: Sequence[Step]) -> tuple[Operation, ...]:
        return tuple(operation for step in steps for operation in self._step(step))

    def _step(self, step: Step) -> Iterator[Operation]:
        for names in self._rounds(step):
            if not _is_wanted(step.when, names):
                continue
            for operation in self._rewrite(step, names) if step.rewrite else self._operation(step, names):
                yield from self._taken(operation, step)

    def _rounds(self, step: Step) -> Iterator[Names]:
        if not step.for_each:
            yield self.names
            return
        for item in filled(step.for_each, self.names):
            yield {**self.names, "item": item}

    def _operation(self, step: Step, names: Names) -> tuple[Operation, ...]:
        region = str(filled(step.region, names)) or None
        management = names["account"]["management"]
        return (
            Operation(
                service=step.service,
                operation=str(filled(step.operation, names)),
                parameters=filled(step.parameters, names),
                id=step.id,
                account=management if step.service in GLOBAL else self.state.account,
                region=region,
            ),
        )

    def _rewrite(self, step: Step, names: Names) -> Iterator[Operation]:
        found = filled(step.rewrite, names)
        where = msgspec.convert(filled(msgspec.to_builtins(step.where), names), Where)
        edit = msgspec.convert(filled(msgspec.to_builtins(step.edit), names), Edit)
        index = names["statement"]["index"] if "statement" in names else None
        for place in found if isinstance(found, list) else [found]:
            if place is not None:
                yield from self._written(place, where, edit, index)

    def _written(self, place: Place, where: Where, edit: Edit, index: int | None) -> tuple[Operation, ...]:
        now = find_place(self.state, place.kind, place.policy, place.owner)
        document = rewritten(now.document, where, edit, self.state.account, index)
        if document is False:
            return ()
        return write(self.state, now, document) if document is not None else remove(self.state, now)

    def _taken(self, operation: Operation, step: Step) -> Iterator[Operation]:
        parameters = resolve(operation.parameters, self.standing)
        operation = msgspec.structs.replace(operation, parameters=parameters)
        try:
            effects = effects_of((operation,), self.state, self.results)
        except EffectError as error:
            if _is_about(error, self.needs):
                yield operation  # it can be tried when the value is there
                return
            if error.reason not in step.tolerate:
                raise
            self._stands_already(operation)
            return
        row = ROWS.get(name_of(operation))
        if row and not row.silent and row.result is None and effects.snapshot is self.state:
            return
        self.state, self.results = effects.snapshot, dict(effects.results)
        yield operation

    def _stands_already(self, operation: Operation) -> None:
        """What the step would have made is there: later steps may refer to it all the same."""
        row = ROWS.get(name_of(operation))
        if row and row.result and operation.id:
            parameters = resolve(operation.parameters, self.results)
            self.standing[operation.id] = row.result(self.state, parameters, operation)


def _is_wanted(when: str, names: Names) -> bool:
    if not when:
        return True
    return not filled(when[1:], names) if when.startswith("!") else bool(filled(when, names))
