"""Resource elements: which resources an ARN pattern covers, by the kind of policy it stands in.

Sources: IAM User Guide, "IAM JSON policy elements: Resource", "…: NotResource", "Amazon Resource Names (ARNs)",
"Grammar of the IAM JSON policy language"; rules 32–37. Matching is case-sensitive. `*` and `?` work inside a segment; a
`*` that ends a segment may run on past colons. No wildcard in the service segment, nor in a resource type; `*/*`, with
nothing but wildcards, is read as everything that has a type.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, Literal

from advisor.evaluate.context import ABSENT, Context, Unknown
from advisor.evaluate.pattern import ANY, ONE, Glob, glob_covers, globs_overlap, has_wildcard, tokens_of
from advisor.evaluate.residual import FALSE, TRUE, Dnf, any_of, negation, of_literal
from advisor.evaluate.residual import Literal as Remaining
from advisor.evaluate.variables import Template, displayed
from advisor.model.document import Condition
from advisor.reference.catalogue import has_untyped_resources

PolicyKind = Literal["identity", "boundary", "session", "resource", "trust", "endpoint", "scp", "rcp"]

MALFORMED: Final = "malformed"
"""An entry for which AWS refuses the whole policy: its statement never applies."""


class Target:
    """The resource of a request, split once. `is_any` asks about every resource of the action (`*`).

    An action without resource types is authorized on `*` alone, whatever resource it is asked about (rule 35).
    """

    __slots__ = ("arn", "fields", "is_any", "is_pattern")

    def __init__(self, arn: str, *, takes_resources: bool = True) -> None:
        self.arn = arn if takes_resources else "*"
        fields = tuple(self.arn.split(":", 5))
        self.fields = fields if len(fields) == 6 and fields[0] == "arn" else None
        self.is_any = arn == "*" and takes_resources
        self.is_pattern = takes_resources and has_wildcard(arn)


class ResourcePattern:
    """One entry of a `Resource` or `NotResource` element."""

    __slots__ = ("_plain", "template", "text")

    def __init__(self, text: str, *, variables: bool = True) -> None:
        self.text = text
        self.template = Template(text, variables=variables)
        self._plain: dict[str, _Fields | str | None] = {}

    def covers(self, target: Target, kind: PolicyKind, context: Context) -> Dnf | str:
        """Whether every resource of the target fits; `MALFORMED` when the entry spoils the policy."""
        return self._ask(target, kind, context, whole=True)

    def touches(self, target: Target, kind: PolicyKind, context: Context) -> Dnf | str:
        """Whether some resource of the target fits."""
        return self._ask(target, kind, context, whole=False)

    def shown(self, context: Context) -> str:
        """The entry with the variables that are known filled in."""
        tokens = self.template.fill(context) if self.template.variables else None
        return displayed(tokens) if isinstance(tokens, str) else self.text

    def _ask(self, target: Target, kind: PolicyKind, context: Context, *, whole: bool) -> Dnf | str:
        if self.text == "*":
            return TRUE
        fields = self._fields(kind, context)
        if isinstance(fields, str):
            return fields
        if fields is None:
            return FALSE
        if isinstance(fields, _Fields):
            return TRUE if fields.match(target, whole=whole) else FALSE
        return self._open(target, kind, context, whole=whole)

    def _fields(self, kind: PolicyKind, context: Context) -> _Fields | str | Unknown | None:
        if not self.template.variables:
            if kind not in self._plain:
                tokens = self.template.fill(context)
                self._plain[kind] = split_pattern(tokens, kind) if isinstance(tokens, str) else None
            return self._plain[kind]
        if "${" in ":".join(self.text.split(":", 5)[:5]):
            return None  # variables stand only after the fifth colon
        tokens = self.template.fill(context)
        return split_pattern(tokens, kind) if isinstance(tokens, str) else tokens

    def _open(self, target: Target, kind: PolicyKind, context: Context, *, whole: bool) -> Dnf:
        """What an open variable would have to be: the values with which the entry fits."""
        wide = "".join(part if isinstance(part, str) else ANY for part in self.template.parts)
        fields = split_pattern(wide, kind)
        if not isinstance(fields, _Fields) or not fields.match(target, whole=whole):
            return FALSE
        unknown = [item for item in self.template.variables if isinstance(context.lookup(item.key), Unknown)]
        values = self._values(target, kind, context) if len(unknown) == 1 and not target.is_pattern else ()
        name = unknown[0].name
        if values:
            absent = context.fixed({name.lower(): ABSENT})
            exists = "IfExists" if self._fits(target, kind, absent) else ""  # by its default
            shown = Condition(f"StringEquals{exists}", name, values)
            return of_literal(Remaining(("", "StringEquals", exists, name.lower(), *sorted(values)), True, shown))
        atom = ("resource", name.lower(), self.text, target.arn)
        return of_literal(Remaining(atom, True, Condition("Null", name, ("false",))))

    def _fits(self, target: Target, kind: PolicyKind, context: Context) -> bool:
        filled = self.template.fill(context)
        fields = split_pattern(filled, kind) if isinstance(filled, str) else None
        return isinstance(fields, _Fields) and fields.match(target, whole=True)

    def _values(self, target: Target, kind: PolicyKind, context: Context) -> tuple[str, ...]:
        """Each piece of the target's text that, put in for the one open variable, makes the entry fit."""
        text = target.fields[5] if target.fields else ""
        before = "".join(part for part in self.template.parts[: self._first_open(context)] if isinstance(part, str))
        prefix = before.split(":", 5)[-1]
        if ANY in prefix or ONE in prefix or not text.startswith(prefix):
            return ()
        found = []
        for end in range(len(prefix) + 1, len(text) + 1):
            value = text[len(prefix) : end]
            name = self.template.parts[self._first_open(context)]
            assert not isinstance(name, str)
            if self._fits(target, kind, context.fixed({name.key: (value,)})):
                found.append(value)
        return tuple(found)

    def _first_open(self, context: Context) -> int:
        for index, part in enumerate(self.template.parts):
            if not isinstance(part, str) and isinstance(context.lookup(part.key), Unknown):
                return index
        return len(self.template.parts)


def full_pattern(entry: str) -> str | None:
    """An entry as a full ARN pattern, as identity policies read it; `None` when it names nothing."""
    fields = split_pattern(tokens_of(entry), "identity")
    return fields.text if isinstance(fields, _Fields) else None


@lru_cache(maxsize=16_384)
def _glob_of(tokens: str) -> Glob:
    """The pattern of one field: most fields are the same in all ARNs of an account."""
    return Glob(tokens, tokens)


class _Fields:
    """A pattern's six fields, compiled."""

    __slots__ = ("_behind_run", "_globs", "_runs_on", "_tail", "_texts", "_wild_type")

    def __init__(self, fields: Sequence[str]) -> None:
        self._globs = tuple([_glob_of(field) for field in fields[1:]])
        self._texts = tuple([displayed(field) for field in fields[1:]])
        places = fields[3:5]
        self._runs_on = any(ANY in field for field in places) and all(
            field.find(ANY) in (-1, len(field) - 1) and ONE not in field for field in places
        )
        self._tail = Glob("", ":".join(fields[3:])) if self._runs_on else None
        runs_over_account = fields[3].endswith(ANY) and fields[4] and ANY not in fields[4] and ONE not in fields[4]
        self._behind_run = _glob_of(":".join(fields[4:])) if runs_over_account else None
        """Of `arn:aws:lambda:*:function:dev-*` the Region's star takes the account along: `function:dev-*` is left."""
        head = _resource_type(fields[5])
        whole = head == ANY and fields[5].strip(ANY + "/:") == ""
        self._wild_type = not whole and fields[5].strip(ANY) != "" and (ANY in head or ONE in head)
        if self._wild_type and has_untyped_resources(fields[2]):
            self._wild_type = False

    @property
    def text(self) -> str:
        return ":".join(("arn", *self._texts))

    def match(self, target: Target, *, whole: bool) -> bool:
        if target.fields is None:
            return target.is_any and not whole
        _, partition, service, region, account, resource = target.fields
        if service != self._texts[1]:
            return False
        if (
            self._behind_run is not None
            and not target.is_pattern
            and self._behind_run.matches(resource)
            and self._globs[0].matches(partition)
            and self._globs[2].matches(f"{region}:{account}")
        ):
            return True
        if self._wild_type and ("/" in resource or ":" in resource or _separated(self._texts[4])):
            return False
        if target.is_pattern:
            return self._compare(target.fields[1:], whole=whole)
        if not self._globs[0].matches(partition):
            return False
        if self._globs[2].matches(region) and self._globs[3].matches(account) and self._globs[4].matches(resource):
            return True
        return self._tail is not None and self._tail.matches(f"{region}:{account}:{resource}")

    def overlaps(self, other: _Fields) -> bool:
        return all(globs_overlap(mine, theirs) for mine, theirs in zip(self._texts, other._texts, strict=True))

    def _compare(self, fields: Sequence[str], *, whole: bool) -> bool:
        compare = glob_covers if whole else globs_overlap
        return all(compare(mine, theirs) for mine, theirs in zip(self._texts, fields, strict=True))


def _resource_type(resource: str) -> str:
    ends = [at for at in (resource.find("/"), resource.find(":")) if at >= 0]
    return resource[: min(ends)] if ends else resource


def _separated(resource: str) -> bool:
    return "/" in resource or ":" in resource


def split_pattern(tokens: str, kind: PolicyKind) -> _Fields | str | None:
    """The fields of an ARN pattern given as tokens; what an ARN with fewer than six means depends on the policy (rule
    33).

    Identity policies and boundaries fill up with `*`. For a session policy the STS call fails. Resource and endpoint
    policies match nothing unless a wildcard stands in it; organizations refuse it, but for a final `*` in an SCP, which
    runs on past the colons.
    """
    fields = tokens.split(":", 5)
    if fields[0] != "arn":
        return None
    if len(fields) > 2 and (ANY in fields[2] or ONE in fields[2]):
        return None
    if len(fields) == 6:
        return _Fields(fields)
    if kind in ("session", "rcp") or (kind == "scp" and not tokens.endswith(ANY)):
        return MALFORMED
    if kind in ("resource", "trust", "endpoint") and ANY not in tokens:
        return None
    if len(fields) < 3:
        return None
    return _Fields([*fields, *[ANY] * (6 - len(fields))])


def resource_matches(
    entries: Sequence[ResourcePattern],
    target: Target,
    *,
    negated: bool,
    allow: bool,
    kind: PolicyKind,
    context: Context,
) -> Dnf:
    """Whether a `Resource` (or, `negated`, a `NotResource`) element lets its statement apply.

    For a question about a pattern an Allow on a part is enough, a Deny must cover all of it (rule 35).
    """
    whole = not target.is_pattern or allow == negated
    found: list[Dnf] = []
    for entry in entries:
        result = entry.covers(target, kind, context) if whole else entry.touches(target, kind, context)
        if isinstance(result, str):
            return FALSE
        found.append(result)
    matched = any_of(found)
    return negation(matched) if negated else matched


def arns_overlap(one: str, other: str) -> bool:
    """Whether two patterns, as an identity policy would read them, can name the same resource."""
    if one == "*" or other == "*":
        return True
    fields = [split_pattern(tokens_of(text), "identity") for text in (one, other)]
    if not all(isinstance(item, _Fields) for item in fields):
        return False
    first, second = (item for item in fields if isinstance(item, _Fields))
    return first.overlaps(second)
