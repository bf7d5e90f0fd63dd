"""What an answer says of itself, beside its rows."""

from __future__ import annotations

from advisor.account import Advisor
from advisor.model.document import parse_document
from advisor.model.principal import InlinePolicy, User
from advisor.model.snapshot import Snapshot, Source
from screens.outcome import work_out
from screens.questions import Asked

ACCOUNT = "111122223333"
ANA = f"arn:aws:iam::{ACCOUNT}:user/ana"


def _counted(attached: tuple[str, ...]) -> str:
    document = parse_document(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
    )
    user = User(ANA, "ana", inline=(InlinePolicy("own", document),), attached=attached)
    source = Source("export", "", ("identity", "boundary", "resource", "scp", "rcp", "endpoint"))
    advisor = Advisor((Snapshot(ACCOUNT, source, "", users=(user,)),))
    return work_out(advisor, Asked("what", "", "", "", principal=ANA), {}, via=False).counted().plain


def test_what_is_not_listed_is_unknown_where_a_policy_could_not_be_read() -> None:
    assert _counted(()) == "can do 1 action"
    told = _counted((f"arn:aws:iam::{ACCOUNT}:policy/unread",))
    assert told.startswith("can do 1 action · anything else is unknown: ") and "unread" in told
