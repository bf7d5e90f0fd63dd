"""Dated lists about AWS services that the evaluator needs: `knowledge/services/*.yaml`, each with source and date."""

from __future__ import annotations

from functools import cache

import msgspec

from advisor.errors import InputError, KnowledgeError
from advisor.reference.data import data_folder


class ServiceList(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One list (`entries`) or table (`table`) with where it was read and when (ISO date)."""

    id: str
    title: str
    sources: tuple[str, ...]
    checked: str
    entries: frozenset[str] = frozenset()
    table: dict[str, tuple[str, ...]] = {}


@cache
def listed(name: str) -> ServiceList:
    """One list by the name of its file.

    Raises:
        KnowledgeError: when the file is not what it should be.
    """
    from advisor.reference import plain_yaml
    from advisor.reference.problem import Problem

    path = data_folder("knowledge") / "services" / f"{name}.yaml"
    try:
        found = msgspec.convert(plain_yaml.parse(path.read_text("utf-8")).value, ServiceList)
    except (OSError, InputError, msgspec.ValidationError) as error:
        raise KnowledgeError((Problem(file=path.name, place="", reason=str(error)),)) from error
    if found.id != name:
        raise KnowledgeError((Problem(file=path.name, place="id", reason="must equal the name of the file"),))
    return found
