"""One question to an account, taken apart once and asked for one caller after the other."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from functools import cached_property

from advisor.access.inventory import Place
from advisor.evaluate.context import Context
from advisor.evaluate.context_keys import (
    TAGS_OF_RESOURCE,
    AccountFacts,
    not_before,
    principal_context,
    request_context,
    resource_context,
)
from advisor.evaluate.operators import moment_of
from advisor.evaluate.principals import Caller
from advisor.evaluate.resources import Target
from advisor.evaluate.statement import Asked
from advisor.model.arn import parse_arn
from advisor.model.organization import Organization
from advisor.model.principal import Tags
from advisor.reference import catalogue

ANY_REGION = "zq7xw"
"""A Region that stands for any: the request's Region stays open."""


class Places:
    """What is known of each account's place in an organization, and of the time of every request."""

    def __init__(
        self, organizations: list[Organization], lone: frozenset[str] = frozenset(), read_at: Iterable[str] = ()
    ) -> None:
        self._organizations = organizations
        self._lone = lone
        """Accounts that are known to be in no organization."""
        moments = [moment_of(text) for text in read_at]
        known = [moment for moment in moments if moment is not None]
        self.since = min(known) if known and len(known) == len(moments) else None
        """Seconds since 1970 of the first reading: nothing that is asked about happens before it."""

    def of(self, account: str) -> AccountFacts:
        for found in self._organizations:
            members = {name for name, _ in (*(found.accounts or ()), *(found.scps or ()))} | {found.management_account}
            if account in members:
                return AccountFacts(account, found.id or None, dict(found.paths).get(account))
        return AccountFacts(account, "" if account in self._lone else None)

    def context_of(self, caller: Caller) -> Context:
        """The keys that follow from who calls."""
        return principal_context(caller, self.of(caller.account) if caller.account else None, self.since)


class Question:
    """An action on a resource in a context. `fixed` holds the keys that the asker gave."""

    def __init__(
        self, action: str, resource: str, place: Place, fixed: Mapping[str, tuple[str, ...]], places: Places
    ) -> None:
        self.action = action
        self.resource = resource
        self.place = place
        self.fixed = dict(fixed)
        self._places = places
        self.service, _, self.name = action.lower().partition(":")
        parsed = parse_arn(resource)
        self.partition = parsed.partition if parsed and parsed.partition not in ("*", "") else "aws"
        self.target = Target(resource, takes_resources=catalogue.takes_resources(action))
        self._below = self._resource_context(parsed.region if parsed else "")

    def _resource_context(self, region: str) -> Context:
        found = self.place.resource
        tags = _tags_of(self.place)
        gap = self.place.tags_gap
        counts = not (found is not None and found.kind == "s3:bucket" and not found.abac and gap is None)
        context = resource_context(
            self.action,
            self.place.account,
            self._places.of(self.place.account),
            tags=tags,
            counts_tags=counts,
            tags_gap=gap,
        )
        where = found.region if found is not None else "" if "*" in region or region == ANY_REGION else region
        return context.over(not_before(self._places.since)).over(request_context(self.action, where, self.partition))

    @cached_property
    def surroundings(self) -> Hashable:
        """All that the context says beyond the caller and the asker's keys."""
        return self._below.facts

    @cached_property
    def surroundings_but_tags(self) -> Hashable:
        """The same without the tags of the resource."""
        return self._below.facts_without(TAGS_OF_RESOURCE)

    def asking(self, action: str) -> Question:
        """The same question about another action."""
        return Question(action, self.resource, self.place, self.fixed, self._places)

    def context_of(self, caller: Caller) -> Context:
        """The whole context of a call by this caller: what the asker fixed comes first."""
        return self.around(self._places.context_of(caller))

    def around(self, principal: Context) -> Context:
        """The whole context over what is known of the caller."""
        return principal.over(self._below).fixed(self.fixed)

    def asked(self, caller: Caller, context: Context | None = None) -> Asked:
        """The request as `evaluate` takes it."""
        return Asked(
            caller,
            self.action,
            self.service,
            self.name,
            self.target,
            self.place.account,
            self.partition,
            context if context is not None else self.context_of(caller),
        )


def _tags_of(place: Place) -> Tags | None:
    """The tags of the resource; `None` where they were not read."""
    if place.role is not None:
        return place.role.tags
    if place.tags is not None:
        return place.tags
    if place.resource is None or ("tags", "unread") in place.resource.settings:
        return None
    return place.resource.tags
