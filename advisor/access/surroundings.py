"""The policies around a request, put together from the snapshots: what `evaluate` decides over.

What was never read stays unread (an assumption of the answer); a named thing that could not be read, and the side of an
account that is not among the snapshots, is a gap.
"""

from __future__ import annotations

from collections.abc import Sequence

from advisor.access.inventory import Inventory, Place
from advisor.access.principals import Holdings, Principal, kind_of, lets_tag_sessions
from advisor.evaluate.policies import Behind, Layer, Policy, PolicySet, policy
from advisor.evaluate.principals import Caller, parse_caller
from advisor.model.arn import partition_of
from advisor.model.gap import TRUST_POLICY, Gap
from advisor.model.organization import Level, Organization
from advisor.model.principal import Role
from advisor.model.resource import Resource
from advisor.model.snapshot import Snapshot

BESIDE_THE_POLICY = frozenset(("kms:DescribeKey", "kms:ListGrants", "s3control:GetAccessPoint")) | frozenset(
    f"s3:{operation}"
    for operation in (
        "GetBucketAbac",
        "GetBucketAcl",
        "GetBucketLocation",
        "GetBucketOwnershipControls",
        "GetBucketTagging",
        "GetPublicAccessBlock",
    )
)
"""Calls that tell other things of a resource than its policy."""


def caller_of(principal: Principal) -> Caller:
    """The caller that a user or role of a snapshot is."""
    return parse_caller(
        principal.arn, id=principal.id, has_boundary=principal.boundary is not None, tags=principal.tags
    )._replace(
        is_service_linked=kind_of(principal) == "service-linked",
        has_session_tags=isinstance(principal, Role) and lets_tag_sessions(principal),
    )


class Surroundings:
    """Assembles policy sets over several snapshots; parts that many requests share are made once."""

    def __init__(self, snapshots: Sequence[Snapshot], holdings: Sequence[Holdings], inventory: Inventory) -> None:
        self.snapshots = snapshots
        self.holdings = holdings
        self.inventory = inventory
        self._own_policy: dict[str, Layer] = {}
        self._levels: dict[tuple[str, str], tuple[Layer, ...] | None] = {}

    # --- The caller's side -----------------------------------------------------------------------------------------

    def identity(self, caller: Caller, principal: Principal | None, position: int | None) -> Layer:
        """The identity policies of a principal; a gap where its account, or itself, is not among what was read.

        Who issued a federated user's credentials is not known: their name is the issuer's choice.
        """
        if caller.kind == "federated-user" and position is not None:
            return Layer(gaps=(_nobody(caller.arn, "which user asked for these credentials is not known"),))
        if principal is not None and position is not None:
            holdings = self.holdings[position]
            held = holdings.held(principal)
            policies = tuple(policy(item.document, item.policy, item.kind, item.owner) for item in held)
            return Layer(policies, holdings.gaps_of(principal))
        if not caller.is_identity:
            return Layer()
        if position is None:
            return Layer(gaps=(outside(caller.account, "what the principal's own account allows it"),))
        if caller.kind == "root":
            return Layer()
        return Layer(gaps=_list_gaps(self.snapshots[position]) or (_nobody(caller.arn),))

    def boundary(self, principal: Principal | None, position: int | None) -> Layer | None:
        if principal is None or position is None or principal.boundary is None:
            return None
        found = self.holdings[position].document_of(principal.boundary)
        if isinstance(found, Gap):
            return Layer(gaps=(found,))
        return Layer((policy(found, principal.boundary, "boundary", principal.arn),))

    def scps(self, account: str) -> tuple[Layer, ...] | None:
        """The SCP levels of an account; `None` where it has none or they were not read (see `unread`)."""
        return self._of_organization("scp", account)

    def rcps(self, account: str) -> tuple[Layer, ...] | None:
        return self._of_organization("rcp", account)

    def _of_organization(self, kind: str, account: str) -> tuple[Layer, ...] | None:
        key = (kind, account)
        if key not in self._levels:
            levels = self._written_levels(kind, account)
            self._levels[key] = None if levels is None else tuple(_level(level, kind) for level in levels)
        return self._levels[key]

    def _written_levels(self, kind: str, account: str) -> tuple[Level, ...] | None:
        for organization in self.organizations():
            table = organization.scps if kind == "scp" else organization.rcps
            for name, levels in table or ():
                if name == account:
                    return levels
        return None

    def organizations(self) -> list[Organization]:
        return [snapshot.organization for snapshot in self.snapshots if snapshot.organization is not None]

    def has_read(self, layer: str, account: str) -> bool:
        """Whether a layer of an account was read (and may be empty)."""
        position = self.inventory.position_of(account)
        if position is not None and layer in self.snapshots[position].source.read_layers:
            return True
        return layer in ("scp", "rcp") and self._written_levels(layer, account) is not None

    def is_management(self, account: str) -> bool:
        return any(organization.management_account == account for organization in self.organizations())

    # --- The resource's side -----------------------------------------------------------------------------------------

    def resource(self, arn: str, place: Place) -> tuple[Layer | None, bool]:
        """The resource's own policy, and whether that layer was read for it."""
        if place.role is not None and place.position is not None:
            return self._trust(place.role, self.snapshots[place.position]), True
        if not place.account:
            return None, False
        if place.position is None:
            return Layer(gaps=(outside(place.account, "what the resource's own account allows"),)), True
        snapshot = self.snapshots[place.position]
        found = place.resource
        if found is None and arn.startswith("arn:") and arn.split(":", 3)[2] == "iam":
            return None, False  # no policy of its own: what was not read of a user hides none
        gaps = _gaps_of_policy(snapshot, found.arn if found else arn)
        if gaps and (found is None or found.policy is None):
            return Layer(gaps=gaps), True
        if found is None:
            return None, False
        if found.policy is None:
            return None, "resource" in snapshot.source.read_layers
        layer = self._own_policy.get(found.arn)
        if layer is None:
            layer = self._own_policy[found.arn] = Layer((_resource_policy(found),))
        return layer, True

    def _trust(self, role: Role, snapshot: Snapshot) -> Layer:
        layer = self._own_policy.get(role.arn)
        if layer is None:
            gaps = tuple(gap for gap in snapshot.gaps_by_resource.get(role.arn, ()) if gap.call == TRUST_POLICY)
            layer = Layer((policy(role.trust, role.name, "trust", role.arn),), gaps)
            self._own_policy[role.arn] = layer
        return layer

    # --- Both sides together -----------------------------------------------------------------------------------------

    def around(
        self, caller: Caller, principal: Principal | None, arn: str, place: Place, session: Layer | None = None
    ) -> PolicySet:
        """Every policy around a request."""
        position = self.inventory.position_of(caller.account) if caller.account else None
        return self.shared(caller, arn, place)._replace(
            identity=self.identity(caller, principal, position),
            boundary=self.boundary(principal, position),
            session=session,
        )

    def shared(self, caller: Caller, arn: str, place: Place) -> PolicySet:
        """The policies that all principals of the caller's account have in common."""
        resource, is_read = self.resource(arn, place)
        owner = place.account or caller.account
        unread = ["endpoint"] if is_read else ["endpoint", "resource"]  # no source holds the policies of VPC endpoints
        if caller.is_identity and not self.has_read("scp", caller.account):
            unread.append("scp")
        if not self.has_read("rcp", owner):
            unread.append("rcp")
        found = place.resource
        return PolicySet(
            scp=self.scps(caller.account) if caller.is_identity else None,
            rcp=self.rcps(owner),
            resource=resource,
            grants=found.grants if found else (),
            grant_gaps=self._grant_gaps(place),
            behind=self.behind(place),
            unread=frozenset(unread),
            restrict_public_buckets=self._blocks(place, "restrict_buckets"),
            ignore_public_acls=self._blocks(place, "ignore_acls"),
            acls_count=found is not None and found.object_ownership not in (None, "BucketOwnerEnforced"),
            aws_managed_key=found is not None and ("key_manager", "AWS") in found.settings,
            in_management_account=self.is_management(caller.account),
            resource_in_management_account=self.is_management(owner),
            point_in_vpc=found is not None and found.vpc_origin,
        )

    def _grant_gaps(self, place: Place) -> tuple[Gap, ...]:
        """What hides KMS grants, or ACL entries of a bucket where they may count."""
        found = place.resource
        if found is None or place.position is None:
            return ()
        calls = {"kms:ListGrants"}
        if found.object_ownership != "BucketOwnerEnforced":
            calls |= {"s3:GetBucketAcl"} | ({"s3:GetBucketOwnershipControls"} if found.grants else set())
        gaps = self.snapshots[place.position].gaps_by_resource.get(found.arn, ())
        return tuple(gap for gap in gaps if gap.call in calls)

    def behind(self, place: Place) -> Behind | None:
        """The bucket behind an access point with its policy, or with the gap that hides it."""
        found = place.resource
        if found is None or found.kind != "s3:accesspoint" or not found.bucket:
            return None
        bucket = f"arn:{partition_of(found.arn)}:s3:::{found.bucket}"
        at = self.inventory.place(bucket)
        layer, is_read = self.resource(bucket, at) if at.resource is not None else (None, False)
        unread = Gap("s3:GetBucketPolicy", "absent", "the bucket was not read", "what its policy allows", bucket)
        return Behind(bucket, found.arn, layer or (Layer() if is_read else Layer(gaps=(unread,))))

    def _blocks(self, place: Place, switch: str) -> bool:
        """Whether S3's block of public access has a switch on, for the bucket or for its account."""
        if place.position is None or place.resource is None or not place.resource.kind.startswith("s3:"):
            return False
        blocks = [place.resource.public_access_block, self.snapshots[place.position].settings.public_access_block]
        behind = self.behind(place)
        bucket = self.inventory.place(behind.bucket).resource if behind is not None else None
        blocks += [bucket.public_access_block] if bucket is not None else []
        return any(block is not None and getattr(block, switch) for block in blocks)


def _gaps_of_policy(snapshot: Snapshot, arn: str) -> tuple[Gap, ...]:
    """The gaps that may hide a resource's policy: what else of it was not read leaves an empty policy empty."""
    gaps = snapshot.gaps_by_resource.get(arn, ())
    return tuple(gap for gap in gaps if gap.call not in BESIDE_THE_POLICY and "Tag" not in gap.call)


def _level(level: Level, kind: str) -> Layer:
    policies = tuple(policy(item.document, item.name, kind, level.target) for item in level.policies)
    return Layer(policies, level.gaps, target=level.target)


def _resource_policy(found: Resource) -> Policy:
    assert found.policy is not None
    return policy(found.policy, found.arn, "resource", found.arn)


def outside(account: str, makes_unknown: str) -> Gap:
    """The gap of an account that is not among the snapshots."""
    return Gap("account", "absent", "the account is not among those that were read", makes_unknown, account or None)


_DETAILS = "iam:GetAccountAuthorizationDetails"


def _nobody(arn: str, reason: str = "there is no such principal") -> Gap:
    return Gap(_DETAILS, "absent", reason, "what it could do", arn)


def _list_gaps(snapshot: Snapshot) -> tuple[Gap, ...]:
    """Why principals may be missing: their list was refused, or broke off."""
    return tuple(gap for gap in snapshot.gaps_by_resource.get(None, ()) if gap.call == _DETAILS)
