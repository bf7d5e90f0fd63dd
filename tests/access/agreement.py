"""Whether the index and the one-request evaluator agree: sampled questions on a generated account.

The index answers for everybody at once; `can` assembles every policy of one principal and decides alone. They share
nothing but the evaluator's formulas.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

from advisor.access.index import AccessIndex, build_index
from advisor.access.population import places_of
from advisor.access.reasons import reasons_of
from advisor.collect.files import read_files
from advisor.model.verdict import Reason, Verdict
from tests.generate.account import ACCOUNT, generate
from tests.generate.documents import SERVICES

CONTEXTS: tuple[dict[str, tuple[str, ...]], ...] = (
    {},
    {},
    {"aws:multifactorauthpresent": ("true",)},
    {"aws:multifactorauthpresent": ()},
    {"aws:sourceip": ("192.0.2.7",), "aws:requestedregion": ("eu-west-1",)},
    {"aws:principaltag/team": ("blue",)},
    {"aws:tagkeys": ("team", "other")},
    {"aws:securetransport": ("false",), "aws:currenttime": ("2031-01-01T00:00:00Z",)},
)


def indexed(principals: int, seed: int, *, with_resources: bool = True, with_org: bool = True) -> AccessIndex:
    """The index over a generated account, read from its files as a user would."""
    with tempfile.TemporaryDirectory() as folder:
        export, resources, org = generate(principals, seed).write(Path(folder))
        files = [export, resources] if with_resources else [export]
        return build_index(read_files(files, org=org if with_org else None))


def questions(source: random.Random, principals: int) -> Iterator[tuple[str, str, dict[str, tuple[str, ...]]]]:
    """Endless questions about things that the generated policies talk about, and some that they do not."""
    names = max(6, principals // 20)
    while True:
        service = source.choice(list(SERVICES))
        action = f"{service}:{source.choice(SERVICES[service])}"
        at = source.randrange(names + 1)
        resource = {
            "s3": f"arn:aws:s3:::bucket-{at}{source.choice(['', '/a/b', f'/home/user-{at}/x', '/blue/x'])}",
            "iam": f"arn:aws:iam::{ACCOUNT}:{source.choice(['role/', 'role/app/', 'user/'])}role-{at}",
            "sts": f"arn:aws:iam::{ACCOUNT}:role/role-{at}",
            "kms": f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/key-{at - at % 4}",
            "sqs": f"arn:aws:sqs:{source.choice(['eu-west-1', 'us-east-1'])}:{ACCOUNT}:queue-{at - at % 3}",
            "lambda": f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:function-{at - at % 5}",
        }.get(service, f"arn:aws:{service}:eu-west-1:{ACCOUNT}:thing/thing-{at}")
        yield action, resource, source.choice(CONTEXTS)


def disagreements(
    index: AccessIndex, seed: int, asks: int, principals_each: int, elsewhere: str = ACCOUNT
) -> tuple[int, list[str]]:
    """Ask both; returns the number of (principal, action, resource, context) asked, and what differs in words.

    Half of the resources are those of the account `elsewhere`, one in eight is any.
    """
    source = random.Random(seed)
    asked, found = 0, []
    for (action, resource, context), _ in zip(questions(source, len(index.principals)), range(asks), strict=False):
        if source.random() < 0.5:
            resource = resource.replace(ACCOUNT, elsewhere)
        if elsewhere != ACCOUNT and source.random() < 0.125:
            resource = "*"
        question = index.question(action, resource, context)
        sweep = index.sweep(question)
        by_index = {
            index.population.members[at].arn: (group.verdict, reasons.of(at))
            for group in sweep.groups()
            for reasons in (reasons_of(sweep, group.verdict),)
            for at in places_of(group.mask)
        }
        assert by_index.keys() == index.principals.keys(), "every principal is in exactly one group"
        for arn in source.sample(sorted(by_index), min(principals_each, len(by_index))):
            asked += 1
            alone = index.verdict(index.caller(arn), question)
            verdict, reasons = by_index[arn]
            if _told(verdict, reasons) != _told(alone, alone.because):
                found.append(
                    f"{arn} {action} {resource} {context}: {_told(verdict, reasons)} != {_told(alone, alone.because)}"
                )
    return asked, found


def _told(verdict: Verdict, reasons: tuple[Reason, ...]) -> tuple[object, ...]:
    """What an answer says: everything but the order of reasons and the witness."""
    return (verdict.decision, verdict.conditions, verdict.gaps, verdict.assuming, frozenset(reasons))
