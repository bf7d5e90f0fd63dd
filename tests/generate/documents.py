"""Policy documents out of a random source: identity, boundary, trust, resource, SCP and RCP documents."""

from __future__ import annotations

import random
from typing import Any

SERVICES: dict[str, tuple[str, ...]] = {
    "s3": (
        "GetObject",
        "PutObject",
        "DeleteObject",
        "ListBucket",
        "GetBucketPolicy",
        "PutBucketPolicy",
        "GetObjectTagging",
    ),
    "ec2": ("RunInstances", "TerminateInstances", "DescribeInstances", "StartInstances", "StopInstances", "CreateTags"),
    "iam": ("PassRole", "CreateUser", "AttachRolePolicy", "PutRolePolicy", "GetRole", "ListRoles", "CreateAccessKey"),
    "lambda": ("InvokeFunction", "CreateFunction", "UpdateFunctionCode", "GetFunction", "ListFunctions"),
    "dynamodb": ("GetItem", "PutItem", "Query", "Scan", "DeleteTable", "DescribeTable"),
    "sqs": ("SendMessage", "ReceiveMessage", "DeleteMessage", "GetQueueAttributes", "PurgeQueue"),
    "sns": ("Publish", "Subscribe", "ListTopics", "DeleteTopic"),
    "kms": ("Decrypt", "Encrypt", "GenerateDataKey", "DescribeKey", "CreateGrant", "ListKeys"),
    "secretsmanager": ("GetSecretValue", "PutSecretValue", "ListSecrets", "DescribeSecret"),
    "sts": ("AssumeRole", "TagSession"),
    "logs": ("CreateLogGroup", "PutLogEvents", "DescribeLogGroups"),
    "cloudwatch": ("PutMetricData", "GetMetricData", "DescribeAlarms"),
}
REGIONS = ("eu-west-1", "us-east-1", "ap-southeast-2")
ANYWHERE = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


class Documents:
    """Makes documents that talk about the principals and resources of one generated account."""

    teams = ("blue", "green", "red", "Blue")

    def __init__(self, source: random.Random, account: str, users: int, roles: int) -> None:
        self.random = source
        self.seldom = random.Random(f"seldom/{account}/{users}/{roles}")
        """Draws what few accounts have, so that all else of an account stays as it was."""
        self.account = account
        self.users, self.roles = users, roles
        self.names = max(6, (users + roles) // 20)

    def full(self) -> dict[str, Any]:
        return ANYWHERE

    def identity(self) -> dict[str, Any]:
        """One to five statements; one in thirty is an administrator's, one in six statements a deny."""
        if self.random.random() < 1 / 30:
            return ANYWHERE
        statements = [self._statement() for _ in range(self.random.choice([1, 1, 2, 2, 3, 5]))]
        version = self.random.choices(["2012-10-17", "2008-10-17", None], [18, 1, 1])[0]
        return {**({"Version": version} if version else {}), "Statement": self._lone(statements)}

    def boundary(self, number: int) -> dict[str, Any]:
        """Wide documents, so that something is left of what they bound."""
        if number == 0:
            return {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}}
        wide = {
            "Effect": "Allow",
            "Action": [f"{name}:*" for name in self.random.sample(list(SERVICES), 6)],
            "Resource": "*",
        }
        return {"Version": "2012-10-17", "Statement": [wide, self._statement()]}

    def scp(self) -> dict[str, Any]:
        return {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "Regions",
                    "Effect": "Deny",
                    "NotAction": ["iam:*", "sts:*", "s3:*", "kms:*"],
                    "Resource": "*",
                    "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "us-east-1"]}},
                },
                {"Effect": "Deny", "Action": "dynamodb:DeleteTable", "Resource": "*"},
                {
                    "Effect": "Deny",
                    "Action": "s3:PutBucketPolicy",
                    "Resource": "*",
                    "Condition": {"ArnNotLike": {"aws:PrincipalArn": f"arn:aws:iam::{self.account}:role/app/*"}},
                },
            ],
        }

    def scp_services(self) -> dict[str, Any]:
        return {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "NotAction": ["secretsmanager:DescribeSecret"], "Resource": "*"}],
        }

    def rcp(self) -> dict[str, Any]:
        return {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": ["s3:*", "sqs:*"],
                    "Resource": "*",
                    "Condition": {
                        "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-exampleorgid"},
                        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
                    },
                }
            ],
        }

    def trust(self) -> dict[str, Any]:
        """Mostly a handful of texts that many roles share, as in real accounts."""
        principal, condition = self._trusted()
        statement: dict[str, Any] = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
        if "Federated" in principal:
            statement["Action"] = "sts:AssumeRoleWithWebIdentity"
        elif self.seldom.random() < 0.1:
            statement["Action"] = ["sts:AssumeRole", self.seldom.choice(["sts:TagSession", "sts:*"])]
        if condition:
            statement["Condition"] = condition
        return {"Version": "2012-10-17", "Statement": [statement]}

    def _trusted(self) -> tuple[dict[str, Any], dict[str, Any] | None]:
        kind = self.random.random()
        if kind < 0.5:
            name = self.random.choice(["lambda", "ec2", "ecs-tasks", "states"])
            return {"Service": f"{name}.amazonaws.com"}, None
        if kind < 0.7:
            return {"AWS": f"arn:aws:iam::{self.account}:root"}, None
        if kind < 0.75:
            return {"AWS": self.account}, {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
        if kind < 0.85:
            return {"AWS": [self._principal(), self._principal()]}, None
        if kind < 0.9:
            return {"AWS": "arn:aws:iam::444455556666:root"}, {"StringEquals": {"sts:ExternalId": "blue-7"}}
        issuer = "token.actions.githubusercontent.com"
        return (
            {"Federated": f"arn:aws:iam::{self.account}:oidc-provider/{issuer}"},
            {"StringLike": {f"{issuer}:sub": f"repo:example/{self.random.choice(self.teams)}:*"}},
        )

    def resources(self, count: int) -> list[dict[str, Any]]:
        made = []
        for number in range(count):
            for arn, service in self._resource_arns(number):
                entry: dict[str, Any] = {"Arn": arn, "Account": self.account}
                if service == "kms" or self.random.random() < 0.4:
                    entry["Policy"] = self._resource_policy(arn, service)
                if self.random.random() < 0.4:
                    entry["Tags"] = [{"Key": "team", "Value": self.random.choice(self.teams)}]
                made.append(entry)
        return made

    def _resource_arns(self, number: int) -> list[tuple[str, str]]:
        found = [(f"arn:aws:s3:::bucket-{number}", "s3")]
        if number % 4 == 0:
            found.append((f"arn:aws:kms:eu-west-1:{self.account}:key/key-{number}", "kms"))
        if number % 3 == 0:
            found.append((f"arn:aws:sqs:eu-west-1:{self.account}:queue-{number}", "sqs"))
        if number % 5 == 0:
            found.append((f"arn:aws:lambda:eu-west-1:{self.account}:function:function-{number}", "lambda"))
        return found

    def _resource_policy(self, arn: str, service: str) -> dict[str, Any]:
        statements = [self._resource_statement(arn, service) for _ in range(self.random.choice([1, 1, 2, 3]))]
        if service == "kms" and self.random.random() < 0.85:
            root = {"AWS": f"arn:aws:iam::{self.account}:root"}
            statements.insert(0, {"Effect": "Allow", "Principal": root, "Action": "kms:*", "Resource": "*"})
        if self.seldom.random() < 0.15:
            statements.append(self._sparing(arn, service))
        return {"Version": "2012-10-17", "Statement": self._lone(statements)}

    def _sparing(self, arn: str, service: str) -> dict[str, Any]:
        """A Deny of everybody but some: named ones with or without their account, the account alone, a session."""
        user = f"arn:aws:iam::{self.account}:user/user-{self.seldom.randrange(max(1, self.users))}"
        name = f"role-{self.seldom.randrange(self.roles)}"
        role = f"arn:aws:iam::{self.account}:role/{name}"
        session = f"arn:aws:sts::{self.account}:assumed-role/{name}/run-1"
        root = f"arn:aws:iam::{self.account}:root"
        listed = self.seldom.choice(
            [[user, root], [user], [root], [self.account, role], [role, session, root], [session, root]]
        )
        return {
            "Effect": "Deny",
            "NotPrincipal": {"AWS": listed},
            "Action": f"{service}:{self.seldom.choice(SERVICES[service])}",
            "Resource": "*" if service == "kms" else [arn, f"{arn}/*"] if service == "s3" else arn,
        }

    def _resource_statement(self, arn: str, service: str) -> dict[str, Any]:
        statement: dict[str, Any] = {
            "Effect": "Deny" if self.random.random() < 0.3 else "Allow",
            "Principal": self._named_principal(),
            "Action": self._lone(self._actions(service, 2)),
            "Resource": "*" if service == "kms" else self._lone([arn, f"{arn}/*"] if service == "s3" else [arn]),
        }
        if self.random.random() < 0.5:
            statement["Condition"] = self._condition()
        elif statement["Principal"] == "*" and statement["Effect"] == "Allow":
            statement["Condition"] = {"StringEquals": {"aws:PrincipalOrgID": "o-exampleorgid"}}
        return statement

    def _named_principal(self) -> Any:
        return self.random.choice(
            [
                "*",
                {"AWS": "*"},
                {"AWS": self._principal()},
                {"AWS": [self._principal(), self._principal(), self.account]},
                {"AWS": f"arn:aws:iam::{self.account}:root"},
                {"AWS": "arn:aws:iam::444455556666:role/partner"},
                {"AWS": "444455556666"},
                {"Service": self.random.choice(["logging.s3.amazonaws.com", "sns.amazonaws.com"])},
            ]
        )

    def _principal(self) -> str:
        if self.users and self.random.random() < 0.5:
            return f"arn:aws:iam::{self.account}:user/user-{self.random.randrange(self.users)}"
        return f"arn:aws:iam::{self.account}:role/role-{self.random.randrange(self.roles)}"

    def _statement(self) -> dict[str, Any]:
        service = self.random.choice(list(SERVICES))
        statement: dict[str, Any] = {"Effect": "Deny" if self.random.random() < 1 / 6 else "Allow"}
        if self.random.random() < 0.3:
            statement["Sid"] = f"S{self.random.randrange(10**6)}"
        not_action = self.random.random() < 0.04
        statement["NotAction" if not_action else "Action"] = self._lone(self._actions(service, 4))
        not_resource = self.random.random() < 0.05
        statement["NotResource" if not_resource else "Resource"] = self._lone(self._resources(service))
        if self.random.random() < 0.3:
            statement["Condition"] = self._condition()
        return statement

    def _actions(self, service: str, most: int) -> list[str]:
        names = self.random.sample(SERVICES[service], min(self.random.randint(1, most), len(SERVICES[service])))
        return [self._action(service, name) for name in names]

    def _action(self, service: str, name: str) -> str:
        form = self.random.random()
        if form < 0.08:
            return f"{service}:*"
        if form < 0.16:
            return f"{service}:{name[:4]}*"
        if form < 0.2:
            return f"{service}:{name[:-2]}??"
        return f"{service.upper()}:{name.lower()}" if form < 0.23 else f"{service}:{name}"

    def _resources(self, service: str) -> list[str]:
        if self.random.random() < 0.35:
            return ["*"]
        return [self.resource(service) for _ in range(self.random.choice([1, 1, 2, 3]))]

    def resource(self, service: str) -> str:
        """A resource pattern of the service; one in ten with a variable."""
        at = self.random.randrange(self.names)
        region = self.random.choice([*REGIONS[:1], "*"])
        if service == "s3":
            return self.random.choice(
                [f"arn:aws:s3:::bucket-{at}", f"arn:aws:s3:::bucket-{at}/*", f"arn:aws:s3:::bucket-{at % 10}*",
                 "arn:aws:s3:::bucket-?/home/${aws:username}/*", "arn:aws:s3:::bucket-1*/${aws:PrincipalTag/team}/*"]
            )  # fmt: skip
        if service == "iam":
            return self.random.choice(
                [f"arn:aws:iam::{self.account}:role/role-{at}", f"arn:aws:iam::{self.account}:role/*",
                 "arn:aws:iam::*:user/${aws:username}", f"arn:aws:iam::{self.account}:role/app/*"]
            )  # fmt: skip
        if service == "sts":
            return f"arn:aws:iam::{self.random.choice([self.account, '*'])}:role/role-{self.random.choice([at, '*'])}"
        if service == "kms":
            return f"arn:aws:kms:{region}:{self.account}:key/key-{at - at % 4}"
        if service == "sqs":
            return f"arn:aws:sqs:{region}:{self.account}:queue-{at - at % 3}"
        if service == "lambda":
            return f"arn:aws:lambda:{region}:{self.account}:function:function-{self.random.choice([at - at % 5, '*'])}"
        return f"arn:aws:{service}:{region}:{self.account}:{self.random.choice(['*', f'thing/thing-{at}', 'thing/*'])}"

    def _condition(self) -> dict[str, Any]:
        return self.random.choice(
            [
                {"Bool": {"aws:MultiFactorAuthPresent": True}},
                {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
                {"StringEquals": {"aws:PrincipalTag/team": self.random.choice(self.teams)}},
                {"StringNotEquals": {"aws:PrincipalTag/team": self.random.choice(self.teams)}},
                {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}},
                {"StringEquals": {"aws:RequestedRegion": self.random.choice(REGIONS)}},
                {"IpAddress": {"aws:SourceIp": ["192.0.2.0/24", "2001:db8::/32"]}},
                {"NotIpAddress": {"aws:SourceIp": "198.51.100.0/24"}},
                {"StringLike": {"aws:PrincipalArn": f"arn:aws:iam::{self.account}:role/role-1*"}},
                {"ArnNotEquals": {"aws:PrincipalArn": self._principal()}},
                {"Null": {"aws:TokenIssueTime": "true"}},
                {"StringEquals": {"aws:PrincipalOrgID": "o-exampleorgid"}},
                {"StringEquals": {"aws:PrincipalAccount": self.account}},
                {"ForAllValues:StringEquals": {"aws:TagKeys": ["team", "Stage"]}},
                {"ForAnyValue:StringLike": {"aws:TagKeys": "te*"}},
                {"DateGreaterThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}},
                {"NumericLessThan": {"aws:MultiFactorAuthAge": 3600}},
                {"StringEquals": {"aws:username": f"user-{self.random.randrange(max(1, self.users))}"}},
                {
                    "StringEquals": {"aws:RequestedRegion": "eu-west-1"},
                    "Bool": {"aws:SecureTransport": "true"},
                },
            ]
        )

    def _lone(self, items: list[Any]) -> Any:
        """A list of one may stand without its brackets."""
        return items[0] if len(items) == 1 and self.random.random() < 0.5 else items
