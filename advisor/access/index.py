"""The whole account at once: who can do something, what somebody can do, and single requests, over shared statements.

An index belongs to its snapshots and is never edited in place. It is cheap to build: documents are compiled when a
question first needs them, and each answer comes out of the same `conclude` as a single request.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from advisor.access.action_sets import ActionSet, set_of, set_of_patterns
from advisor.access.applying import Memo
from advisor.access.controls import Controls
from advisor.access.granted import Grant, Granted, Trusts, actions_of_grant, targets
from advisor.access.inventory import Inventory
from advisor.access.outsiders import Outsider, named_principals, outsiders_of
from advisor.access.population import Population
from advisor.access.principals import Class, Holdings, Principal, classes_of
from advisor.access.question import Places, Question
from advisor.access.readers import Reader
from advisor.access.statements import StatementIndex
from advisor.access.surroundings import Surroundings, caller_of
from advisor.access.sweep import Sweep
from advisor.access.vocabulary import Vocabulary
from advisor.evaluate.layers import decide
from advisor.evaluate.policies import Layer, policy
from advisor.evaluate.principals import Caller, parse_caller
from advisor.evaluate.statement import CompiledStatement
from advisor.model.change import Flip
from advisor.model.document import Document, Statement
from advisor.model.gap import Gap
from advisor.model.snapshot import Snapshot
from advisor.model.verdict import Answers, Decision, Permission, Verdict
from advisor.model.work import paused_collector

if TYPE_CHECKING:
    from advisor.access.matrix import Matrix
    from advisor.access.offers import Offers
    from advisor.access.reasons import HeldReasons
    from advisor.access.standing import Standings
    from advisor.access.via import Steps

Context = Mapping[str, tuple[str, ...]]


def build_index(snapshots: Sequence[Snapshot], strict: bool = False, home: str = "") -> AccessIndex:
    """The index over one or several accounts. A resource that nothing places is in each caller's own account, or in the
    one that `home` names.
    """
    with paused_collector():
        index = AccessIndex(tuple(snapshots), strict, home)
        index.prepare()
        return index


MOST_MEMOS = 64


class AccessIndex:
    """Answers over the accounts of some snapshots. `strict` turns what was never read into unknown."""

    def __init__(self, snapshots: tuple[Snapshot, ...], strict: bool, home: str = "") -> None:
        self.snapshots = snapshots
        self.strict = strict
        self.holdings = tuple(Holdings(snapshot, at) for at, snapshot in enumerate(snapshots))
        self.inventory = Inventory(snapshots, home)
        self.surroundings = Surroundings(snapshots, self.holdings, self.inventory)
        self.classes: list[Class] = []
        self.class_of: dict[str, Class] = {}
        for holdings in self.holdings:
            classes, class_of = classes_of(holdings, len(self.classes))
            self.classes += classes
            self.class_of |= class_of

    def prepare(self) -> None:
        """Make what every question about everybody reads, so that the first one need not wait for it."""
        import advisor.access.who_can  # noqa: F401

        self.question("*", None, {})  # reads the dated lists
        _ = self.statements, self.boundary_statements, self.population, self.principals

    # --- Parts that are made when first asked for --------------------------------------------------------------------

    @cached_property
    def statements(self) -> StatementIndex:
        """The statements of all identity policies that somebody holds."""
        index = StatementIndex()
        index.add(self._held.values())
        return index

    @cached_property
    def _held(self) -> dict[int, Document]:
        """The distinct documents of identity policies by their identity, in the order of their holders."""
        return {id(document): document for found in self.classes for document in found.documents}

    @cached_property
    def boundaries(self) -> list[Document]:
        """The distinct documents of permissions boundaries."""
        found = {id(item.boundary): item.boundary for item in self.classes if item.boundary is not None}
        return list(found.values())

    @cached_property
    def boundary_statements(self) -> StatementIndex:
        index = StatementIndex()
        index.add(self.boundaries)
        return index

    @cached_property
    def places(self) -> Places:
        lone = frozenset(
            snapshot.account
            for snapshot in self.snapshots
            if snapshot.organization is None and "scp" in snapshot.source.read_layers
        )
        return Places(self.surroundings.organizations(), lone, [snapshot.taken_at for snapshot in self.snapshots])

    @cached_property
    def principals(self) -> dict[str, Principal]:
        """Every user and role by ARN."""
        return {member.arn: member for found in self.classes for member in found.members}

    @cached_property
    def population(self) -> Population:
        """Every user and role, numbered."""
        return Population(self.classes)

    @cached_property
    def reasons(self) -> HeldReasons:
        """Statements in the hands of their holders."""
        from advisor.access.reasons import HeldReasons

        return HeldReasons(self.population)

    def reader(self, statement: CompiledStatement) -> Reader:
        """A statement of a layer that many share, with what is known of those whom it reads."""
        found = self._readers.get(id(statement))
        if found is None:
            found = self._readers[id(statement)] = Reader(statement)
        return found

    @cached_property
    def _readers(self) -> dict[int, Reader]:
        return {}

    def nobody(self, position: int, kind: str, has_boundary: bool) -> Caller:
        """A principal of an account that no policy names."""
        snapshot = self.snapshots[position]
        prefix = f"arn:{snapshot.partition}:iam::{snapshot.account}"
        arn = f"{prefix}:user/ " if kind == "user" else f"{prefix}:role/ "
        return parse_caller(arn, has_boundary=has_boundary, tags=())._replace(
            is_service_linked=kind == "service-linked"
        )

    def named_by(self, question: Question) -> frozenset[str]:
        """Our own principals that the policy or the grants of the question's resource name."""
        return named_principals(self, question)

    # --- Questions ---------------------------------------------------------------------------------------------------

    def question(self, action: str, resource: str | None, context: Context) -> Question:
        arn = resource or "*"
        return Question(action, arn, self.inventory.place(arn), context, self.places)

    def can(
        self,
        principal: str,
        action: str,
        resource: str | None = None,
        context: Context | None = None,
        *,
        session_policy: str | None = None,
    ) -> Verdict:
        """One verdict with its trace, from every policy around the request, statement by statement.

        Raises:
            InputError: the session policy is no policy, or one that STS refuses.
        """
        from advisor.access.asking import read_session_policy
        from advisor.access.together import with_others

        session = None
        if session_policy is not None:
            session = Layer((policy(read_session_policy(session_policy), "session policy", "session", principal),))

        caller, question = self.caller(principal), self.question(action, resource, context or {})
        if question.target.is_pattern and session is None and caller.arn in self.principals:
            from advisor.access.who_can import on_any

            return on_any(self, caller, question)
        return with_others(self, caller, question, self.verdict(caller, question, session), session)

    def caller(self, principal: str) -> Caller:
        """The caller that an ARN, a service or `*` names; a user or role with what the snapshot knows of it."""
        found = self.principals.get(principal)
        if found is not None:
            return caller_of(found)
        caller = parse_caller(principal)
        if caller.kind == "federated-user":
            return caller
        behind = self.principals.get(caller.principal) or self._role_by_name(caller)
        if behind is None:
            return caller
        known = caller_of(behind)
        return known._replace(arn=caller.arn, kind=caller.kind, session=caller.session)

    def _role_by_name(self, caller: Caller) -> Principal | None:
        """The role behind a session, whose ARN leaves the role's path out."""
        position = self.inventory.position_of(caller.account) if caller.kind == "session" else None
        if position is None:
            return None
        return self._role_names[position].get(caller.principal.rsplit("/", 1)[-1])

    @cached_property
    def _role_names(self) -> tuple[dict[str, Principal], ...]:
        return tuple({role.name: role for role in snapshot.roles} for snapshot in self.snapshots)

    def verdict(self, caller: Caller, question: Question, session: Layer | None = None) -> Verdict:
        """One request, assembled and decided on its own."""
        behind = self.principals.get(caller.principal)
        policies = self.surroundings.around(caller, behind, question.resource, question.place, session)
        return decide(question.asked(caller), policies, strict=self.strict)

    def flips(
        self, principal: str, action: str, resource: str | None = None, context: Context | None = None
    ) -> tuple[Flip, ...]:
        """The smallest single changes to the first account that would turn the answer, each evaluated again.

        None where the call fails for something else that it needs: a change here would not turn that.
        """
        from advisor.access.together import with_others
        from advisor.evaluate.flips import flips

        caller, question = self.caller(principal), self.question(action, resource, context or {})
        behind = self.principals.get(caller.principal)
        policies = self.surroundings.around(caller, behind, question.resource, question.place)
        alone = self.verdict(caller, question)
        if with_others(self, caller, question, alone) is not alone:
            return ()
        return flips(question.asked(caller), policies, self.snapshots[0])

    def sweep(self, question: Question, part: int | None = None, memo: Memo | None = None) -> Sweep:
        """A question to everybody, or to the principals whose bits are in `part`."""
        return Sweep(self, question, part, memo)

    def memo(self, action: str, context: Context) -> Memo:
        """What questions about one action with the same fixed keys share, whichever resource they are about."""
        key = (action, tuple(sorted(context.items())))
        found = self._memos.get(key)
        if found is None:
            if len(self._memos) >= MOST_MEMOS:
                self._memos.clear()
            found = self._memos[key] = Memo()
        return found

    @cached_property
    def _memos(self) -> dict[object, Memo]:
        return {}

    def outsiders(self, question: Question) -> list[Outsider]:
        return outsiders_of(self, question)

    def who_can(
        self, action: str, resource: str | None = None, context: Context | None = None, *, via: bool = False
    ) -> Answers:
        """Every principal that can do the action, or may be able to. Globs in both; `None` asks for any resource.

        Raises:
            UsageError: the action is no action pattern.
        """
        from advisor.access.asking import check_action
        from advisor.access.who_can import who_can

        check_action(action)
        with paused_collector():
            return who_can(self, action, resource, context or {}, via=via)

    def what_can(
        self, principal: str, resource: str | None = None, context: Context | None = None
    ) -> tuple[Permission, ...]:
        """The effective permissions of a principal, action by action, sorted by action."""
        from advisor.access.together import without_impossible
        from advisor.access.what_can import what_can

        with paused_collector():
            found = what_can(self, principal, resource, context or {})
            return without_impossible(self, principal, found, context or {})

    def hidden_from(self, principal: str) -> tuple[Gap, ...]:
        """What hides identity policies of a principal: what they allow beyond all that was read is unknown."""
        found = self.class_of.get(self.caller(principal).principal)
        return found.gaps if found is not None else ()

    @cached_property
    def matrix(self) -> Matrix:
        """Principals by actions: bounds of what each class can do on some resource."""
        from advisor.access.matrix import Matrix

        with paused_collector():
            return Matrix(self)

    # --- Who can become whom ------------------------------------------------------------------------------------------

    @cached_property
    def _steps(self) -> dict[object, Steps]:
        return {}

    def steps_into(self, context: Context) -> Steps:
        """For each role those who can assume it, worked out once for a context."""
        from advisor.access.via import steps_into

        key = tuple(sorted(context.items()))
        if key not in self._steps:
            self._steps[key] = steps_into(self, context)
        return self._steps[key]

    @cached_property
    def _persons(self) -> dict[str, list[tuple[str, str, Decision]]]:
        found: dict[str, list[tuple[str, str, Decision]]] = {}
        for snapshot in self.snapshots:
            for entitlement in snapshot.human_access.entitlements or ():
                person = f"{entitlement.principal_kind}:{entitlement.principal}"
                found.setdefault(entitlement.role, []).append((person, "person", "allowed"))
        return found

    def persons_of(self, role: str) -> list[tuple[str, str, Decision]]:
        """Persons and groups of a directory that may wear a role, each as `user:name` or `group:name`."""
        return self._persons.get(role, [])

    # --- What resources grant ----------------------------------------------------------------------------------------

    @cached_property
    def granted(self) -> Granted:
        return Granted(self.snapshots)

    @cached_property
    def standings(self) -> Standings:
        """What stands around resources whoever asks."""
        from advisor.access.standing import Standings

        return Standings(self)

    @cached_property
    def offers(self) -> Offers:
        """What resources give to principals whose own policies say nothing of it."""
        from advisor.access.offers import Offers

        return Offers(self)

    @cached_property
    def trusts(self) -> tuple[Trusts, ...]:
        return tuple(Trusts(snapshot) for snapshot in self.snapshots)

    @cached_property
    def has_keys(self) -> bool:
        """Whether KMS keys are among the resources that were read."""
        return any(resource.kind == "kms:key" for snapshot in self.snapshots for resource in snapshot.resources)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """Every distinct action pattern of any policy, and compiled statements."""
        return Vocabulary(self.classes, self.snapshots, self.surroundings.organizations())

    def grants_to(self, caller: Caller) -> list[Grant]:
        """Allow statements of resource policies that name the caller."""
        return self.granted.to(caller)

    def policy_statements(self, arn: str) -> tuple[Statement, ...]:
        """The statements of a resource's own policy."""
        found = self.inventory.place(arn).resource
        return found.policy.statements if found is not None and found.policy is not None else ()

    def sets_on(self, target: str) -> tuple[ActionSet, ...]:
        """The sets of actions that a resource's own policy (and what stands beside it) tells apart."""
        place = self.inventory.place(target)
        found = place.resource
        if found is None:
            return ()
        documents = [found.policy] if found.policy is not None else []
        behind = self.surroundings.behind(place)
        if behind is not None:
            documents += [item.document.document for item in behind.layer.policies]
        granted = [set_of_patterns(actions_of_grant(grant)) for grant in found.grants]
        return (*(set_of(item) for document in documents for item in document.statements), *granted)

    @cached_property
    def controls(self) -> Controls:
        """What resource control policies name."""
        return Controls(self.surroundings, [snapshot.account for snapshot in self.snapshots])

    def targets(self, action: str, pattern: str, caller: Caller) -> Iterator[tuple[str, tuple[str, ...]]]:
        return targets(self, action, pattern, caller)

    def documents_of(self, principal: str) -> tuple[Document, ...]:
        """The distinct identity documents of a principal, its groups' included."""
        found = self.class_of.get(principal)
        return found.documents if found else ()
