"""Changes as Terraform: a resource for each touched thing in its last state, with an `import` block where it exists."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from advisor.change.calls import is_reference
from advisor.change.declared import Declared, Thing, declare
from advisor.change.export_cli import command_lines
from advisor.change.terraform_kinds import KINDS, Block, Document, Resource, Values
from advisor.model.change import Change
from advisor.model.harmless import escaped, one_line
from advisor.model.snapshot import Snapshot


def as_terraform(changes: Iterable[Change], snapshot: Snapshot) -> str:
    """The text of one `.tf` file."""
    changes = tuple(changes)
    declared = declare(changes, snapshot)
    labels = _labels(declared)
    regions = sorted({thing.region for thing in declared.things if thing.region})
    home = regions[0] if regions else ""
    parts = [_head(changes, declared, regions, home)]
    parts += [_thing(thing, declared, labels, home) for thing in declared.things]
    left = [line for operation in declared.left_over for line in command_lines(operation)]
    if left:
        parts.append("\n".join([_LEFT, *(f"#   {one_line(line)}" for line in left)]))
    return "\n\n".join(parts) + "\n"


_LEFT = "# Terraform does not say these: it removes only what it made, and its state is no place for secrets."


def _head(changes: tuple[Change, ...], declared: Declared, regions: list[str], home: str) -> str:
    lines = [f"# {one_line(change.title)}" for change in changes]
    lines += ["", "terraform {", '  required_version = ">= 1.5.0"', "  required_providers {"]
    lines += ["    aws = {", '      source = "hashicorp/aws"', "    }", "  }", "}", ""]
    lines += ['provider "aws" {', f"  allowed_account_ids = [{text_of(declared.account)}]"]
    if home:
        lines.append(f"  region              = {text_of(home)}")
    lines.append("}")
    for region in regions[1:]:
        lines += ["", 'provider "aws" {', f"  alias               = {text_of(_name(region))}"]
        lines += [
            f"  region              = {text_of(region)}",
            f"  allowed_account_ids = [{text_of(declared.account)}]",
            "}",
        ]
    return "\n".join(lines)


def _labels(declared: Declared) -> dict[str, tuple[str, Thing]]:
    """The address (`type.name`) of what operations with an id make."""
    found: dict[str, tuple[str, Thing]] = {}
    for thing in declared.things:
        if thing.id:
            found[thing.id] = (f"{_resource(thing, declared).type}.{_name(thing.label)}", thing)
    return found


def _resource(thing: Thing, declared: Declared) -> Resource:
    return KINDS[thing.kind](thing.values, thing, declared)


def _thing(thing: Thing, declared: Declared, labels: dict[str, tuple[str, Thing]], home: str) -> str:
    resource = _resource(thing, declared)
    name = _name(thing.label)
    arguments = dict(resource.arguments)
    lines = []
    if thing.exists and resource.imported_by:
        lines += ["import {", f"  to = {resource.type}.{name}", f"  id = {text_of(resource.imported_by)}"]
        if thing.region and thing.region != home:
            lines.append(f"  provider = aws.{_name(thing.region)}")
        lines += ["}", ""]
    lines.append(f'resource "{resource.type}" "{name}" {{')
    if thing.region and thing.region != home:
        lines.append(f"  provider = aws.{_name(thing.region)}")
    lines += _arguments(arguments, labels, "  ")
    needed = _needed_by(thing, declared)
    if needed:
        lines.append(f"  depends_on = [{', '.join(needed)}]")
    lines.append("}")
    return "\n".join(lines)


def _needed_by(thing: Thing, declared: Declared) -> list[str]:
    """Addresses of new things whose plain names or ARNs stand in this one's key: Terraform cannot see that."""
    made = {
        part: f"{_resource(other, declared).type}.{_name(other.label)}"
        for other in declared.things
        if other is not thing and other.kind in _NAMED and other.kind != thing.kind
        for part in other.key
    }
    named = [made[part] for part in thing.key if part in made]
    if thing.kind == "trail":
        named += [
            f"aws_s3_bucket_policy.{_name(other.label)}"
            for other in declared.things
            if other.kind == "resource-policy" and other.key == ("s3:bucket", thing.values["bucket"])
        ]
    return named


_NAMED = ("user", "group", "role", "policy", "bucket", "profile")


def _arguments(values: Values, labels: dict[str, tuple[str, Thing]], indent: str) -> Iterator[str]:
    for name, value in values.items():
        if value is None or value in ("", {}, []):
            continue
        if isinstance(value, Block):
            yield f"{indent}{name} {{"
            yield from _arguments(value.values, labels, indent + "  ")
            yield f"{indent}}}"
        elif isinstance(value, tuple):
            for item in value:
                yield from _arguments({name: item}, labels, indent)
        else:
            yield f"{indent}{name} = {_value(value, labels, indent)}"


def _value(value: Any, labels: dict[str, tuple[str, Thing]], indent: str) -> str:
    if isinstance(value, Document):
        return f"jsonencode({_value(value.value, labels, indent)})"
    if is_reference(value):
        return _address(value, labels)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, str):
        return text_of(value)
    deeper = indent + "  "
    if isinstance(value, dict):
        entries = [f"{deeper}{text_of(key)} = {_value(item, labels, deeper)}" for key, item in value.items()]
        return "\n".join(["{", *entries, f"{indent}}}"]) if entries else "{}"
    items = [f"{deeper}{_value(item, labels, deeper)}," for item in value]
    return "\n".join(["[", *items, f"{indent}]"]) if items else "[]"


def _address(reference: dict[str, str], labels: dict[str, tuple[str, Thing]]) -> str:
    address, thing = labels[reference["from"]]
    return f"{address}.{'id' if thing.kind in ('organization-policy', 'unit') else 'arn'}"


def text_of(text: str) -> str:
    """A quoted template without anything that Terraform would evaluate."""
    quoted = json.dumps(text, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
    return escaped(re.sub(r"(?<!\\)((?:\\\\)*)\\[bf]", lambda found: found[1] + " ", quoted))


def _name(label: str) -> str:
    """A Terraform name: letters, digits, underscores."""
    name = re.sub(r"[^A-Za-z0-9_]+", "_", label).strip("_").lower()
    return name if name[:1].isalpha() else f"n_{name}"
