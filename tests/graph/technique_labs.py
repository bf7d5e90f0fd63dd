"""For each technique a lab in which it works, made from the technique's own file, and labs in which it must not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from advisor.model.document import Document
from advisor.reference.schema.escalations import Need, Technique
from tests.graph.labs import ACCOUNT, ANYTHING, Lab, allow, arn, deny, document, trusting

ACTOR = "mallory"
HARMLESS = allow("s3:ListAllMyBuckets")
ADMINISTRATOR_POLICY = "arn:aws:iam::aws:policy/AdministratorAccess"
_KINDS = {
    "lambda:function": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:ledger",
    "ec2:instance": f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-0123456789abcdef0",
}


class Twist:
    """What is changed in a lab so that the technique must no longer work."""

    def __init__(self, name: str, **changes: Any) -> None:
        self.name = name
        self.changes = changes

    def __repr__(self) -> str:
        return self.name


def twists(technique: Technique) -> Iterator[Twist]:
    """Every way in which the technique's lab can be made harmless."""
    on_target = any(need.resource.startswith("target") for need in technique.needs)
    for need in technique.needs:
        if not (need.action == "sts:AssumeRole" and on_target):
            yield Twist(f"without {need.action}", missing=need.action)
            yield Twist(f"{need.action} denied", denied=need.action)
            yield Twist(f"{need.action} denied by the organization", scp=need.action)
    if technique.needs:
        yield Twist("bounded actor", boundary=True)
    if technique.passes_role:
        yield Twist("role trusts another service", service="wrong.amazonaws.com")
        yield Twist("passing to another service", passed_to="wrong.amazonaws.com")
        yield Twist("passing another role", passed_role=arn("role", "other"))
    if technique.gives in ("run-as", "become", "become-upgraded"):
        yield Twist("bounded target", target_boundary=True)
    if technique.actors == ("user",) or technique.actors == ("role",):
        yield Twist("wrong kind of actor", kind="role" if technique.actors == ("user",) else "user")


def lab(technique: Technique, twist: Twist | None = None) -> Lab:
    """An account in which one principal, `mallory`, can do just what the technique needs."""
    return _Maker(technique, twist.changes if twist else {}).make()


class _Maker:
    def __init__(self, technique: Technique, changes: dict[str, Any]) -> None:
        self.technique = technique
        self.changes = changes
        self.lab = Lab()
        self.kind = changes.get("kind") or ("user" if "user" in technique.actors else "role")
        self.own_policy = arn("policy", "mine")
        self.target = self._target_kind()

    def make(self) -> Lab:
        lab, states = self.lab, self.technique.state
        if "management-account" in states:
            lab.management = ACCOUNT
        lab.identity_center = "identity-center" in states
        if (action := self.changes.get("scp")) is not None:
            lab.scps = [document(ANYTHING, deny(action))]
        self._targets()
        self._actor()
        lab.role("fresh", trusting(service="unrelated.amazonaws.com"), HARMLESS)
        return lab

    def _target_kind(self) -> str:
        roles = {need.resource for need in self.technique.needs}
        if "target-user" in roles:
            return "user"
        return "role"

    def _statements(self) -> list[dict[str, Any]]:
        found = [HARMLESS]
        for need in self.technique.needs:
            if need.action != self.changes.get("missing"):
                found.append(self._grant(need))
            if need.action == self.changes.get("denied"):
                found.append(deny((need.action, *need.instead)))
        return found

    def _grant(self, need: Need) -> dict[str, Any]:
        if need.resource == "passed-role":
            to = self.changes.get("passed_to") or list(self.technique.passed_to or self.technique.trust)
            role = self.changes.get("passed_role", self._target_arn())
            return allow(need.action, role, StringEquals={"iam:PassedToService": to})
        resources = {
            "target-role": self._target_arn(), "target-user": self._target_arn(), "own-policy": self.own_policy,
            "target-policy": arn("policy", "theirs"), "own-group": arn("group", "ours"),
            "own-boundary": self.own_policy, "target-group": arn("group", "powerful"), "self": arn(self.kind, ACTOR),
        }  # fmt: skip
        tagged: Any = {"StringEquals": {"aws:ResourceTag/team": "mine"}} if need.retagged else {}
        return allow(need.action, resources.get(need.resource, "*"), **tagged)

    def _target_arn(self) -> str:
        return arn(self.target, "power")

    def _power(self) -> list[dict[str, Any]]:
        return [HARMLESS] if self.technique.gives == "become-upgraded" else [ANYTHING]

    def _trust(self) -> Document:
        needs = {need.action for need in self.technique.needs}
        if any(need.resource == "provider" for need in self.technique.needs):
            kind = "saml-provider/Example" if "UpdateSAMLProvider" in str(needs) else "oidc-provider/id.example.com"
            return trusting(federated=f"arn:aws:iam::{ACCOUNT}:{kind}")
        if "sts:AssumeRole" in needs:
            return trusting(aws=f"arn:aws:iam::{ACCOUNT}:root")
        if "loose-federation" in self.technique.state:
            statement: dict[str, Any] = {
                "Effect": "Allow",
                "Principal": {"Federated": "cognito-identity.amazonaws.com"},
            }
            if (service := self.changes.get("service")) is not None:
                statement["Principal"] = {"Federated": service}
            return document({**statement, "Action": "sts:AssumeRoleWithWebIdentity"})
        service = self.changes.get("service") or (self.technique.trust or ("unrelated.amazonaws.com",))[0]
        return trusting(service=service)

    def _targets(self) -> None:
        lab, technique = self.lab, self.technique
        bound = lab.policy("limit", HARMLESS) if self.changes.get("target_boundary") else None
        theirs: tuple[str, ...] = (lab.policy("theirs", HARMLESS),)
        lab.group("powerful", ANYTHING)
        lab.group("ours", HARMLESS)
        if self.target == "user":
            console = "login-profile" in technique.state
            lab.user("power", *self._power(), attached=theirs, boundary=bound, console=console)
        elif "identity-center" in technique.state:
            path = "/aws-reserved/sso.amazonaws.com/"
            provider = f"arn:aws:iam::{ACCOUNT}:saml-provider/AWSSSO_0123456789abcdef_DO_NOT_DELETE"
            lab.role(
                "AWSReservedSSO_Power_0123456789abcdef",
                trusting(federated=provider),
                ANYTHING,
                path=path,
                boundary=bound,
            )
        else:
            lab.role("power", self._trust(), *self._power(), attached=theirs, boundary=bound, profile=True)
        kind = technique.existing[0] if technique.existing else ""
        if kind in _KINDS:
            lab.runs(kind, _KINDS[kind], self._target_arn() if technique.carries_role else None)

    def _actor(self) -> None:
        lab, technique = self.lab, self.technique
        boundary = lab.policy("bound", HARMLESS) if self.changes.get("boundary") else None
        older = [document(ANYTHING)] if technique.gives == "older-version" else []
        attached = (lab.policy("mine", HARMLESS, older=older),)
        if self.kind == "user":
            lab.user(ACTOR, *self._statements(), groups=("ours",), attached=attached, boundary=boundary, keys=0)
            return
        path = "/aws-reserved/sso.amazonaws.com/" if "identity-center-role" in technique.state else "/"
        trust = trusting(service="unrelated.amazonaws.com")
        lab.role(ACTOR, trust, *self._statements(), attached=attached, boundary=boundary, path=path)


def assumed(technique: Technique) -> tuple[str, ...]:
    """What has to be taken as there: kinds of things that no lab can hold."""
    return tuple(kind for kind in technique.existing if kind not in _KINDS)
