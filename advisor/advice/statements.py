"""Which statements of a document a rewrite touches, and the document's JSON afterwards."""

from __future__ import annotations

from typing import Any, Literal

from advisor.evaluate.pattern import action_matches
from advisor.model.document import Document, Principals, Statement
from advisor.model.edits import (
    account_named,
    add_condition,
    as_list,
    has_condition,
    remove_actions,
    remove_principal,
    same_principal,
    set_actions,
    set_principal,
    set_resources,
)
from advisor.reference.schema.changes import Edit, Where

Json = dict[str, Any]


def rewritten(
    document: Document, where: Where, edit: Edit, account: str, index: int | None = None
) -> Json | Literal[False] | None:
    """The document's JSON after the edit; `None` where no statement is left, `False` where nothing changes."""
    value = document.as_json()
    statements = [dict(statement) for statement in as_list(value["Statement"])]
    kept: list[Json] = []
    for statement, parsed in zip(statements, document.statements, strict=True):
        chosen = index is None or parsed.index == index
        if not chosen or not is_meant(parsed, statement, where, account):
            kept.append(statement)
        elif (edited := _edited(statement, edit, account)) is not None:
            kept.append(edited)
    kept += [entry for entry in edit.append if entry not in kept]
    if kept == statements:
        return False
    return {**value, "Statement": kept} if kept else None


def is_meant(statement: Statement, raw: Json, where: Where, account: str) -> bool:
    """Whether all of what `where` gives holds for the statement."""
    return (
        where.effect in ("any", statement.effect)
        and (not where.actions or any(covers(statement, action) for action in where.actions))
        and (not where.resources or any(entry in (statement.resources or ()) for entry in where.resources))
        and (not where.principal or _names_principal(statement.principals, where.principal, account))
        and not (where.lacks and has_condition(raw, where.lacks))
    )


def covers(statement: Statement, action: str) -> bool:
    """Whether the statement speaks of the action; `*` asks for a statement that speaks of everything."""
    if statement.not_actions is not None:
        return action != "*" and not any(action_matches(entry, action) for entry in statement.not_actions)
    if action == "*":
        return any(entry in ("*", "*:*") for entry in statement.actions or ())
    return any(action_matches(entry, action) for entry in statement.actions or ())


def _names_principal(principals: Principals | None, wanted: str, account: str) -> bool:
    if principals is None:
        return False
    if wanted == "everyone":
        return principals.everyone
    if wanted == "outside":
        return any(is_outside(name, account) for name in principals.aws)
    if wanted == "federated":
        return bool(principals.federated)
    named = (*principals.aws, *principals.service, *principals.federated, *principals.canonical)
    return any(same_principal(name, wanted) for name in named) or (wanted == "*" and principals.everyone)


def is_outside(principal: str, account: str) -> bool:
    """An AWS principal of another account. Ids of deleted principals (AIDA…, AROA…) belong nowhere: they count too."""
    if principal == "*":
        return False
    named = account_named(principal) or (principal.split(":")[4] if principal.count(":") >= 5 else "")
    return named != account


def _edited(statement: Json, edit: Edit, account: str) -> Json | None:
    """All parts of an edit in turn; `None` where the statement goes."""
    if edit.remove:
        return None
    changed: Json | None = statement
    if edit.remove_actions:
        changed = remove_actions(statement, as_list(edit.remove_actions))
    if changed is not None and edit.remove_principal:
        changed = remove_principal(changed, edit.remove_principal)
    if changed is None:
        return None
    if edit.set_actions:
        changed = set_actions(changed, as_list(edit.set_actions))
    if edit.set_resources:
        changed = set_resources(changed, as_list(edit.set_resources))
    if edit.set_principal is not None:
        changed = set_principal(changed, edit.set_principal)
    return add_condition(changed, edit.add_condition) if edit.add_condition else changed
