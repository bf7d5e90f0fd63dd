"""An account in which every field holds a name that can be searched for, and patterns cut names at hard places."""

from __future__ import annotations

from advisor.model.document import Document
from advisor.model.gap import Gap
from advisor.model.organization import Entitlement, HumanAccess, Level, NamedPolicy, Organization
from advisor.model.principal import (
    AccessKey,
    Group,
    InlinePolicy,
    ManagedPolicy,
    PolicyVersion,
    Role,
    SignIn,
    User,
)
from advisor.model.resource import Compute, Grant, Resource
from advisor.model.snapshot import Analyzer, Provider, Settings, Snapshot, Source, Trail
from tests.policies import ACCOUNT as ID
from tests.policies import allow, document

OUTSIDE = "444455556666"
IAM = f"arn:aws:iam::{ID}"
GITHUB = "token.actions.githubusercontent.com"
OWN_ISSUER = "idp.zebracorp.example"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"


def trusts(principal: object, condition: object = None, action: str = "sts:AssumeRole") -> Document:
    statement: dict[str, object] = {"Effect": "Allow", "Principal": principal, "Action": action}
    return document({**statement, "Condition": condition} if condition else statement)


def policy(name: str, *statements: object, path: str = "/") -> ManagedPolicy:
    text = document(*statements)
    return ManagedPolicy(
        f"{IAM}:policy{path}{name}", name, (PolicyVersion("v1", text, True),), f"ANPA{name.upper():X<17}"[:21], path
    )


PATTERNS = policy(
    "Kestrelpatterns",
    allow("s3:GetObject", ["arn:aws:s3:::heronfiles-*/*", "arn:aws:s3:::*lynx/a?b*", "arn:aws:s3:::her?nlogs/*"]),
    allow("s3:PutObject", "arn:aws:s3:::*ronlog*/in/${aws:username}/*"),
    allow("sqs:*", f"arn:aws:sqs:eu-west-1:{ID}:${{aws:PrincipalTag/Weasel, 'stoat'}}-*"),
    allow("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:eu-west-1:{ID}:secret:ospreydb-??????"),
    allow(
        "iam:PassRole", f"{IAM}:role/gull*", Condition={"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}
    ),
    allow("lambda:*"),
)
FENCED = policy(
    "Magpiefence",
    allow("dynamodb:GetItem", Condition={"StringEquals": {"aws:ResourceTag/Weasel": "${aws:PrincipalTag/weasel}"}}),
    allow(
        "dynamodb:PutItem", Condition={"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "198.51.100.7", "10.1.2.0/24"]}}
    ),
    allow("dynamodb:Query", Condition={"StringLike": {"aws:PrincipalArn": f"{IAM}:user/falc*"}}, Sid="Ravensid"),
    allow("dynamodb:Scan", Condition={"ForAnyValue:StringEquals": {"aws:TagKeys": ["Weasel"]}}),
    {"Effect": "Deny", "Action": "dynamodb:DeleteTable", "NotResource": f"arn:aws:dynamodb:*:{ID}:table/plover*"},
    allow("kms:Decrypt", Condition={"StringEquals": {"kms:EncryptionContext:Puffinkey": "Curlewvalue"}}),
)
BUCKET_POLICY = document(
    {
        "Effect": "Allow",
        "Principal": {"AWS": f"{IAM}:role/gullworker"},
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::heronlogs/*",
    },
    {"Effect": "Allow", "Principal": {"AWS": OUTSIDE}, "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::heronlogs"},
    {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": "arn:aws:s3:::heronlogs/secret/*",
        "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-otterorg"}},
    },
)


def user(
    name: str,
    path: str = "/",
    *,
    groups: tuple[str, ...] = (),
    attached: tuple[str, ...] = (),
    tags: tuple[tuple[str, str], ...] = (),
) -> User:
    keys = (AccessKey(f"AKIA{name.upper():X<16}"[:20], True, "2024-01-01T00:00:00Z"),)
    sign_in = SignIn(True, mfa=False, mfa_serials=(f"{IAM}:mfa/{name}phone",), keys=keys, special=(f"ssh:{name}ssh",))
    return User(
        f"{IAM}:user{path}{name}",
        name,
        f"AIDA{name.upper():X<17}"[:21],
        path,
        groups=groups,
        attached=attached,
        tags=tags,
        sign_in=sign_in,
    )


USERS = (
    user("falcon", "/egretpath/", groups=("sparrows",), tags=(("Weasel", "stoat"),)),
    user("falcony", attached=(PATTERNS.arn,), tags=(("weasel", "ferret"), ("owner", "jay@zebracorp.example"))),
    user("jackdaw", attached=(FENCED.arn,)),
    user("emergencywren", "/break-glass/", attached=(ADMINISTRATOR,)),
)
ROLES = (
    Role(
        f"{IAM}:role/gullworker",
        "gullworker",
        trusts({"Service": "lambda.amazonaws.com"}),
        "AROAGULLWORKERXXXXXXX",
        attached=(ADMINISTRATOR,),
        description="Tells of the budgerigar",
    ),
    Role(
        f"{IAM}:role/Gulladmin",
        "Gulladmin",
        trusts({"AWS": f"{IAM}:user/falcony"}),
        "AROAGULLADMINXXXXXXXX",
        attached=(PATTERNS.arn,),
        boundary=FENCED.arn,
    ),
    Role(
        f"{IAM}:role/deploy",
        "deploy",
        trusts(
            {"Federated": f"{IAM}:oidc-provider/{GITHUB}"},
            {"StringLike": {f"{GITHUB}:sub": "repo:zebracorp/*:ref:refs/heads/main"}},
            "sts:AssumeRoleWithWebIdentity",
        ),
        attached=(ADMINISTRATOR,),
    ),
    Role(
        f"{IAM}:role/partner",
        "partner",
        trusts({"AWS": f"arn:aws:iam::{OUTSIDE}:role/cuckoo"}, {"StringEquals": {"sts:ExternalId": "nightingale-77"}}),
        inline=(InlinePolicy("dunnock", document(allow("iam:AttachUserPolicy", f"{IAM}:user/${{aws:username}}"))),),
    ),
    Role(
        f"{IAM}:role/own",
        "own",
        trusts(
            {"Federated": f"{IAM}:oidc-provider/{OWN_ISSUER}"},
            {"StringEquals": {f"{OWN_ISSUER}:aud": "shrikeapp"}},
            "sts:AssumeRoleWithWebIdentity",
        ),
    ),
    Role(
        f"{IAM}:role/aws-service-role/support.amazonaws.com/AWSServiceRoleForSupport",
        "AWSServiceRoleForSupport",
        trusts({"Service": "support.amazonaws.com"}),
        path="/aws-service-role/support.amazonaws.com/",
    ),
    Role(
        f"{IAM}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Bitternset_0123456789abcdef",
        "AWSReservedSSO_Bitternset_0123456789abcdef",
        trusts({"Federated": f"{IAM}:saml-provider/AWSSSO_1a2b"}, None, "sts:AssumeRoleWithSAML"),
        path="/aws-reserved/sso.amazonaws.com/",
        attached=(PATTERNS.arn,),
    ),
)
SNAPSHOT = Snapshot(
    ID,
    Source(
        "live", "profile-kingfisher", ("identity", "boundary", "resource", "scp", "rcp"), "https://chaffinch.example"
    ),
    "2026-11-24T09:00:00+00:00",
    alias="zebracorp",
    users=USERS,
    groups=(
        Group(
            f"{IAM}:group/sparrows",
            "sparrows",
            inline=(InlinePolicy("linnet", document(allow("s3:*", "arn:aws:s3:::heronfiles-main/*"))),),
        ),
    ),
    roles=ROLES,
    policies=(
        PATTERNS,
        FENCED,
        ManagedPolicy(ADMINISTRATOR, "AdministratorAccess", (PolicyVersion("v1", document(allow("*")), True),)),
    ),
    resources=(
        Resource("arn:aws:s3:::heronlogs", "s3:bucket", ID, "eu-west-1", BUCKET_POLICY, tags=(("Weasel", "stoat"),)),
        Resource("arn:aws:s3:::heronfiles-main", "s3:bucket", ID, "eu-west-1"),
        Resource("arn:aws:s3:::bluelynx", "s3:bucket", ID, "eu-west-1"),
        Resource(
            f"arn:aws:secretsmanager:eu-west-1:{ID}:secret:ospreydb-AbCdEf", "secretsmanager:secret", ID, "eu-west-1"
        ),
        Resource(f"arn:aws:sqs:eu-west-1:{ID}:stoat-jobs", "sqs:queue", ID, "eu-west-1"),
        Resource(
            f"arn:aws:dynamodb:eu-west-1:{ID}:table/plovers",
            "dynamodb:table",
            ID,
            "eu-west-1",
            tags=(("Weasel", "ferret"),),
        ),
        Resource(
            f"arn:aws:kms:eu-west-1:{ID}:key/1a2b3c4d-0000-1111-2222-333344445555",
            "kms:key",
            ID,
            "eu-west-1",
            grants=(
                Grant(
                    "kms-grant", f"{IAM}:user/jackdaw", ("kms:Decrypt",), "grantid99", (("equals:Siskin", "Whimbrel"),)
                ),
            ),
            settings=(("description", "of the goldcrest"), ("key_manager", "CUSTOMER")),
        ),
    ),
    compute=(
        Compute(
            f"arn:aws:lambda:eu-west-1:{ID}:function:pigeonpost",
            "lambda:function",
            ID,
            "eu-west-1",
            f"{IAM}:role/gullworker",
            name="pigeonpost",
            settings=(("runtime", "python3.13"),),
        ),
    ),
    organization=Organization(
        "o-otterorg",
        OUTSIDE,
        "ALL",
        ((ID, "Badgeraccount"), (OUTSIDE, "Molemanager")),
        ((ID, "o-otterorg/r-vole/ou-vole-shrew123/"),),
        ("SERVICE_CONTROL_POLICY",),
        (
            (
                ID,
                (
                    Level("r-vole", (NamedPolicy("FullAWSAccess", document(allow("*"))),)),
                    Level(ID, (NamedPolicy("Hedgehogscp", document(allow("*")), "p-stoatscp1"),)),
                ),
            ),
        ),
        ((ID, ()),),
        (),
    ),
    human_access=HumanAccess(
        "arn:aws:sso:::instance/ssoins-dormouse12",
        "organization",
        (Entitlement("permission-set", "user", "robin@zebracorp.example", ROLES[-1].arn, "Bitternset"),),
        ("Marmotapp",),
        ("Weasel",),
    ),
    settings=Settings(
        summary={"Users": 4},
        password_policy={"MinimumPasswordLength": 14},
        root=SignIn(True, mfa=False, keys=()),
        root_mfa_virtual=False,
        providers=(
            Provider(f"{IAM}:oidc-provider/{GITHUB}", "oidc", GITHUB, ("sts.amazonaws.com",)),
            Provider(f"{IAM}:oidc-provider/{OWN_ISSUER}", "oidc", f"https://{OWN_ISSUER}", ("shrikeapp",)),
        ),
        instance_profiles=((f"{IAM}:instance-profile/gerbilprofile", (ROLES[0].arn,)),),
        trails=(
            Trail(
                f"arn:aws:cloudtrail:eu-west-1:{ID}:trail/lemmingtrail",
                "lemmingtrail",
                "eu-west-1",
                True,
                bucket="heronlogs",
            ),
        ),
        analyzers=(
            Analyzer(
                f"arn:aws:access-analyzer:eu-west-1:{ID}:analyzer/polecat", "polecat", "eu-west-1", "ACCOUNT", "ACTIVE"
            ),
        ),
        regions=("eu-west-1",),
        plan="PAID",
        caller=f"{IAM}:user/jackdaw",
        extra={
            "setup.D3": {"eu-west-1": True},
            "rolesanywhere.anchors": {
                "eu-west-1": ["arn:aws:rolesanywhere:eu-west-1:111122223333:trust-anchor/anchor-ermine"]
            },
        },
        contacts={"SECURITY": True},
        tags_seen=(
            ("arn:aws:s3:::heronlogs", (("Weasel", "stoat"), ("aws:cloudformation:stack-name", "wombatstack"))),
        ),
    ),
    gaps=(
        Gap(
            "s3:GetBucketPolicy",
            "refused",
            f"AccessDenied: User {IAM}:user/jackdaw may not read heronlogs of jackdaw",
            "who may use heronfiles-main by its policy",
            "arn:aws:s3:::bluelynx",
        ),
        Gap("kms:ListKeys", "failed", "stopped before it was read", "the keys"),
    ),
)
NAMES = (
    "falcon",
    "falcony",
    "jackdaw",
    "wren",
    "egretpath",
    "sparrows",
    "weasel",
    "stoat",
    "ferret",
    "zebracorp",
    "jay",
    "kestrelpatterns",
    "magpiefence",
    "heron",
    "lynx",
    "osprey",
    "gull",
    "budgerigar",
    "cuckoo",
    "nightingale",
    "dunnock",
    "shrike",
    "bittern",
    "kingfisher",
    "chaffinch",
    "linnet",
    "plover",
    "puffin",
    "curlew",
    "raven",
    "otterorg",
    "badger",
    "mole",
    "hedgehog",
    "dormouse",
    "robin",
    "marmot",
    "gerbil",
    "lemming",
    "polecat",
    "pigeonpost",
    "siskin",
    "whimbrel",
    "goldcrest",
    "ermine",
    "wombat",
    "111122223333",
    "444455556666",
    "203.0.113",
    "198.51.100",
    "1a2b3c4d",
    "grantid99",
    "stoatscp",
    "shrew123",
    "vole",
    "abcdef",
    "partner",
    "deploy",
)
"""Every name of the account: none may be found in what is shared."""
