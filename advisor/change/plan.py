"""A plan as a file: YAML that people review, bound to the digest of the snapshot that it was made for."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from advisor.collect.saved import write_private
from advisor.errors import InputError
from advisor.model.change import Change
from advisor.model.effects import EffectError, effects_of
from advisor.model.harmless import HIDDEN, escaped
from advisor.reference.versions import refuse_newer

if TYPE_CHECKING:
    from advisor.access.account import OpenAccount
    from advisor.model.snapshot import Snapshot

SCHEMA = "advisor/plan/1"
_LIMIT = 8_000_000
_DEEPEST = 60


class Plan(msgspec.Struct, frozen=True):
    """Changes for one account, in order. `snapshot` is the digest of the account that they were made for."""

    account: str
    snapshot: str
    changes: tuple[Change, ...] = ()
    schema: str = SCHEMA


def new_plan(account: OpenAccount, changes: Iterable[Change]) -> Plan:
    """A plan for the account as it was read. Impacts are left out: they are worked out when the plan is shown."""
    bare = tuple(msgspec.structs.replace(change, impact=None) for change in changes)
    return Plan(account.snapshot.account, account.snapshot.digest, bare)


def as_yaml(plan: Plan) -> str:
    """The plan's text."""
    value = msgspec.to_builtins(plan)
    return yaml_text({name: value[name] for name in ("schema", "account", "snapshot", "changes")})


def yaml_text(value: Any) -> str:
    """Plain values as YAML, every text in quotes; what nobody sees or turns the reading direction is escaped there."""
    import yaml

    return escaped(yaml.dump(_quoted(value), Dumper=_dumper(), sort_keys=False, allow_unicode=True, width=110))


class _Quoted(str):
    """A text that is written in quotes: `no`, dates and account ids stay texts for every reader."""

    __slots__ = ()


def _dumper() -> Any:
    import yaml

    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:
            return True

    Dumper.add_representer(
        _Quoted, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style='"')
    )
    return Dumper


def _quoted(value: Any) -> Any:
    if isinstance(value, str):
        return _Quoted(value)
    if isinstance(value, dict):
        return {_Quoted(key) if HIDDEN.search(key) else key: _quoted(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_quoted(item) for item in value]
    return value


def write_plan(plan: Plan, path: str | Path) -> None:
    """Write the plan as a whole or not at all, readable by its owner only.

    Raises:
        InputError: the folder does not exist or the disk refuses.
    """
    write_private(Path(path), as_yaml(plan).encode("utf-8"))


def read_plan(source: str | Path | bytes) -> Plan:
    """Read a plan from its file or its bytes.

    Raises:
        InputError: it is no plan; with file and place.
    """
    file = "" if isinstance(source, bytes) else str(source)
    try:
        raw = source if isinstance(source, bytes) else Path(source).read_bytes()
    except OSError as error:
        raise InputError(error.strerror or str(error), file=file) from error
    if len(raw) > _LIMIT:
        raise InputError(f"a plan of more than {_LIMIT:,} bytes", file=file)
    return _plan(_yaml(raw, file), file)


def _yaml(raw: bytes, file: str) -> Any:
    """The YAML as plain values. Anchors are refused (a few lines could stand for gigabytes), and so are deep nests."""
    import yaml

    try:
        text = raw.decode("utf-8")
        depth = 0
        for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            if isinstance(event, yaml.AliasEvent):
                raise InputError("anchors and aliases have no place in a plan", file=file)
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST:
                raise InputError(f"is nested deeper than {_DEEPEST} levels", file=file)
        return yaml.load(text, Loader=_loader())
    except UnicodeDecodeError as error:
        raise InputError(f"is no UTF-8 text: {error.reason}", file=file) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}" if mark else ""
        raise InputError(f"is no YAML: {getattr(error, 'problem', None) or error}", file=file, place=place) from error


def _loader() -> Any:
    """Plain values only; of two equal keys none wins in silence."""
    import yaml

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
            twice = next((key for key in keys if keys.count(key) > 1), None) if len(set(keys)) < len(keys) else None
            if twice is not None:
                raise yaml.constructor.ConstructorError(None, None, f"the key `{twice}` stands twice", node.start_mark)
            return super().construct_mapping(node, deep)

    return Loader


def _plan(value: Any, file: str) -> Plan:
    refuse_newer(value.get("schema") if isinstance(value, dict) else None, SCHEMA, file)
    if not isinstance(value, dict) or value.get("schema") != SCHEMA:
        raise InputError(f"is no plan: `schema` must be `{SCHEMA}`", file=file)
    try:
        return msgspec.convert(_bare(value), Plan)
    except msgspec.ValidationError as error:
        reason, _, place = str(error).partition(" - at ")
        raise InputError(reason[:1].lower() + reason[1:], file=file, place=place.strip("`").lstrip("$.")) from error


def _bare(value: dict[str, Any]) -> dict[str, Any]:
    """The plan in a document of `plan show --json` too, which says more of account, snapshot and each change."""
    bare = dict(value)
    for name, inner in (("account", "id"), ("snapshot", "digest")):
        if isinstance(bare.get(name), dict):
            bare[name] = bare[name].get(inner)
    if isinstance(bare.get("changes"), list):
        bare["changes"] = [
            {key: part for key, part in change.items() if key != "impact"} if isinstance(change, dict) else change
            for change in bare["changes"]
        ]
    return bare


def check_plan(plan: Plan, account: OpenAccount) -> tuple[str, ...]:
    """What stands in the way of applying the plan at all, in words; empty when nothing does."""
    snapshot = account.snapshot
    if plan.account != snapshot.account:
        return (f"the plan is for account {plan.account}, not for {snapshot.account}",)
    problems = [
        f"`{change.title}` still needs a value: {name} ({help})"
        for change in plan.changes
        for name, help in change.needs
    ]
    problems += [
        f"`{change.title}` calls {operation.service}:{operation.operation} in account {operation.account}"
        for change in plan.changes
        for operation in change.operations
        if operation.account not in (None, plan.account)
    ]
    return tuple(problems) or _effect_problems(plan, snapshot)


def _effect_problems(plan: Plan, snapshot: Snapshot) -> tuple[str, ...]:
    state = snapshot
    for change in plan.changes:
        try:
            state = effects_of(change.operations, state).snapshot
        except EffectError as error:
            return (f"`{change.title}` cannot be made: {error.message}",)
    return ()
