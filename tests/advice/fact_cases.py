"""The table of facts: for each an account where it is so, one where it is not, and one where it was not read."""

# ruff: noqa: E501 - a table reads by its rows

from __future__ import annotations

from typing import Any

from advisor.model.organization import Entitlement, HumanAccess
from advisor.model.principal import InlinePolicy, SignIn
from advisor.model.resource import PublicAccessBlock
from tests.advice.small_accounts import (
    ADMINISTRATOR,
    FRESH,
    HELD,
    ID,
    OLD,
    OUTSIDE,
    SIBLING,
    administrator,
    allow,
    analyzer,
    arn,
    bucket,
    compute,
    document,
    group,
    key,
    level,
    organization,
    person,
    policy,
    program,
    provider,
    role,
    sizeable,
    trail,
    trusting,
    user,
)

SOURCE_ONLY = "an account export holds it"
GITHUB = "token.actions.githubusercontent.com"
ANA = arn("user", "ana")
CLUSTER = "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"


def federated(subject: dict[str, Any] | None, issuer: str = GITHUB) -> Any:
    statement: dict[str, Any] = {
        "Effect": "Allow", "Principal": {"Federated": arn("oidc-provider", issuer)},
        "Action": "sts:AssumeRoleWithWebIdentity",
    }  # fmt: skip
    if subject:
        statement["Condition"] = subject
    return document(statement)


def delegating(**condition: Any) -> InlinePolicy:
    return InlinePolicy("make", document(allow(["iam:CreateRole", "iam:PutRolePolicy"], "*", **condition)))


ROOT = {"root": SignIn(console=True, console_last_used=FRESH, mfa=True, keys=())}
BOUNDED = {"Condition": {"StringEquals": {"iam:PermissionsBoundary": arn("policy", "ceiling")}}}
EXTERNAL = trusting({"AWS": f"arn:aws:iam::{OUTSIDE}:root"})
NAMED = trusting({"AWS": f"arn:aws:iam::{OUTSIDE}:root"}, StringEquals={"sts__ExternalId": "x-12"})
IN_ORG = organization()
ALONE = {"organization": None}
SCP = {"organization": organization(scps=((ID, (level("FullAWSAccess", "Protect"),)),))}
RCP = {"organization": organization(rcps=((ID, (level("RCPFullAWSAccess", "Ours"),)),))}
MANAGING = organization(management_account=ID)
SAME = InlinePolicy("same", document(allow("s3:*")))
FUNCTIONS = (compute("lambda:function", "a", arn("role", "one")), compute("lambda:function", "b", arn("role", "one")))
TAGGED = ((f"arn:aws:s3:::a-{number}", (("team", "blue" if number % 2 else "red"),)) for number in range(4))
TAGS = tuple(TAGGED)
PEOPLE = HumanAccess(
    kind="organization", instance="arn:aws:sso:::instance/i", applications=("app",), session_tags=("team",),
    entitlements=(Entitlement("permission-set", "user", "ana", arn("role", "AWSReservedSSO_Admin_1")),),
)  # fmt: skip
SSO = role("AWSReservedSSO_Admin_1", path="/aws-reserved/sso.amazonaws.com/")
ADMIN_WITH_MFA = {"users": (person("ana", attached=(ADMINISTRATOR,)),), "policies": (administrator(),)}
ADMIN_USER = {"users": (person("ana", mfa=False, attached=(ADMINISTRATOR,)),), "policies": (administrator(),)}
UP = {"users": (person("eve", inline=(InlinePolicy("up", document(allow(["s3:GetObject", "iam:PutUserPolicy"]))),)),)}
REWRITE = {
    "users": (person("eve", attached=(arn("policy", "self"),)),),
    "policies": (policy("self", allow("iam:CreatePolicyVersion", arn("policy", "self"))),),
}


def with_settings(**fields: Any) -> dict[str, Any]:
    return {"settings": fields}


def extra(**values: Any) -> dict[str, Any]:
    return with_settings(extra={name.replace("__", "."): value for name, value in values.items()})


def summary(**values: int) -> dict[str, Any]:
    return with_settings(summary=values)


Fields = dict[str, Any]
# fact → (fields, value where it is so), (fields, value where it is not), fields of an export or a gap that make it unknown
CASES: dict[str, tuple[tuple[Fields, Any], tuple[Fields, Any], Fields | str]] = {
    "account.caller": (({}, "user"), (with_settings(caller=f"arn:aws:iam::{ID}:root"), "root"), {}),
    "account.kind": (({}, "member"), (ALONE, "standalone"), {}),
    "account.plan": (({}, "PAID"), (with_settings(plan="FREE"), "FREE"), {}),
    "account.sibling_accounts": (({}, ()), ({}, ()), SOURCE_ONLY),
    "aam.used": (
        ({"roles": (role("dev", trusting({"Service": "account-access.amazonaws.com"})),)}, True), ({}, False), {},
    ),
    "admins": ((ADMIN_USER, (ANA,)), ({"users": (person("ana"),)}, ()), SOURCE_ONLY),
    "admins.daily_users": ((ADMIN_USER, (ANA,)), ({}, ()), SOURCE_ONLY),
    "admins.users": ((ADMIN_USER, (ANA,)), ({}, ()), SOURCE_ONLY),
    "admins.grants(" + ANA + ")": ((ADMIN_USER, (ANA,)), ({"users": (person("ana"),)}, ()), SOURCE_ONLY),
    "admins.no_condition": (
        (ADMIN_USER, (ANA,)),
        ({"users": (person("ana", inline=(InlinePolicy("a", document(allow(
            "*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}))),)),)}, ()),
        SOURCE_ONLY,
    ),
    "admins.no_mfa": (
        (ADMIN_USER, (ANA,)),
        ({"users": (person("ana", attached=(ADMINISTRATOR,)),), "policies": (administrator(),)}, ()),
        {"users": (user("ana", attached=(ADMINISTRATOR,), sign_in=SignIn()),), "policies": (administrator(),)},
    ),
    "analyzer.missing": (({}, ("eu-west-1",)), (with_settings(analyzers=(analyzer(),)), ()), {}),
    "analyzer.open": (
        (extra(analyzer__findings={"eu-west-1": [{"resource": "arn:aws:s3:::a", "type": "AWS::S3::Bucket", "public": True, "principals": []}]}),
         ("arn:aws:s3:::a",)),
        (extra(analyzer__findings={"eu-west-1": []}), ()),
        {},
    ),
    "analyzer.on": ((with_settings(analyzers=(analyzer(),)), True), ({}, False), {}),
    "break_glass.users": (
        ({"users": (person("one", path="/break-glass/"),)}, (arn("user", "break-glass/one"),)), ({}, ()), SOURCE_ONLY,
    ),
    "break_glass.weak": (
        ({"users": (person("one", path="/break-glass/", mfa=False),)}, (arn("user", "break-glass/one"),)),
        ({"users": (person("one", path="/break-glass/"),)}, ()),
        {"users": (user("one", path="/break-glass/", sign_in=SignIn()),)},
    ),
    "compute.kinds": (({"compute": FUNCTIONS}, ("lambda:function",)), ({}, ()), {}),
    "deleg.unbounded": (
        ({"users": (person("ana", inline=(delegating(),)),)}, (ANA,)),
        ({"users": (person("ana", inline=(delegating(**BOUNDED),)),)}, ()),
        SOURCE_ONLY,
    ),
    "ec2.imds_v1": (
        ({"compute": (compute("ec2:instance", "i", http_tokens="optional"),)}, (f"arn:aws:ec2:eu-west-1:{ID}:instance/i",)),
        ({"compute": (compute("ec2:instance", "i", http_tokens="required"),)}, ()),
        {},
    ),
    "ec2.no_profile": (
        ({"compute": (compute("ec2:instance", "i"),)}, (f"arn:aws:ec2:eu-west-1:{ID}:instance/i",)),
        ({"compute": (compute("ec2:instance", "i", arn("role", "web")),)}, ()),
        {},
    ),
    "ecs.no_task_role": (
        ({"compute": (compute("ecs:task-definition", "t"),)}, (f"arn:aws:ecs:eu-west-1:{ID}:task-definition/t",)),
        ({"compute": (compute("ecs:task-definition", "t", arn("role", "t")),)}, ()),
        {},
    ),
    "eks.irsa": (
        (with_settings(providers=(provider("oidc", CLUSTER),)), (arn("oidc-provider", CLUSTER),)),
        (with_settings(providers=(provider("oidc", GITHUB),)), ()),
        {},
    ),
    "eks.pod_identity": (
        ({"compute": (compute("eks:podidentityassociation", "p"),)}, (f"arn:aws:eks:eu-west-1:{ID}:podidentityassociation/p",)),
        ({}, ()),
        {},
    ),
    "env.mixed": (
        ({"roles": (role("app-prod"), role("app-dev"))}, True), ({"roles": (role("app-prod"),)}, False),
        {"roles": (role("app-prod"),)},
    ),
    "groups.empty": (({}, (arn("group", "people"),)), ({"users": (person("ana"),)}, ()), SOURCE_ONLY),
    "groups.policyless": (({"groups": (group("bare", inline=()),)}, (arn("group", "bare"),)), ({}, ()), SOURCE_ONLY),
    "guard.boundary": (
        ({"users": (person("ana", boundary=arn("policy", "ceiling")),)}, (ANA,)), ({}, ()), SOURCE_ONLY,
    ),
    "guard.rcp": ((RCP, ("Ours",)), ({}, ()), {}),
    "guard.scp": ((SCP, ("Protect",)), ({}, ()), {}),
    "guard.test_ou": ((extra(org__units=["Policy-Test", "Prod"]), ("Policy-Test",)), (extra(org__units=["Prod"]), ()), {}),
    "ic.kind": (({"human_access": PEOPLE}, "organization"), ({}, "none"), {}),
    "ic.roles": (({"roles": (SSO,)}, (SSO.arn,)), ({"roles": (role("own"),)}, ()), SOURCE_ONLY),
    "ic.session_tags": (({"human_access": PEOPLE}, ("team",)), ({}, ()), {}),
    "ic.user_assignments": (({"human_access": PEOPLE}, ("ana",)), ({}, ()), {}),
    "irsa.loose": (
        ({"roles": (role("pod", federated(None, CLUSTER)),)}, (arn("role", "pod"),)),
        ({"roles": (role("pod", federated({"StringEquals": {f"{CLUSTER}:sub": "system:serviceaccount:a:b"}}, CLUSTER)),)}, ()),
        SOURCE_ONLY,
    ),
    "lambda.shared_role": (({"compute": FUNCTIONS}, (arn("role", "one"),)), ({"compute": FUNCTIONS[:1]}, ()), {}),
    "lambda.shared_role_functions": (
        ({"compute": FUNCTIONS}, tuple(one.arn for one in FUNCTIONS)), ({"compute": FUNCTIONS[:1]}, ()), {},
    ),
    "last_used(app)": (({"roles": (role("app"),)}, 4), ({"roles": (role("app", last_used=OLD),)}, 692), {}),
    "oidc.ci": ((with_settings(providers=(provider("oidc", GITHUB),)), (arn("oidc-provider", GITHUB),)), ({}, ()), {}),
    "oidc.open": (
        ({"roles": (role("ci", federated({"StringLike": {f"{GITHUB}:sub": "repo:*"}})),)}, (arn("role", "ci"),)),
        ({"roles": (role("ci", federated({"StringLike": {f"{GITHUB}:sub": "repo:acme/app:*"}})),)}, ()),
        SOURCE_ONLY,
    ),
    "org.accounts": (({}, (ID, SIBLING)), ({"organization": organization(accounts=())}, ()), {}),
    "org.features": (({}, "ALL"), (ALONE, "none"), {}),
    "org.mgmt_has_workloads": (
        ({"organization": MANAGING, "compute": FUNCTIONS}, True), ({"organization": MANAGING}, False),
        {"organization": MANAGING},
    ),
    "org.units": ((extra(org__units=["Prod"]), ("Prod",)), (extra(org__units=[]), ()), {}),
    "org.policy_types": (
        ({}, ("SERVICE_CONTROL_POLICY",)), ({"organization": organization(policy_types=())}, ()), {},
    ),
    "password.hard_expiry": ((with_settings(password_policy={"HardExpiry": True}), True), ({}, False), {}),
    "password.lowercase": ((with_settings(password_policy={"RequireLowercaseCharacters": True}), True), ({}, False), {}),
    "password.max_age": ((with_settings(password_policy={"MaxPasswordAge": 90}), 90), ({}, 0), {}),
    "password.min_length": (({}, 14), (with_settings(password_policy={}), 8), {}),
    "password.numbers": ((with_settings(password_policy={"RequireNumbers": True}), True), ({}, False), {}),
    "password.reuse": (({}, 24), (with_settings(password_policy={}), 0), {}),
    "password.symbols": ((with_settings(password_policy={"RequireSymbols": True}), True), ({}, False), {}),
    "password.uppercase": ((with_settings(password_policy={"RequireUppercaseCharacters": True}), True), ({}, False), {}),
    "paths.needed_action(inline|up|" + arn("user", "eve") + "|0)": ((UP, ("iam:PutUserPolicy",)), ({}, ()), SOURCE_ONLY),
    "paths.removable(" + arn("user", "eve") + ")": (
        (UP, (f"inline|up|{arn('user', 'eve')}|0",)), ({"users": (person("eve"),)}, ()), SOURCE_ONLY,
    ),
    "paths.statements(" + arn("user", "eve") + ")": (
        (REWRITE | {"roles": ()}, ()), ({"users": (person("eve"),)}, ()), SOURCE_ONLY,
    ),
    "paths.to_admin": ((REWRITE, (arn("user", "eve"),)), ({"users": (person("eve"),)}, ()), SOURCE_ONLY),
    "paths.to_admin_if": (
        ({"users": (person("eve", inline=(InlinePolicy("a", document(allow(
            "iam:PutUserPolicy", arn("user", "eve"),
            Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}))),)),)}, (arn("user", "eve"),)),
        (REWRITE, ()),
        SOURCE_ONLY,
    ),
    "paths.sole_holders(" + arn("user", "eve") + ")": (
        (REWRITE, (arn("user", "eve"),)), (UP, ()), SOURCE_ONLY,
    ),
    "paths.sole_policies(" + arn("user", "eve") + ")": (
        (REWRITE, (arn("policy", "self"),)), (UP, ()), SOURCE_ONLY,
    ),
    "paths.wide_holders(" + arn("user", "eve") + ")": ((REWRITE, ()), ({}, ()), SOURCE_ONLY),
    "policies.aws_wide": ((ADMIN_USER, (ANA,)), ({"users": (person("ana"),)}, ()), SOURCE_ONLY),
    "policies.aws_wide_jobs": (
        ({"users": (person("ana", attached=("arn:aws:iam::aws:policy/PowerUserAccess",)),)}, (ANA,)), (ADMIN_USER, ()),
        SOURCE_ONLY,
    ),
    "policies.headroom": (
        ({"users": (person("ana", inline=(InlinePolicy("big", sizeable(2000)),)),)}, (ANA,)),
        ({"users": (person("ana", inline=(InlinePolicy("big", sizeable(900)),)),)}, ()),
        {},
    ),
    "policies.iac_roles": (
        ({"roles": (role("fn", tags=(("aws:cloudformation:stack-name", "app"),)),)}, (arn("role", "fn"),)), ({}, ()),
        SOURCE_ONLY,
    ),
    "policies.inline": (({"users": (person("ana", inline=(SAME,)),), "groups": ()}, (ANA,)), ({"groups": ()}, ()), SOURCE_ONLY),
    "policies.inline_same": (
        ({"users": (person("ana", inline=(SAME,)), person("ben", inline=(SAME,)))}, (ANA, arn("user", "ben"))),
        ({"users": (person("ana", inline=(SAME,)),)}, ()),
        SOURCE_ONLY,
    ),
    "policies.lint": (
        ({"policies": (policy("odd", allow(Condition={"StringEquals": {"aws:PrincipalTag/a": "b*"}})),)}, (arn("policy", "odd"),)),
        ({"policies": (policy("fine"),)}, ()),
        SOURCE_ONLY,
    ),
    "policies.pass_any_role": (
        ({"policies": (policy("pass", allow("iam:PassRole")),)}, (arn("policy", "pass"),)),
        ({"policies": (policy("pass", allow("iam:PassRole", arn("role", "app-*"))),)}, ()),
        SOURCE_ONLY,
    ),
    "policies.pass_statements(" + arn("policy", "pass") + ")": (
        ({"policies": (policy("pass", allow(), allow("iam:PassRole")),)},
         (f"managed|{arn('policy', 'pass')}|{arn('policy', 'pass')}|1",)),
        ({"policies": (policy("pass"),)}, ()),
        SOURCE_ONLY,
    ),
    "policies.shared_by_kinds": (
        ({"users": (person("ana", attached=(arn("policy", "p"),)),), "roles": (role("r", attached=(arn("policy", "p"),)),)},
         (arn("policy", "p"),)),
        ({"users": (person("ana", attached=(arn("policy", "p"),)),)}, ()),
        SOURCE_ONLY,
    ),
    "policies.unattached": (
        ({"policies": (policy("left", attachment_count=0, boundary_count=0),)}, (arn("policy", "left"),)),
        ({"policies": (policy("used"), policy("ceiling", attachment_count=0, boundary_count=1))}, ()),
        SOURCE_ONLY,
    ),
    "ra.anchors": (
        (extra(rolesanywhere__anchors={"eu-west-1": ["arn:aws:rolesanywhere:eu-west-1:1:trust-anchor/a"]}),
         ("arn:aws:rolesanywhere:eu-west-1:1:trust-anchor/a",)),
        ({}, ()),
        {},
    ),
    "ra.loose": (
        ({"roles": (role("srv", trusting({"Service": "rolesanywhere.amazonaws.com"})),)}, (arn("role", "srv"),)),
        ({"roles": (role("srv", trusting({"Service": "rolesanywhere.amazonaws.com"}, ArnEquals={"aws__SourceArn": "a"})),)}, ()),
        SOURCE_ONLY,
    ),
    "roles.unused": (
        ({"roles": (role("old", last_used=OLD), role("never", last_used=None))}, (arn("role", "old"), arn("role", "never"))),
        ({"roles": (role("used"), role("young", created=FRESH, last_used=None), role("BreakGlass", last_used=OLD))}, ()),
        SOURCE_ONLY,
    ),
    "root.central": (
        ({"organization": organization(root_features=("RootSessions", "RootCredentialsManagement"))}, True),
        ({"organization": organization(root_features=("RootSessions",))}, False),
        {},
    ),
    "root.keys": ((summary(AccountAccessKeysPresent=1), 1), ({}, 0), {}),
    "root.mfa": (({}, 1), (summary(AccountMFAEnabled=0), 0), {}),
    "root.mfa_virtual": ((with_settings(root_mfa_virtual=True), True), ({}, False), {}),
    "root.password": (({}, 1), (summary(AccountPasswordPresent=0), 0), {}),
    "root.used_days": ((with_settings(**ROOT), 4), ({}, 692), {}),
    "s3.abac_on": (
        ({"resources": (bucket("a", abac=True),)}, ("arn:aws:s3:::a",)), ({"resources": (bucket("a", abac=False),)}, ()), {},
    ),
    "saml.own": (
        (with_settings(providers=(provider("saml", "okta"),)), (arn("saml-provider", "okta"),)),
        (with_settings(providers=(provider("saml", "AWSSSO_1_DO_NOT_DELETE"),)), ()),
        {},
    ),
    "tags.cost_key": (
        (with_settings(tags_seen=(("arn:aws:s3:::a", (("Cost-Center", "7"),)),)), ("Cost-Center",)), ({}, ()), {},
    ),
    "tags.coverage": (
        (with_settings(tags_seen=TAGS), 100), (with_settings(tags_seen=(*TAGS, ("arn:aws:s3:::z", ()))), 80), {},
    ),
    "tags.key": ((with_settings(tags_seen=TAGS), "team"), ({}, "none"), {}),
    "tags.roles": (
        ({"settings": {"tags_seen": TAGS}, "roles": (role("blue", tags=(("team", "blue"),)),)}, (arn("role", "blue"),)),
        (with_settings(tags_seen=TAGS), ()),
        {},
    ),
    "tags.values": ((with_settings(tags_seen=TAGS), ("blue", "red")), ({}, ()), {}),
    "tags.writable_by": (
        ({"users": (person("ana", inline=(InlinePolicy("tag", document(allow("ec2:CreateTags"))),)),)}, (ANA,)),
        ({"users": (person("ana"),)} | {"groups": (group("people"),)}, ()),
        SOURCE_ONLY,
    ),
    "trail.broken": ((with_settings(trails=(trail(logging=False),)), (trail().arn,)), (with_settings(trails=(trail(),)), ()), {}),
    "trail.no_validation": (
        (with_settings(trails=(trail(log_validation=False),)), (trail().arn,)), (with_settings(trails=(trail(),)), ()), {},
    ),
    "trail.ok": ((with_settings(trails=(trail(),)), True), (with_settings(trails=(trail(multi_region=False),)), False), {}),
    "trail.organization": (
        (with_settings(trails=(trail(organization=True),)), True), (with_settings(trails=(trail(),)), False), {},
    ),
    "trail.same_account": (
        ({"settings": {"trails": (trail(),)}, "resources": (bucket("logs"),)}, ("logs",)),
        (with_settings(trails=(trail(),)), ()),
        {},
    ),
    "users.all": (({"users": (person("ana"),)}, (ANA,)), ({}, ()), SOURCE_ONLY),
    "users.console": (({"users": (person("ana"),)}, (ANA,)), ({"users": (program("p"),)}, ()), {"users": (user("x", sign_in=SignIn()),)}),
    "users.console_no_mfa": (
        ({"users": (person("ana", mfa=False),)}, (ANA,)), ({"users": (person("ana"), program("p"))}, ()),
        {"users": (user("x", sign_in=SignIn(console=True)),)},
    ),
    "users.direct_people": (
        ({"users": (person("ana", inline=(SAME,)), program("ci", inline=(SAME,)))}, (ANA,)),
        ({"users": (person("ana"), program("ci", inline=(SAME,)))}, ()),
        {"users": (user("ana", inline=(SAME,), sign_in=SignIn()),)},
    ),
    "users.direct": (
        ({"users": (person("ana", inline=(SAME,)),)}, (ANA,)),
        ({"users": (person("ana"), person("emergency-1", inline=(SAME,)))}, ()),
        SOURCE_ONLY,
    ),
    "users.equal_policies": (
        ({"users": (person("ana", inline=(SAME,)), person("ben", inline=(SAME,)))}, (ANA, arn("user", "ben"))),
        ({"users": (person("ana"), person("ben"))}, ()),
        SOURCE_ONLY,
    ),
    "users.exceptions_untagged": (
        ({"users": (program("p"), program("q", tags=(("owner", "ana"), ("expires", "2026-01-01"))))},
         (arn("user", "p"), arn("user", "q"))),
        ({"users": (program("p", tags=(("owner", "ana"), ("expires", "2027-01-01"))), person("ana"))}, ()),
        {"users": (user("x", sign_in=SignIn()),)},
    ),
    "users.groupless": (({"users": (person("ana", groups=()),)}, (ANA,)), ({"users": (person("ana"),)}, ()), SOURCE_ONLY),
    "users.human": (({"users": (person("ana"),)}, (ANA,)), ({"users": (program("p"),)}, ()), {"users": (user("x", sign_in=SignIn()),)}),
    "users.human_daily": (
        ({"users": (person("ana"),)}, (ANA,)),
        ({"users": (person("one", path="/break-glass/"), person("e", path="/exception/"))}, ()),
        {"users": (user("x", sign_in=SignIn()),)},
    ),
    "users.human_keys": (
        ({"users": (person("ana", keys=(key("A"),)),)}, ("AKIAEXAMPLEA",)), ({"users": (person("ana"), program("p"))}, ()),
        {"users": (user("x", sign_in=SignIn()),)},
    ),
    "users.human_with_keys": (
        ({"users": (person("ana", keys=(key("A"),)),)}, (ANA,)), ({"users": (person("ana"), program("p"))}, ()),
        {"users": (user("x", sign_in=SignIn()),)},
    ),
    "users.idle(90)": (
        ({"users": (person("ana", used=OLD),)}, (ANA,)),
        ({"users": (person("ana"), program("p"), person("emergency-1", used=OLD))}, ()),
        {"users": (user("x", sign_in=SignIn(console=True, console_last_used="no_information", keys=())),)},
    ),
    "users.keys": (({"users": (program("p"),)}, (arn("user", "p"),)), ({"users": (person("ana"),)}, ()), {"users": (user("x", sign_in=SignIn()),)}),
    "users.keys_idle(90)": (
        ({"users": (program("p", keys=(key("A", OLD, OLD), key("B", OLD, None))),)}, ("AKIAEXAMPLEA", "AKIAEXAMPLEB")),
        ({"users": (program("p", keys=(key("A", OLD, FRESH), key("B", FRESH, None), key("C", OLD, None, False))),)}, ()),
        {"users": (user("x", sign_in=SignIn()),)},
    ),
    "users.keys_of(" + arn("user", "p") + ")": (
        ({"users": (program("p"),)}, ("AKIAEXAMPLEA",)), ({"users": (user("p"),)}, ()),
        {"users": (user("p", sign_in=SignIn()),)},
    ),
    "users.keys_old(90)": (
        ({"users": (program("p", keys=(key("A", OLD),)),)}, ("AKIAEXAMPLEA",)), ({"users": (program("p"),)}, ()),
        {"users": (user("x", sign_in=SignIn()),)},
    ),
    "users.machine": (({"users": (program("p"),)}, (arn("user", "p"),)), ({"users": (person("ana"),)}, ()), {"users": (user("x", sign_in=SignIn()),)}),
    "users.special_creds": (
        ({"users": (user("git", sign_in=SignIn(special=("ssh:APKAEXAMPLE",))),)}, (arn("user", "git"),)),
        ({"users": (user("x"),)}, ()),
        {"users": (user("x", sign_in=SignIn()),)},
    ),
    "users.two_keys": (
        ({"users": (program("p", keys=(key("A"), key("B"))),)}, (arn("user", "p"),)), ({"users": (program("p"),)}, ()),
        {"users": (user("x", sign_in=SignIn()),)},
    ),
    "setup.D1": (({}, True), (with_settings(public_access_block=PublicAccessBlock(True)), False), {}),
    "setup.D2": ((extra(setup__D2={"eu-west-1": True}), True), (extra(setup__D2={"eu-west-1": False, "b": None}), False), {}),
    "setup.D3": ((extra(setup__D3={"eu-west-1": True}), True), (extra(setup__D3={"eu-west-1": False}), False), {}),
    "setup.D4": ((extra(setup__D4={"eu-west-1": True}), True), (extra(setup__D4={"eu-west-1": False}), False), {}),
    "setup.G1": (
        (extra(setup__G1={"eu-west-1": "ENABLED_BY_DEFAULT", "ap-east-1": "DISABLED"}), True),
        (extra(setup__G1={"ap-east-1": "ENABLED"}), False),
        {},
    ),
    "setup.R4": (({}, True), (with_settings(contacts={"SECURITY": False}), False), {}),
    "setup.K0": (({}, True), (ALONE, True), {}),
    "setup.R1": (({}, True), (summary(AccountMFAEnabled=0, AccountPasswordPresent=1), False), {}),
    "setup.R2": (({}, True), (summary(AccountAccessKeysPresent=1), False), {}),
    "setup.P1": ((ADMIN_WITH_MFA, True), (ADMIN_USER, False), SOURCE_ONLY),
    "setup.P2": (({"roles": (role("one", path="/break-glass/"),)}, True), ({}, False), SOURCE_ONLY),
    "setup.P3": (({}, True), ({"users": (person("ana", inline=(SAME,)),)}, False), SOURCE_ONLY),
    "setup.P4": (({}, True), (with_settings(password_policy={}), False), {}),
    "setup.P5": (({"users": (HELD,)}, True), ({"users": (person("ana"),)}, False), {"users": (user("x", sign_in=SignIn()),)}),
    "setup.L1": ((with_settings(trails=(trail(),)), True), ({}, False), {}),
    "setup.A1": ((with_settings(analyzers=(analyzer(),)), True), ({}, False), {}),
    "setup.O1": (({}, True), (ALONE, False), {}),
    "setup.W1": (({}, True), ({"compute": FUNCTIONS}, False), {}),
    "setup.O2": ((extra(org__units=["Prod"]), True), (extra(org__units=[]), False), {}),
    "setup.O3": (({}, True), ({"roles": (role("app-prod"), role("app-dev"))}, False), {}),
    "setup.O4": (
        ({"organization": organization(root_features=("RootSessions", "RootCredentialsManagement"))}, True), ({}, False), {},
    ),
    "setup.O5": (({"human_access": PEOPLE}, True), ({}, False), {}),
    "setup.O6": (({"human_access": PEOPLE}, True), ({}, False), {}),
    "setup.O7": ((SCP, True), ({}, False), {}),
    "setup.O8": (
        (with_settings(trails=(trail(organization=True),), analyzers=(analyzer(type="ORGANIZATION"),)), True),
        (with_settings(trails=(trail(organization=True),), analyzers=(analyzer(),)), False),
        {},
    ),
}  # fmt: skip
for _step in ("R3", "B1", "L2", "X1", "X2", "X3", "Z1"):
    CASES[f"setup.{_step}"] = (
        (with_settings(extra={f"setup.{_step}": True}), True), (with_settings(extra={f"setup.{_step}": False}), False), {},
    )  # fmt: skip
