"""Accounts out of a seed: as wide as asked for, with everything that makes evaluation hard.

The same seed and size always make the same account. Shapes that real exports have and that trip readers are in it: lone
strings and lone statements, URL-encoded documents, old versions, members left out, dates in three forms.
"""

from __future__ import annotations

import json
import random
from typing import Any
from urllib.parse import quote

import msgspec

from tests.generate.documents import Documents

ACCOUNT = "111122223333"
OUTSIDE = "444455556666"


class Generated(msgspec.Struct, frozen=True):
    """A generated account in the three kinds of files that the advisor reads."""

    export: dict[str, Any]
    resources: list[dict[str, Any]]
    organization: dict[str, Any]

    def write(self, folder: Any) -> tuple[str, str, str]:
        """Write export, resources and organization; returns the three paths."""
        paths = []
        for name, value in (("export", self.export), ("resources", self.resources), ("org", self.organization)):
            path = folder / f"{name}.json"
            path.write_text(json.dumps(value, indent=4))
            paths.append(str(path))
        return paths[0], paths[1], paths[2]


def generate(principals: int, seed: int = 0, account: str = ACCOUNT) -> Generated:
    """An account with that many users and roles (three of ten are users)."""
    return _Generator(principals, seed, account).run()


class _Generator:
    def __init__(self, principals: int, seed: int, account: str) -> None:
        self.random = random.Random(f"{seed}/{principals}/{account}")
        self.account = account
        self.users = principals * 3 // 10
        self.roles = principals - self.users
        self.groups = max(2, principals // 60)
        self.policies = max(4, principals // 10)
        self.documents = Documents(self.random, account, self.users, self.roles)

    def arn(self, kind: str, name: str) -> str:
        return f"arn:aws:iam::{self.account}:{kind}/{name}"

    def run(self) -> Generated:
        policies = [self._policy(number) for number in range(self.policies)]
        self.attachable = [policy["Arn"] for policy in policies[len(policies) // 10 or 1 :]]
        self.boundaries = [policy["Arn"] for policy in policies[: len(policies) // 10 or 1]]
        export = {
            "UserDetailList": [self._user(number) for number in range(self.users)],
            "GroupDetailList": [self._group(number) for number in range(self.groups)],
            "RoleDetailList": [self._role(number) for number in range(self.roles)],
            "Policies": policies,
        }
        return Generated(
            export, self.documents.resources(max(6, (self.users + self.roles) // 20)), self._organization()
        )

    def _some(self, items: list[str], most: int) -> list[str]:
        return self.random.sample(items, min(self.random.randint(0, most), len(items)))

    def _attached(self, most: int) -> list[dict[str, str]]:
        return [{"PolicyName": arn.rsplit("/", 1)[1], "PolicyArn": arn} for arn in self._some(self.attachable, most)]

    def _inline(self, share: float) -> list[dict[str, Any]]:
        if self.random.random() > share:
            return []
        return [{"PolicyName": "own", "PolicyDocument": self._shaped(self.documents.identity())}]

    def _shaped(self, document: dict[str, Any]) -> Any:
        """The document as an object or, once in a while, as the URL-encoded text that the API returns."""
        return quote(json.dumps(document)) if self.random.random() < 0.05 else document

    def _date(self) -> str:
        day = f"20{self.random.randint(16, 26)}-0{self.random.randint(1, 9)}-1{self.random.randint(0, 9)}"
        return self.random.choice([f"{day}T08:09:10+00:00", f"{day} 08:09:10+00:00", f"{day}T08:09:10Z"])

    def _tags(self) -> list[dict[str, str]]:
        found = []
        if self.random.random() < 0.5:
            found.append({"Key": "team", "Value": self.random.choice(self.documents.teams)})
        if self.random.random() < 0.2:
            found.append({"Key": "Stage", "Value": self.random.choice(["prod", "dev"])})
        return found

    def _bounded(self, entry: dict[str, Any], share: float) -> dict[str, Any]:
        if self.random.random() < share:
            arn = self.random.choice(self.boundaries)
            entry["PermissionsBoundary"] = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}
        return entry

    def _user(self, number: int) -> dict[str, Any]:
        name = f"user-{number}"
        entry = {
            "Path": "/",
            "UserName": name,
            "UserId": f"AIDA{number:016d}",
            "Arn": self.arn("user", name),
            "CreateDate": self._date(),
            "GroupList": self._some([f"group-{at}" for at in range(self.groups)], 2),
            "AttachedManagedPolicies": self._attached(1),
            "Tags": self._tags(),
        }
        if inline := self._inline(0.15):
            entry["UserPolicyList"] = inline
        return self._bounded(entry, 0.15)

    def _group(self, number: int) -> dict[str, Any]:
        name = f"group-{number}"
        return {
            "Path": "/",
            "GroupName": name,
            "GroupId": f"AGPA{number:016d}",
            "Arn": self.arn("group", name),
            "CreateDate": self._date(),
            "GroupPolicyList": self._inline(0.3),
            "AttachedManagedPolicies": self._attached(3),
        }

    def _role(self, number: int) -> dict[str, Any]:
        path = self.random.choice(["/", "/", "/", "/app/", "/service-role/"])
        name = f"role-{number}"
        entry = {
            "Path": path,
            "RoleName": name,
            "RoleId": f"AROA{number:016d}",
            "Arn": self.arn("role", f"{path[1:]}{name}"),
            "CreateDate": self._date(),
            "AssumeRolePolicyDocument": self._shaped(self.documents.trust()),
            "InstanceProfileList": [],
            "RolePolicyList": self._inline(0.3),
            "AttachedManagedPolicies": self._attached(3),
            "Tags": self._tags(),
            "RoleLastUsed": {"LastUsedDate": self._date(), "Region": "eu-west-1"} if self.random.random() < 0.6 else {},
        }
        return self._bounded(entry, 0.2)

    def _policy(self, number: int) -> dict[str, Any]:
        versions = self.random.choice([1, 1, 1, 2, 3])
        current = self.random.randint(1, versions)
        return {
            "PolicyName": f"policy-{number}",
            "PolicyId": f"ANPA{number:016d}",
            "Arn": self.arn("policy", f"policy-{number}"),
            "Path": "/",
            "DefaultVersionId": f"v{current}",
            "AttachmentCount": 1,
            "PermissionsBoundaryUsageCount": None,
            "IsAttachable": True,
            "CreateDate": self._date(),
            "UpdateDate": self._date(),
            "PolicyVersionList": [
                {
                    "Document": self._shaped(
                        self.documents.boundary(number) if number % 10 == 0 else self.documents.identity()
                    ),
                    "VersionId": f"v{version}",
                    "IsDefaultVersion": version == current,
                    "CreateDate": self._date(),
                }
                for version in range(versions, 0, -1)
            ],
        }

    def _organization(self) -> dict[str, Any]:
        return {
            "organization": {"Id": "o-exampleorgid", "MasterAccountId": OUTSIDE},
            "accounts": {
                self.account: {
                    "scps": [
                        {"target": "r-root", "policies": [{"name": "FullAWSAccess", "policy": self.documents.full()}]},
                        {
                            "target": "ou-root-workloads",
                            "policies": [
                                {"name": "FullAWSAccess", "policy": self.documents.full()},
                                {"name": "guard", "policy": self.documents.scp()},
                            ],
                        },
                        {
                            "target": self.account,
                            "policies": [{"name": "services", "policy": self.documents.scp_services()}],
                        },
                    ],
                    "rcps": [
                        {"target": "r-root", "policies": [{"name": "perimeter", "policy": self.documents.rcp()}]},
                        {"target": "ou-root-workloads", "policies": []},
                        {"target": self.account, "policies": []},
                    ],
                }
            },
        }
