"""Changes as a bash script of AWS CLI commands. Every value is quoted; nothing of the account is ever run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from advisor.change.calls import DOCUMENTS, as_text, is_reference, located
from advisor.change.secrets import secret_names
from advisor.errors import UsageError
from advisor.model.change import Change, Operation
from advisor.model.effects import numbered
from advisor.model.harmless import HIDDEN, one_line
from advisor.model.snapshot import Snapshot

_SERVICES = {"s3": "s3api"}


def as_script(changes: Iterable[Change], snapshot: Snapshot) -> str:
    """The script. It stops at the first failure and refuses to run on another account."""
    changes = tuple(changes)
    lines = [
        "#!/usr/bin/env bash",
        "# Made by IAM Advisor. Stops at the first command that fails.",
        "set -euo pipefail",
        "",
        f"account={quoted(snapshot.account)}",
        'if [ "$(aws sts get-caller-identity --query Account --output text)" != "$account" ]; then',
        '  echo "these credentials are not for account $account" >&2',
        "  exit 2",
        "fi",
    ]
    if any(list(_references(operation)) for change in changes for operation in change.operations):
        lines += ["", *_RETURNED]
    if any(secret_names(operation.parameters) for change in changes for operation in change.operations):
        lines += ["", *_SECRET]
    for place, change in enumerate(changes):
        lines += ["", f"# {one_line(change.title)}", *_notes(change)]
        operations = numbered(change.operations)
        wanted = set(_references(operations))
        lines += [line for operation in operations for line in _command(operation, place, wanted)]
    return "\n".join(lines) + "\n"


_SECRET = (
    "# Asks for a secret without showing it.",
    'secret() { local value; read -r -s -p "$1: " value </dev/tty; echo >&2; printf %s "$value"; }',
)


_RETURNED = (
    "# Looks up a part of the last answer, as Policy.Arn.",
    "returned() {",
    '  printf %s "$answer" | python3 -c \'import functools, json, sys',
    'print(functools.reduce(lambda value, key: value[key], sys.argv[1].split("."), json.load(sys.stdin)))\' "$1"',
    "}",
)


def _notes(change: Change) -> Iterator[str]:
    if change.note:
        yield f"# {one_line(change.note)}"
    for step in change.by_hand:
        yield f"# by hand: {one_line(step)}"


def _references(value: Any) -> Iterator[tuple[str, str]]:
    """(operation id, path) of everything that later calls use."""
    if isinstance(value, Operation):
        yield from _references(value.parameters)
    elif is_reference(value):
        yield value["from"], value["path"]
    elif isinstance(value, dict):
        for item in value.values():
            yield from _references(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _references(item)


def _command(operation: Operation, place: int, wanted: set[tuple[str, str]]) -> Iterator[str]:
    from botocore import xform_name

    parts = ["aws", _SERVICES.get(operation.service, operation.service), xform_name(operation.operation, "-")]
    if operation.region:
        parts += ["--region", quoted(operation.region)]
    for name, value in {**located(operation), **operation.parameters}.items():
        parts += _option(f"--{xform_name(name, '-')}", name, value, place)
    paths = sorted(path for id, path in wanted if id == operation.id)
    line = " ".join(parts)
    if not paths:
        yield line
        return
    yield f"answer=$({line} --output json)"
    for path in paths:
        query = quoted(path)
        yield f"{_variable(place, str(operation.id), path)}=$(returned {query})"


def command_lines(operation: Operation) -> tuple[str, ...]:
    """The command of one operation whose parameters are all known."""
    return tuple(_command(operation, 0, set()))


def _option(option: str, name: str, value: Any, place: int) -> list[str]:
    if isinstance(value, bool):
        return [option if value else option.replace("--", "--no-", 1)]
    if isinstance(value, str):
        return [option + "=" + quoted(value)] if value.startswith("-") else [option, quoted(_no_file(value))]
    if isinstance(value, int):
        return [option, str(value)]
    if isinstance(value, dict) and set(value) == {"secret"}:
        return [option, f'"$(secret {quoted(one_line(value["secret"]))})"']
    if is_reference(value):
        return [option, f'"${_variable(place, value["from"], value["path"])}"']
    text = as_text(value) if name in DOCUMENTS else as_text(_as_text_inside(value))
    return [option, _spliced(text, place)]


def _no_file(value: str) -> str:
    """The AWS CLI reads `file://…` from disk; a blank in front keeps it a text, which AWS then refuses or trims."""
    return f" {value}" if re.match(r"(file|fileb|https?)://", value) and not value.startswith("https://") else value


def _as_text_inside(value: Any) -> Any:
    """Documents that stand inside another value are text there."""
    if isinstance(value, dict) and not is_reference(value):
        return {
            key: as_text(item)
            if key in DOCUMENTS and isinstance(item, dict) and not is_reference(item)
            else _as_text_inside(item)
            for key, item in value.items()
        }
    return [_as_text_inside(item) for item in value] if isinstance(value, list | tuple) else value


_REFERENCE = re.compile(r'\{"from":"((?:[^"\\]|\\.)*)","path":"((?:[^"\\]|\\.)*)"\}')


def _spliced(text: str, place: int) -> str:
    """JSON text in single quotes; what an earlier call returned is spliced in from its variable."""
    parts, at = [], 0
    for found in _REFERENCE.finditer(text):
        variable = _variable(place, json.loads(f'"{found[1]}"'), json.loads(f'"{found[2]}"'))
        parts += [quoted(text[at : found.start()] + '"'), f'"${variable}"', quoted('"')]
        at = found.end()
    rest = text[at:]
    return "".join([*parts, quoted(rest)]) if parts else quoted(text)


def _variable(place: int, id: str, path: str) -> str:
    return "v" + re.sub(r"[^A-Za-z0-9]", "_", f"{place + 1}_{id}_{path}")


def quoted(text: str) -> str:
    """A text that bash takes as it is."""
    if re.fullmatch(r"[A-Za-z0-9_./:=@%+-]+", text) and not text.startswith(("-", "=")):
        return text
    if HIDDEN.search(text):
        return "$'" + HIDDEN.sub(_as_bytes, re.sub(r"[\\']", r"\\\g<0>", text)) + "'"
    return "'" + text.replace("'", "'\"'\"'") + "'"


def _as_bytes(found: re.Match[str]) -> str:
    """A character as bash writes it in `$'…'`, byte for byte, so that it is the same in every locale."""
    if found.group() == "\0":
        raise UsageError("a text with a NUL character cannot be handed to a command")
    return "".join(f"\\x{byte:02x}" for byte in found.group().encode("utf-8", "surrogatepass"))
