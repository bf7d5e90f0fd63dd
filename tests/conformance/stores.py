"""The collected file stores of the `iam-lens` data sets (a path for each JSON file), as snapshots."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from advisor.evaluate.layers import Layer, policy
from advisor.model.document import Document
from advisor.model.organization import Level, NamedPolicy, Organization
from advisor.model.principal import Group, InlinePolicy, ManagedPolicy, PolicyVersion, Role, Tags, User
from advisor.model.resource import PublicAccessBlock, Resource
from advisor.model.snapshot import Settings, Snapshot, Source
from tests.conformance.cases import document_of

LAYERS = ("identity", "boundary", "scp", "rcp", "resource", "endpoint")
_NO_TRUST = {"Version": "2012-10-17", "Statement": []}


class Store:
    """One data set: its files by path, below `aws/<partition>/`."""

    def __init__(self, files: Mapping[str, Any]) -> None:
        self.files = {path.split("/", 2)[-1]: content for path, content in files.items() if path.count("/") > 1}
        self._folders: dict[str, dict[str, Any]] = {}
        for path, content in self.files.items():
            folder, _, name = path.rpartition("/")
            self._folders.setdefault(folder, {})[name.removesuffix(".json")] = content

    def below(self, prefix: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """The folders below a path that hold metadata, with their files by name."""
        for folder, held in self._folders.items():
            if folder.startswith(prefix) and "metadata" in held:
                yield folder, held

    def accounts(self) -> list[str]:
        found = {path.split("/")[1] for path in self.files if path.startswith("accounts/")}
        found |= set(self.files.get("indexes/accounts-to-orgs.json") or {})
        return sorted(found)

    def snapshots(self) -> tuple[Snapshot, ...]:
        organizations = {name: self.organization(name) for name in self._organizations()}
        places = self.files.get("indexes/accounts-to-orgs.json") or {}
        return tuple(self.account(name, organizations.get(places.get(name, ""))) for name in self.accounts())

    def account(self, account: str, organization: Organization | None) -> Snapshot:
        root = f"accounts/{account}/"
        return Snapshot(
            account,
            Source("snapshot", read_layers=LAYERS),
            "2026-01-01T00:00:00Z",
            users=tuple(_user(held) for _, held in self.below(f"{root}iam/user/")),
            groups=tuple(_group(held) for _, held in self.below(f"{root}iam/group/")),
            roles=tuple(_role(held) for _, held in self.below(f"{root}iam/role/")),
            policies=tuple(
                _managed(held)
                for folder, held in self.below(f"{root}iam/")
                if "/policy/" in folder and "current-policy" in held
            ),
            resources=tuple(self._resources(root, account)),
            organization=organization,
            settings=Settings(public_access_block=_block(self.files.get(f"{root}s3-bpa.json"))),
        )

    def _resources(self, root: str, account: str) -> Iterator[Resource]:
        for folder, held in self.below(root):
            kind = folder.removeprefix(root).split("/")[0]
            arn = held["metadata"].get("arn")
            if kind in ("iam", "ec2") or not isinstance(arn, str) or not arn.startswith("arn:"):
                continue
            yield _resource(held, arn, account)

    # --- Organizations ---------------------------------------------------------------------------------------------

    def _organizations(self) -> set[str]:
        return {path.split("/")[1] for path in self.files if path.startswith("organizations/")}

    def organization(self, name: str) -> Organization:
        root = f"organizations/{name}/"
        metadata = self.files.get(f"{root}metadata.json") or {}
        accounts = self.files.get(f"{root}accounts.json") or {}
        features = metadata.get("features") or {}
        return Organization(
            id=name,
            management_account=metadata.get("rootAccountId", ""),
            features="ALL",
            accounts=tuple((account, account) for account in accounts),
            paths=tuple((account, self._path(root, name, account)) for account in accounts),
            scps=self._all_levels(root, "scps", accounts) if features.get("SERVICE_CONTROL_POLICY", True) else (),
            rcps=self._all_levels(root, "rcps", accounts) if features.get("RESOURCE_CONTROL_POLICY", True) else (),
        )

    def chain(self, root: str, account: str) -> list[str]:
        """The units above an account, root first."""
        units = self.files.get(f"{root}ous.json") or {}
        unit = (self.files.get(f"{root}accounts.json") or {}).get(account, {}).get("ou")
        found: list[str] = []
        while unit and unit not in found:
            found.insert(0, unit)
            unit = units.get(unit, {}).get("parent")
        return found

    def _path(self, root: str, name: str, account: str) -> str:
        return "/".join((name, *self.chain(root, account), ""))

    def _all_levels(
        self, root: str, kind: str, accounts: Mapping[str, Any]
    ) -> tuple[tuple[str, tuple[Level, ...]], ...]:
        units = self.files.get(f"{root}ous.json") or {}
        found = []
        for account, entry in accounts.items():
            chain = [(unit, units.get(unit, {})) for unit in self.chain(root, account)] + [(account, entry)]
            found.append((account, tuple(self._level(root, kind, name, held) for name, held in chain)))
        return tuple(found)

    def _level(self, root: str, kind: str, target: str, held: Mapping[str, Any]) -> Level:
        policies = []
        for arn in held.get(kind) or ():
            folder = self._folders.get(f"{root}{kind}/{arn.rsplit('/', 1)[-1].lower()}", {})
            if "policy" in folder:
                policies.append(NamedPolicy(folder["metadata"].get("name", arn), document_of(folder["policy"]), arn))
        return Level(target, tuple(policies))

    # --- Endpoints -------------------------------------------------------------------------------------------------

    def endpoints(self, service: str, context: Mapping[str, tuple[str, ...]]) -> Layer | None:
        """The policies of the VPC endpoints that a request passes, by its `aws:SourceVpce` or `aws:SourceVpc`."""
        names = set(context.get("aws:sourcevpce", ()))
        index = (self.files.get("indexes/vpcs.json") or {}).get("vpcs") or {}
        for vpc in context.get("aws:sourcevpc", ()):
            entries = (index.get(vpc) or {}).get("endpoints") or ()
            names |= {entry["id"] for entry in entries if entry.get("service") == service}
        found = [
            policy(document_of(held["endpoint-policy"]), held["metadata"]["id"], "endpoint", held["metadata"]["arn"])
            for _, held in self.below("accounts/")
            if "endpoint-policy" in held and held["metadata"].get("id") in names
        ]
        return Layer(tuple(found)) if found else None


def _named(held: Mapping[str, Any]) -> dict[str, Any]:
    metadata = held["metadata"]
    arn = metadata["arn"]
    return {
        "arn": arn,
        "name": arn.rsplit("/", 1)[-1],
        "id": metadata.get("id", ""),
        "path": metadata.get("path", "/"),
        "inline": tuple(
            InlinePolicy(item["PolicyName"], document_of(item["PolicyDocument"]))
            for item in held.get("inline-policies") or ()
        ),
        "attached": tuple(held.get("managed-policies") or ()),
    }


def _holder(held: Mapping[str, Any]) -> dict[str, Any]:
    metadata = held["metadata"]
    boundary = metadata.get("permissionBoundary") or metadata.get("permissionsBoundary")
    return {**_named(held), "boundary": boundary, "tags": _tags(held.get("tags"))}


def _user(held: Mapping[str, Any]) -> User:
    groups = tuple(str(item).rsplit("/", 1)[-1] for item in held.get("groups") or ())
    return User(**_holder(held), groups=groups)


def _group(held: Mapping[str, Any]) -> Group:
    return Group(**_named(held))


def _role(held: Mapping[str, Any]) -> Role:
    return Role(**_holder(held), trust=document_of(held.get("trust-policy") or _NO_TRUST))


def _managed(held: Mapping[str, Any]) -> ManagedPolicy:
    metadata = held["metadata"]
    version = PolicyVersion(metadata.get("defaultVersionId", "v1"), document_of(held["current-policy"]), True)
    return ManagedPolicy(metadata["arn"], metadata.get("name", metadata["arn"]), (version,))


def _resource(held: Mapping[str, Any], arn: str, account: str) -> Resource:
    service, tail = arn.split(":")[2], arn.split(":", 5)[5]
    kind = {"s3": "bucket", "kms": "key"}.get(service, tail.partition("/")[0].partition(":")[0])
    written = next((held[name] for name in ("policy", "resource-policy") if held.get(name)), None)
    return Resource(
        arn,
        f"{service}:{kind}",
        account,
        region=held["metadata"].get("region", ""),
        policy=_document(written),
        tags=_tags(held.get("tags")),
        public_access_block=_block(held.get("bpa")),
        abac=bool(held["metadata"].get("abacEnabled")) if service == "s3" else None,
    )


def _document(written: Any) -> Document | None:
    return document_of(written) if written else None


def _tags(held: Any) -> Tags:
    if isinstance(held, list):
        return tuple((item["Key"], item["Value"]) for item in held)
    return tuple((held or {}).items())


def _block(held: Mapping[str, Any] | None) -> PublicAccessBlock | None:
    if not held:
        return None
    return PublicAccessBlock(
        bool(held.get("BlockPublicAcls")),
        bool(held.get("IgnorePublicAcls")),
        bool(held.get("BlockPublicPolicy")),
        bool(held.get("RestrictPublicBuckets")),
    )
