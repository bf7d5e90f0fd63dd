"""The account as a graph: every kind of edge, and the part around a node."""

from __future__ import annotations

import pytest

from advisor.account import Advisor
from advisor.graph.build import EDGE_KINDS, build_graph, find_node, neighbourhood
from advisor.model.organization import Entitlement
from advisor.model.resource import Resource
from tests.graph.labs import ACCOUNT, Lab, allow, arn, document, trusting

BUCKET = "arn:aws:s3:::acme-payroll"
FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:ledger"


@pytest.fixture
def account() -> Advisor:
    from msgspec.structs import replace

    lab = Lab()
    reader = lab.policy("reader", allow("s3:GetObject", f"{BUCKET}/*"), allow("s3:ListAllMyBuckets"))
    lab.group("people", allow("s3:ListBucket", "arn:aws:s3:::acme-*"), attached=(reader,))
    lab.user("ana", groups=("people",), boundary=lab.policy("limit", allow("s3:*")))
    lab.role("job", trusting(service="lambda.amazonaws.com"), allow("s3:PutObject", BUCKET + "/x"))
    lab.role("partner", trusting(aws="444455556666", Bool={"aws:MultiFactorAuthPresent": "true"}))
    lab.runs("lambda:function", FUNCTION, arn("role", "job"))
    lab.entitlements = (Entitlement("permission-set", "user", "jo", arn("role", "job")),)
    open_bucket = document({**allow("s3:GetObject", f"{BUCKET}/*"), "Principal": "*"})
    bucket = Resource(BUCKET, "s3:bucket", ACCOUNT, policy=open_bucket)
    return Advisor([replace(lab.snapshot(), resources=(bucket,))])


def test_every_kind_of_edge(account: Advisor) -> None:
    graph = build_graph(account)
    edges = {(source, target, kind) for source, target, kind in graph.edges(keys=True)}
    ana, people, job = arn("user", "ana"), arn("group", "people"), arn("role", "job")
    assert edges >= {
        (ana, people, "member-of"),
        (people, arn("policy", "reader"), "attached"),
        (people, f"{people}#own", "inline"),
        (ana, arn("policy", "limit"), "bounded-by"),
        (job, "lambda.amazonaws.com", "trusts"),
        ("lambda.amazonaws.com", job, "can-assume"),
        (job, FUNCTION, "carried-by"),
        ("user:jo", job, "entitled-to"),
        ("*", BUCKET, "grants-on"),
        (arn("policy", "reader"), BUCKET, "grants-on"),
        (f"{people}#own", BUCKET, "grants-on"),
    }
    assert {kind for _, _, kind in edges} == set(EDGE_KINDS)


def test_a_condition_in_a_trust_makes_the_edge_conditional(account: Advisor) -> None:
    graph = build_graph(account)
    edge = graph.edges["444455556666", arn("role", "partner"), "can-assume"]
    assert edge["status"] == "conditional"
    assert graph.nodes["444455556666"]["outside"]


def test_a_policy_that_was_not_read_is_unknown() -> None:
    lab = Lab()
    lab.user("ana", attached=(arn("policy", "lost"),))
    graph = build_graph(lab.open())
    assert graph.edges[arn("user", "ana"), arn("policy", "lost"), "attached"]["status"] == "unknown"


def test_the_part_around_a_node(account: Advisor) -> None:
    graph = build_graph(account)
    near = neighbourhood(graph, arn("user", "ana"), 1)
    assert set(near) == {arn("user", "ana"), arn("group", "people"), arn("policy", "limit")}
    assert BUCKET in neighbourhood(graph, arn("user", "ana"), 3)


def test_nodes_are_found_by_name(account: Advisor) -> None:
    graph = build_graph(account)
    assert find_node(graph, "ana") == arn("user", "ana")
    assert find_node(graph, BUCKET) == BUCKET
    assert find_node(graph, "nobody") is None
