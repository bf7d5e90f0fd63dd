"""Questions as people type them, on an account with a bucket, roles and users of similar names."""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor.access.phrase import Named, suggest
from advisor.reference import catalogue, knowledge

BUCKET = Named("arn:aws:s3:::acme-payroll", "s3:bucket", "acme-payroll")
ROLE = Named("arn:aws:iam::111122223333:role/PayrollApp", "iam:role", "PayrollApp")
QUEUE = Named("arn:aws:sqs:eu-west-1:111122223333:jobs", "sqs:queue", "jobs")
NAMES = (ROLE, QUEUE, BUCKET)


@pytest.mark.parametrize(
    ("text", "action", "resource"),
    [
        ("read pay", "s3:GetObject", f"{BUCKET.arn}/*"),
        ("READ payroll", "s3:GetObject", f"{BUCKET.arn}/*"),
        ("see payroll", "s3:GetObject", f"{BUCKET.arn}/*"),
        ("admin payroll", "s3:PutBucketPolicy", BUCKET.arn),
        ("send jobs", "sqs:SendMessage", QUEUE.arn),
        ("become payrollapp", "sts:AssumeRole", ROLE.arn),
        ("delete users", "iam:DeleteUser", None),
        ("s3:GetObject payroll", "s3:GetObject", f"{BUCKET.arn}/*"),
        ("s3:getobject", "s3:GetObject", None),
        ("s3:ListBucket payroll", "s3:ListBucket", BUCKET.arn),
        ("s3:Get* payroll", "s3:get*", f"{BUCKET.arn}*"),
        ("s3:GetObject arn:aws:s3:::other/x", "s3:GetObject", "arn:aws:s3:::other/x"),
        ("read arn:aws:s3:::other", "s3:GetObject", "arn:aws:s3:::other/*"),
        ("iam:PassRole payroll", "iam:PassRole", ROLE.arn),
        ("passrole", "iam:PassRole", None),
        ("payroll", "s3:GetObject", f"{BUCKET.arn}/*"),
    ],
)
def test_the_first_suggestion_is_what_is_meant(text: str, action: str, resource: str | None) -> None:
    first = suggest(text, NAMES)[0]
    assert (first.action.lower(), first.resource) == (action.lower(), resource)


@pytest.mark.parametrize("text", ["", "   ", "read nothinglikethis", "zzzz"])
def test_what_says_nothing_suggests_nothing(text: str) -> None:
    assert suggest(text, NAMES) == ()


def test_an_unknown_action_is_asked_as_it_stands() -> None:
    assert suggest("brandnew:Action", NAMES)[0].action == "brandnew:Action"


def test_every_phrase_names_an_action_that_aws_has() -> None:
    for phrase in knowledge.load("phrases").values():
        for ask in phrase.asks:
            assert catalogue.action(ask.action), f"{phrase.id}: {ask.action}"


def test_a_wrong_level_and_a_missing_source_are_named(tmp_path: Path) -> None:
    folder = tmp_path / "phrases"
    folder.mkdir()
    (folder / "odd.yaml").write_text(
        "id: odd\nkind: s3:bucket\nwords: [odd]\nasks:\n  - {level: reed, action: GetObject}\nsources: []\n"
    )
    reasons = " ".join(problem.reason for problem in knowledge.check(tmp_path))
    assert "`reed` must be one of" in reasons
    assert "must be `service:Action`" in reasons
    assert "needs a source" in reasons
