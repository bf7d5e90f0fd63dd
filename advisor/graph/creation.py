"""Whether an action is allowed on something that the actor names itself: a function to be created, or one not read.

The candidates are what the patterns of the statements have in common, so that two actions on one thing are asked about
the same thing: creating `dev-*` and invoking `prod-*` do not add up, creating `dev-*` and invoking `*-job` do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice, product

from advisor.access.patterns import common
from advisor.evaluate.context import Context
from advisor.evaluate.residual import FALSE, TRUE, Dnf, all_of, any_of, gap_literal, negation, of_literal
from advisor.evaluate.resources import Target
from advisor.graph.holders import Holder
from advisor.graph.lines import Line
from advisor.graph.powers import Fixed, Pieces, Powers
from advisor.model.document import Document
from advisor.model.gap import Gap
from advisor.reference import catalogue

MOST_CANDIDATES = 512
"""More patterns of one type than these are not compared with each other: the answer says that it does not know."""
_NAME, _REGION, _OWNER = "q7-new-1x", "us-east-1", "000000000000"
Question = tuple[str, Fixed]
"""An action with the condition keys that the request fixes."""
_TOO_MANY = Gap(
    call="patterns",
    kind="absent",
    reason=f"more than {MOST_CANDIDATES} patterns of things were not compared with each other",
    makes_unknown="whether one thing fits all the statements at once",
)


class Creation:
    """Answers about things without an ARN yet, remembered by the statements that matter."""

    def __init__(self, powers: Powers, like: Creation | None = None) -> None:
        self.powers = powers
        snapshot = powers.account.snapshot
        self._account, self._partition = snapshot.account, snapshot.partition
        self._types: dict[tuple[str, str], tuple[str, ...] | None] = {}
        self._known: dict[tuple[object, ...], tuple[Dnf, str]] = {}
        self._covered: dict[tuple[int, str, bool], Dnf] = {}
        self._taken = {(arn.split("/")[0], arn.rpartition("/")[2].lower()) for arn in powers.account.nodes.arns}
        """The users and roles that are there, as what their ARN begins with and their name in lower case."""
        if like is not None and powers.account.looks_like(like.powers.account):
            self._types, self._known, self._covered = like._types, like._known, like._covered

    def some(self, holder: Holder, node: int, questions: Sequence[Question], kind: str = "") -> Dnf:
        """When all the actions are allowed, those on one type of thing on the same thing.

        `kind`: what the actions are asked about (`ec2:instance`), where a call takes several types of things.
        """
        by_type: dict[str, list[Question]] = {}
        formulas: list[Dnf] = []
        for question in questions:
            required = self._required(question[0], kind)
            if required is None:
                formulas.append(self._anywhere(holder, node, question))
            for pattern in required or ():
                by_type.setdefault(pattern, []).append(question)
        for pattern, group in sorted(by_type.items()):
            formulas.append(self.on_type(holder, node, pattern, group)[0])
            if not formulas[-1]:
                return FALSE
        return all_of(formulas)

    def on(self, holder: Holder, node: int, question: Question, kind: str, arn: str) -> Dnf:
        """When the action is allowed on one thing of a kind that is there, and on some of whatever else the call needs:
        a command needs its document as well as the instance.
        """
        policy = self.powers.account.thing_policies.get(arn)
        if policy is None:
            formula = self.allowed(holder, node, question, Target(arn))
        else:
            formula = self._by_both(holder, node, question, Target(arn), policy)
        own = self._own_type(question[0], kind)
        beside = self._required(question[0], kind) if formula and own else None
        others = (self.on_type(holder, node, pattern, [question])[0] for pattern in beside or () if pattern != own)
        return all_of((formula, *others))

    def _required(self, action: str, kind: str = "") -> tuple[str, ...] | None:
        """ARN patterns of the types that the call needs; `None` when any of several will do, or it takes none."""
        key = action, kind
        if key not in self._types:
            self._types[key] = self._read(action, kind)
        return self._types[key]

    def _read(self, action: str, kind: str) -> tuple[str, ...] | None:
        found = catalogue.action(action)
        if found is None:
            return None
        own = self._own_type(action, kind)
        needed = {item.name.lower() for item in found.resource_types if item.required}
        patterns = [self._pattern(kind) for kind in catalogue.resource_types(action) if kind.key.lower() in needed]
        # a thing of AWS's own is never what the actor makes: its type stands beside the one for things of the account
        mine = [pattern for pattern in patterns if pattern.split(":")[4] != "aws"] or patterns
        return tuple(dict.fromkeys([*([own] if own else ()), *mine])) or None

    def _own_type(self, action: str, kind: str) -> str | None:
        """The ARN pattern of the kind of thing, where the call takes such things."""
        name = kind.partition(":")[2].lower()
        return next((self._pattern(one) for one in catalogue.resource_types(action) if one.key.lower() == name), None)

    def kind_of(self, action: str) -> str:
        """The ARN pattern of what a call makes."""
        return next(iter(self._required(action) or ()), "*")

    def _pattern(self, kind: catalogue.ResourceType) -> str:
        return catalogue.arn_pattern(kind, partition=self._partition, account=self._account)

    def _anywhere(self, holder: Holder, node: int, question: Question) -> Dnf:
        types = self._types_of(question[0])
        if not types:
            return self.allowed(holder, node, question, Target("*", takes_resources=False))
        return any_of(self.on_type(holder, node, pattern, [question])[0] for pattern in types)

    def types(self, action: str, kind: str = "") -> Sequence[str]:
        """ARN patterns of what a call is about."""
        return self._required(action, kind) or self._types_of(action)

    def _types_of(self, action: str) -> list[str]:
        """ARN patterns of the types that the call takes, of which any will do."""
        types = [self._pattern(kind) for kind in catalogue.resource_types(action)]
        if not types and catalogue.takes_resources(action):
            types = [f"arn:{self._partition}:{action.partition(':')[0]}:*:{self._account}:*"]
        return types

    def things(self, holder: Holder, node: int, questions: Sequence[Question], kind: str = "") -> dict[Question, str]:
        """The ARN pattern of a thing on which each of the actions is allowed, one for those on one type of thing."""
        found: dict[Question, str] = {}
        for question in questions:
            required = self._required(question[0], kind)
            for pattern in self._types_of(question[0]) if required is None else required:
                alike = [one for one in questions if required and pattern in (self._required(one[0], kind) or ())]
                formula, thing = self.on_type(holder, node, pattern, alike or [question])
                if formula:
                    found.setdefault(question, thing)
        return found

    def on_type(self, holder: Holder, node: int, pattern: str, questions: Sequence[Question]) -> tuple[Dnf, str]:
        """When all actions are allowed on one thing of the type, and the pattern of such things."""
        asked = [self.powers.asked(holder, action) for action, _ in questions]
        if not all(one.allows for one in asked):
            return FALSE, pattern
        questions = [(name, one.relevant(fixed)) for one, (name, fixed) in zip(asked, questions, strict=True)]
        if any(one.personal for one in asked):
            return self._best(holder, node, pattern, questions)
        who = self.powers.account.holder_kind(node)
        node = self.powers.account.example(node)
        key = (pattern, tuple(questions), who, holder.gaps, holder.boundary_gap, *(one.key for one in asked))
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._best(holder, node, pattern, questions)
        return found

    def _best(self, holder: Holder, node: int, pattern: str, questions: Sequence[Question]) -> tuple[Dnf, str]:
        perhaps: list[Dnf] = []
        first = ""
        for thing in self._candidates(holder, node, pattern, questions):
            if thing is None:
                perhaps.append(of_literal(gap_literal(_TOO_MANY, "Allow")))
                continue
            if self._is_taken(thing):
                continue
            target = Target(instance(thing))
            formula = all_of(self.allowed(holder, node, question, target) for question in questions)
            if formula == TRUE:
                return TRUE, thing
            if formula:
                first = first or thing
                perhaps.append(formula)
        return any_of(perhaps), first or pattern

    def _is_taken(self, thing: str) -> bool:
        """Whether a user or role of that very name is there: their names are told apart by more than case and path."""
        kind, _, name = thing.rpartition("/")
        return "*" not in name and "?" not in name and (kind.split("/")[0], name.lower()) in self._taken

    def _candidates(
        self, holder: Holder, node: int, pattern: str, questions: Sequence[Question]
    ) -> Iterator[str | None]:
        """Patterns of the type as narrow as statements of all actions and layers name it; `None` when cut short.

        A statement covers an instance of such a pattern wholly or not at all, so that one instance speaks for all.
        """
        yield pattern
        found: dict[str, None] = {pattern: None}
        for layer in self._layers(holder, node, questions):
            met = dict.fromkeys(both for mine in found for theirs in layer for both in meet(mine, theirs))
            if len(met) > MOST_CANDIDATES:
                yield None
            found = dict.fromkeys(islice(met, MOST_CANDIDATES))
        found.pop(pattern, None)
        yield from found

    def _layers(self, holder: Holder, node: int, questions: Sequence[Question]) -> Iterator[tuple[str, ...]]:
        """Patterns of which one must cover the thing; a layer that speaks of everything is left out."""
        for action, fixed in questions:
            asked = self.powers.asked(holder, action)
            context = self.powers.context(node, action, fixed)
            for lines in (asked.allows, *(() if asked.boundary is None else (asked.boundary,)), *asked.levels):
                if layer := self._named(lines, context):
                    yield layer
            for line in asked.denies:
                if line.compiled.not_resources:
                    # outside of what is excepted the statement may not hold: everything stays a candidate, too
                    yield (*line.patterns(context), "*")

    def _named(self, lines: Iterable[Line], context: Context) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for line in lines:
            if line.is_wide:
                if not line.compiled.conditions and not line.compiled.not_resources:
                    return ()
                found.setdefault("*")
            elif not line.compiled.not_resources:
                found.update(dict.fromkeys(line.patterns(context)))
        return tuple(found)

    def allowed(self, holder: Holder, node: int, question: Question, target: Target) -> Dnf:
        """The decision of the actor's own policies on one thing that is in no universe."""
        pieces = self._pieces(holder, node, question, target, alone=True)
        return pieces.allowed if pieces else FALSE

    def _pieces(
        self, holder: Holder, node: int, question: Question, target: Target, *, alone: bool = False
    ) -> Pieces | None:
        """What each layer of the actor says; `None` when the policies say nothing and are `alone`."""
        action, fixed = question
        asked = self.powers.asked(holder, action)
        context = self.powers.context(node, action, fixed)

        def applies(lines: Iterable[Line]) -> list[Dnf]:
            found = []
            for line in lines:
                resource = self._covers(line, target, context)
                if resource:
                    holds = self.powers.holds(line, node, action, fixed, None)
                    found.append(holds if resource == TRUE else all_of((resource, holds)))
            return found

        identity = any_of(applies(asked.allows))
        if alone and not identity:
            return None
        boundary = TRUE if asked.boundary is None else any_of(applies(asked.boundary))
        denies = applies(asked.denies)
        if holder.boundary_gap is not None:
            boundary = of_literal(gap_literal(holder.boundary_gap, "Allow"))
            denies.append(of_literal(gap_literal(holder.boundary_gap, "Deny")))
        return Pieces(
            identity=identity,
            boundary=boundary,
            organization=all_of(any_of(applies(level)) for level in asked.levels),
            denied=any_of([*denies, *(of_literal(gap_literal(gap, "Deny")) for gap in holder.gaps)]),
        )

    def _by_both(self, holder: Holder, node: int, question: Question, target: Target, document: Document) -> Dnf:
        """The decision where the thing has a policy of its own, which in the same account is enough by itself."""
        own = self._pieces(holder, node, question, target)
        assert own is not None
        account = self.powers.account
        caller, context = account.caller(node), self.powers.context(node, *question)
        bit = account.lines.actions.bit[question[0]]
        found: dict[str, list[Dnf]] = {"direct": [], "limited": [], "denied": []}
        for line in account.lines.speaking_of(document, "resource", bit):
            names = line.compiled.names(caller, "resource", context)
            covers = line.compiled.matches_resource(target, "resource", context)
            if not names.at_all or not covers:
                continue
            holds = all_of((covers, line.compiled.holds(context)))
            if line.is_deny:
                found["denied"].append(all_of((names.at_all, holds)))
            else:
                found["direct"].append(all_of((names.direct, holds)))
                found["limited"].append(all_of((names.limited, holds)))
        limited = all_of((any_of((own.identity, *found["limited"])), own.boundary))
        granted = any_of((*found["direct"], limited))
        if not granted:
            return FALSE
        return all_of((granted, own.organization, negation(any_of((own.denied, *found["denied"])))))

    def _covers(self, line: Line, target: Target, context: Context) -> Dnf:
        """Whether the statement's resources cover the thing; alike for all who act, without variables."""
        if line.has_variables:
            return line.compiled.matches_resource(target, line.kind, context)
        key = (line.id, target.arn, target.is_any)
        found = self._covered.get(key)
        if found is None:
            found = self._covered[key] = line.compiled.matches_resource(target, line.kind, context)
        return found


@lru_cache(maxsize=65_536)
def meet(one: str, other: str) -> tuple[str, ...]:
    """The ARN patterns that name what both patterns name, field by field; fields that the second lacks are `*`."""
    mine, theirs = one.split(":", 5), other.split(":", 5)
    theirs += ["*"] * (6 - len(theirs))
    if other == "*":
        return (one,)
    fields = [common(a, b) for a, b in zip(mine, theirs, strict=True)]
    if all(fields):
        return tuple(":".join(parts) for parts in product(*fields))
    if all(fields[:4]) and not fields[4] and theirs[3].endswith("*"):
        # a star that ends the Region may run on past the colons: over the account, and over the type of the thing
        rest = ":".join(theirs[4:])
        found = common(mine[5], rest) or common(mine[5], f"*:{rest}")
        resources = [text for text in found if text.count(":") == mine[5].count(":")]
        return tuple(":".join(parts) for parts in product(*fields[:4], (mine[4],), resources))
    return ()


@lru_cache(maxsize=65_536)
def instance(pattern: str) -> str:
    """One thing that a pattern names, with text in place of its stars that policies do not name."""
    fields = pattern.split(":", 5)
    if len(fields) < 6:
        return pattern
    region = _REGION if fields[3] == "*" else fields[3].replace("*", "west-1")
    name = fields[5].replace("*", _NAME)
    return ":".join((*fields[:3], region, fields[4].replace("*", _OWNER), name)).replace("?", "x")
