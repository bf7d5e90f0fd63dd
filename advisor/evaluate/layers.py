"""AWS's evaluation, layer by layer: one request, its policies, one verdict with its trace.

The seam for an index: `decide(asked, policies)` is `conclude(asked, policies, match_layers(asked, policies))`. An index
that already knows which statements can match (by action and resource) builds the same `Matches` from its candidates,
with `found(origin, statement, asked, kind)` and `gather(…)` of `matching.py`, and calls `conclude`: nothing here asks
for statements. Principals of one policy set share an answer unless `CompiledStatement.reads_principal` says that a
candidate reads their own keys, or a resource policy names one of them.

Each layer says when it allows and when it denies, as a `Dnf` over what is open. Source: IAM User Guide, "How AWS
enforcement code logic evaluates requests to allow or deny access", "Cross-account policy evaluation logic"; rules 1–18.
"""

from __future__ import annotations

from typing import NamedTuple

from msgspec.structs import replace

from advisor.evaluate import exceptions, public_access
from advisor.evaluate.context import Unknown
from advisor.evaluate.matching import Found, LayerMatch, Matches, found, gather, match_layer, match_layers
from advisor.evaluate.policies import Layer, Policy, PolicySet, policy
from advisor.evaluate.residual import FALSE, TRUE, Dnf, Literal, all_of, any_of, gap_literal, of_literal
from advisor.evaluate.statement import Asked
from advisor.evaluate.verdicts import Sides, outcome, unread_gap, verdict_of
from advisor.evaluate.witness import satisfy
from advisor.model.gap import Gap
from advisor.model.verdict import LayerName, LayerOutcome, Reason, Verdict

__all__ = [
    "Found", "Layer", "LayerMatch", "Matches", "Part", "Parts", "Policy", "PolicySet", "conclude", "conclude_parts",
    "decide", "deny_of", "found", "gather", "grant_of", "match_layer", "match_layers", "parts_of", "policy", "sides",
    "sides_of", "with_own",
]  # fmt: skip


def decide(asked: Asked, policies: PolicySet, *, strict: bool = False) -> Verdict:
    """The verdict on one request. `strict`: a layer that was never read makes the answer unknown.

    A conditional answer comes with a witness: a context that was evaluated, by this same code, to allowed.
    """
    verdict = conclude(asked, policies, match_layers(asked, policies), strict=strict)
    if verdict.decision != "conditional":
        return verdict
    return replace(verdict, witness=_witness(asked, policies, verdict))


def _witness(asked: Asked, policies: PolicySet, verdict: Verdict) -> dict[str, tuple[str, ...]] | None:
    for term in verdict.conditions:
        found = satisfy(term, asked.context)
        if found is not None:
            fixed = asked._replace(context=asked.context.fixed(found))
            if conclude(fixed, policies, match_layers(fixed, policies)).decision == "allowed":
                return found
    return None


def conclude(asked: Asked, policies: PolicySet, matches: Matches, *, strict: bool = False) -> Verdict:
    """The verdict from what matched: AWS's formulas over the layers, then the three values."""
    return conclude_parts(asked, policies, parts_of(asked, policies, matches), strict=strict)


def conclude_parts(asked: Asked, policies: PolicySet, parts: Parts, *, strict: bool = False) -> Verdict:
    """The verdict from what each layer says: `conclude`, for an index that reads the layers that all share once."""
    if exceptions.never_refused(asked):
        step = LayerOutcome("identity", "allows", detail="never-refused")
        return Verdict("allowed", trace=(step,))
    return verdict_of(sides_of(asked, policies, parts), asked.context, strict=strict)


class Part(NamedTuple):
    """One layer in play: when it allows, when it denies, and its line of the trace."""

    allow: Dnf
    deny: Dnf
    step: LayerOutcome


class ResourceSide(NamedTuple):
    """What the resource's side grants, by how it names the caller. `blocked`: S3's public access block refuses."""

    part: Part
    direct: Dnf
    limited: Dnf
    account: Dnf
    blocked: bool = False

    @property
    def at_all(self) -> Dnf:
        return any_of((self.direct, self.limited, self.account))


class Parts(NamedTuple):
    """The layers in play for one request. `refusal`: id of why AWS refuses it in any case, or empty."""

    scp: Part
    rcp: Part
    endpoint: Part
    resource: ResourceSide
    identity: Part
    boundary: Part
    session: Part
    refusal: str = ""

    @property
    def in_order(self) -> tuple[Part, ...]:
        """In the order in which AWS looks at them."""
        return (self.scp, self.rcp, self.endpoint, self.resource.part, self.identity, self.boundary, self.session)


def parts_of(asked: Asked, policies: PolicySet, matches: Matches) -> Parts:
    """What each layer says to the request, before it is put together."""
    return Parts(
        scp=_scp(asked, policies, matches),
        rcp=_rcp(asked, policies, matches),
        endpoint=_endpoint(asked, policies, matches),
        resource=_resource(asked, policies, matches),
        identity=_identity(asked, matches),
        boundary=_limit("boundary", matches.boundary, asked),
        session=_session(asked, matches),
        refusal=exceptions.refused_by_aws(asked, policies),
    )


def with_own(parts: Parts, asked: Asked, identity: LayerMatch, boundary: LayerMatch | None) -> Parts:
    """The same layers around other identity policies and another boundary."""
    return parts._replace(
        identity=_identity(asked, Matches(identity=identity)), boundary=_limit("boundary", boundary, asked)
    )


def sides(asked: Asked, policies: PolicySet, matches: Matches) -> Sides:
    """What must allow, and what may deny."""
    return sides_of(asked, policies, parts_of(asked, policies, matches))


def sides_of(asked: Asked, policies: PolicySet, parts: Parts) -> Sides:
    """What must allow, and what may deny, from what each layer says."""
    hoped = parts.resource._replace(direct=TRUE, limited=TRUE, account=TRUE)
    grant, deny = grant_of(asked, parts), deny_of(parts)
    unread = _unread(asked, policies, (*grant, *deny))
    if "endpoint" in unread:
        parts = parts._replace(endpoint=_never_read("endpoint"))
    return Sides(
        grant=grant,
        deny=deny,
        hoped=grant_of(asked, parts._replace(resource=hoped)),
        unread=unread,
        trace=tuple(_refused(part.step, parts.refusal) for part in parts.in_order),
    )


def _refused(step: LayerOutcome, refusal: str) -> LayerOutcome:
    if refusal and step.layer == "identity" and step.outcome != "denies":
        return LayerOutcome("identity", "silent", step.reasons, refusal)
    return step


# --- The formulas -----------------------------------------------------------------------------------------------------


def grant_of(asked: Asked, parts: Parts) -> Dnf:
    """When everything that must allow does."""
    if parts.refusal:
        return FALSE
    own = all_of((parts.boundary.allow, parts.session.allow))
    granted = _granted(asked, parts.identity.allow, own, parts.resource)
    return all_of((granted, parts.scp.allow, parts.endpoint.allow))


def deny_of(parts: Parts) -> Dnf:
    """When some Deny applies, S3's block on public policies among them."""
    return any_of((*(part.deny for part in parts.in_order), TRUE if parts.resource.blocked else FALSE))


def _granted(asked: Asked, identity: Dnf, own: Dnf, resource: ResourceSide) -> Dnf:
    """When the request is granted, before SCPs, endpoint policies and denies. `own` is boundary and session policy."""
    caller = asked.caller
    if not caller.is_identity:
        return resource.direct
    if not is_same_account(asked):
        if not exceptions.works_across_accounts(asked):
            return FALSE
        return all_of((resource.at_all, identity, own))
    if caller.kind == "root":
        return any_of((resource.direct, resource.account)) if exceptions.needs_resource_policy(asked) else TRUE
    if exceptions.needs_resource_policy(asked):
        identity = all_of((identity, resource.account))
    return any_of((resource.direct, all_of((any_of((identity, resource.limited)), own))))


def is_same_account(asked: Asked) -> bool:
    """Whether caller and resource are of one account. What AWS owns (its managed policies) and what is unplaced counts
    so.
    """
    return asked.account in ("", "aws", asked.caller.account)


# --- The layers -------------------------------------------------------------------------------------------------------


def _none(layer: LayerName, allow: Dnf = TRUE, detail: str = "") -> Part:
    return Part(allow, FALSE, LayerOutcome(layer, "none", detail=detail))


def _never_read(layer: LayerName, allow: Dnf = TRUE) -> Part:
    return Part(allow, FALSE, LayerOutcome(layer, "unknown", detail="never-read"))


def _part(layer: LayerName, match: LayerMatch) -> Part:
    allow, deny = match.allow, match.deny
    return Part(allow, deny, outcome(layer, allow, deny, _reasons(match), match.miss or "no-statement"))


def _reasons(*matches: LayerMatch) -> tuple[Reason, ...]:
    denies = [item.reason for match in matches for item in match.denies]
    return (*denies, *(item.reason for match in matches for item in match.allows))


def _endpoint(asked: Asked, policies: PolicySet, matches: Matches) -> Part:
    """The policy of the VPC endpoint on the way: one more filter for the requests that pass one (rule 13)."""
    if matches.endpoint is not None:
        return _part("endpoint", matches.endpoint)
    if "endpoint" not in policies.unread:
        return _none("endpoint")
    return _never_read("endpoint") if passes_endpoint(asked) else _none("endpoint", detail="not-through-an-endpoint")


_OF_ENDPOINTS = (
    "aws:sourcevpce", "aws:sourcevpc", "aws:sourcevpcarn", "aws:vpcsourceip", "aws:vpceaccount", "aws:vpceorgid",
)  # fmt: skip


def passes_endpoint(asked: Asked) -> bool:
    """Whether the request is known to come through a VPC endpoint: it then has the keys of one."""
    known = (asked.context.lookup(key) for key in _OF_ENDPOINTS)
    return any(found.is_there if isinstance(found, Unknown) else bool(found) for found in known)


def _limit(layer: LayerName, match: LayerMatch | None, asked: Asked) -> Part:
    if match is None or not asked.caller.is_identity or asked.caller.kind == "root":
        return _none(layer)
    return _part(layer, match)


def _session(asked: Asked, matches: Matches) -> Part:
    """A federated user without a session policy is allowed nothing that its user's policies grant."""
    if matches.session is None and asked.caller.kind == "federated-user":
        return _none("session", allow=FALSE, detail="no-session-policy")
    return _limit("session", matches.session, asked)


def _identity(asked: Asked, matches: Matches) -> Part:
    if asked.caller.kind == "root" and not matches.identity.gaps:
        return Part(TRUE, FALSE, LayerOutcome("identity", "allows", detail="root-user"))
    if not asked.caller.is_identity:
        return _none("identity", allow=FALSE, detail="no-identity-policies")
    return _part("identity", matches.identity)


def scp_applies(asked: Asked, policies: PolicySet) -> bool:
    """SCPs bind users, roles and root of member accounts, not service-linked roles, not outsiders (rule 8)."""
    caller = asked.caller
    return caller.is_identity and not caller.is_service_linked and not policies.in_management_account


def _scp(asked: Asked, policies: PolicySet, matches: Matches) -> Part:
    if not scp_applies(asked, policies):
        return _none("scp", detail="does-not-apply")
    if matches.scp is None:
        return _never_read("scp") if "scp" in policies.unread else _none("scp")
    levels = [_with_policies(match, layer) for match, layer in zip(matches.scp, policies.scp or (), strict=True)]
    allow = all_of(level.allow for level in levels)
    deny = any_of(level.deny for level in levels)
    silent = [level for level in levels if not level.allow]
    reasons = _reasons(*(silent or levels)) if not deny else _reasons(*levels)
    return Part(allow, deny, outcome("scp", allow, deny, reasons, silent[0].miss if silent else ""))


def _with_policies(match: LayerMatch, layer: Layer) -> LayerMatch:
    """A level without any SCP is missing data: the last one cannot be detached (rule 7)."""
    if layer.policies or layer.gaps:
        return match
    gap = Gap(
        call="organizations:ListPoliciesForTarget",
        kind="absent",
        reason="no service control policy is known on this level",
        makes_unknown="what this level of the organization allows",
        resource=layer.target or None,
    )
    return match._replace(gaps=(gap,))


def _rcp(asked: Asked, policies: PolicySet, matches: Matches) -> Part:
    """A customer's RCPs only deny; what a Deny means for an action without resource types is open (rule 12)."""
    if not exceptions.rcp_applies(asked, policies):
        return _none("rcp", detail="does-not-apply")
    if matches.rcp is None:
        return _never_read("rcp") if "rcp" in policies.unread else _none("rcp")
    deny = any_of(level.deny for level in matches.rcp)
    if deny and exceptions.rcp_is_doubtful(asked):
        deny = all_of((deny, of_literal(gap_literal(exceptions.RCP_ON_NO_RESOURCE, "Deny"))))
    return Part(TRUE, deny, outcome("rcp", TRUE, deny, _reasons(*matches.rcp)))


def _resource(asked: Asked, policies: PolicySet, matches: Matches) -> ResourceSide:
    """The resource's policy with the grants beside it, and S3's block on public policies."""
    match = None if exceptions.is_of_another_service(asked) else matches.resource
    extra = tuple(exceptions.grants_for(asked, policies))
    given = [*(when for _, when in extra), *exceptions.grants_unread(asked, policies)]
    if match is None and not given and matches.behind is None:
        return _no_resource_policy(asked, policies)
    match = match or LayerMatch()
    direct = any_of((*given, match.allow_by("direct")))
    limited, account = match.allow_by("limited"), match.allow_by("account")
    blocked = public_access.blocking_statement(asked, policies)
    keeps = exceptions.cannot_be_locked_out(asked)
    deny, behind = FALSE if keeps else match.deny, matches.behind
    if behind is not None:
        direct, limited, account = (all_of((part, behind.allow)) for part in (direct, limited, account))
        deny = any_of((deny, behind.deny))
    found = _reasons(match, *((behind,) if behind is not None else ()))
    reasons = (*((blocked,) if blocked else ()), *found, *(reason for reason, _ in extra))
    step = outcome("resource", any_of((direct, limited, account)), deny, reasons, match.miss or "no-statement")
    if blocked:
        step = LayerOutcome("resource", "denies", reasons, "public-access-block")
    elif keeps and match.denies:
        step = LayerOutcome("resource", "silent", reasons, "owner-root-keeps")
    elif step.outcome == "allows" and not direct and not limited:
        step = LayerOutcome("resource", "allows", reasons, "names-the-account")
    return ResourceSide(Part(TRUE, deny, step), direct, limited, account, blocked is not None)


def _no_resource_policy(asked: Asked, policies: PolicySet) -> ResourceSide:
    """No policy on the resource, or one that was never read: then a KMS key is taken to have the default key policy."""
    if "resource" not in policies.unread or not exceptions.can_carry_policy(asked):
        return ResourceSide(_none("resource"), FALSE, FALSE, FALSE)
    if asked.caller.is_identity and is_same_account(asked):
        account = TRUE if exceptions.is_kms_key(asked) else FALSE
        return ResourceSide(_never_read("resource"), FALSE, FALSE, account)
    gap = unread_gap("resource")
    unknown, denied = of_literal(gap_literal(gap, "Allow")), of_literal(gap_literal(gap, "Deny"))
    part = _never_read("resource")
    return ResourceSide(part._replace(deny=denied), unknown, FALSE, FALSE)


def _unread(asked: Asked, policies: PolicySet, open_terms: Dnf) -> tuple[LayerName, ...]:
    """The layers never read that could change the answer to this request.

    A request that hangs on the VPC endpoint that it comes through has that endpoint's policy to pass as well.
    """
    if not policies.unread:
        return ()
    in_play: dict[LayerName, bool] = {
        "scp": scp_applies(asked, policies),
        "rcp": exceptions.rcp_applies(asked, policies) and not exceptions.rcp_is_doubtful(asked),
        "endpoint": passes_endpoint(asked) or any(_is_by_endpoint(literal) for term in open_terms for literal in term),
        "resource": exceptions.can_carry_policy(asked),
    }
    return tuple(layer for layer, possible in in_play.items() if possible and layer in policies.unread)


def _is_by_endpoint(literal: Literal) -> bool:
    return literal.shown is not None and literal.shown.key.lower() in _OF_ENDPOINTS
