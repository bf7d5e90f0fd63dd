"""Operations become the calls that boto3 sends; the layer that sends them refuses what was not shown or armed."""

from __future__ import annotations

import json
import time
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore import xform_name
from botocore.stub import Stubber

from advisor.change.armed import ArmedClients, Arming, NotArmed, arm
from advisor.change.aspects import Touch, read
from advisor.change.calls import as_text, keyword_arguments, method_of
from advisor.change.journal import Step
from advisor.change.run import USUAL, Engine
from advisor.change.secrets import Secrets, secret_names, without_secrets
from advisor.model.change import Operation
from tests.change.stubbed_operations import READS, STUBBED, UNDO_ONLY

SESSION = boto3.Session(
    aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="wJalrXUtnFEMI/EXAMPLEKEY", region_name="eu-west-1"
)


class Stubbed:
    """Stands for the armed clients: hands out one client whose answers are stubbed."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def get(self, service: str, region: str | None = None) -> Any:
        return self.client

    def shown(self, call: str, parameters: Any) -> Any:
        return nullcontext()


def answer_of(client: Any, operation: Operation) -> Any:
    """The least that the operation may answer."""
    shape = client.meta.service_model.operation_model(operation.operation).output_shape
    return least(shape) if shape else {}


def least(shape: Any) -> Any:
    if shape.type_name == "structure":
        return {name: least(shape.members[name]) for name in shape.required_members}
    plain = {"list": [], "map": {}, "boolean": False, "integer": 0, "timestamp": datetime(2026, 11, 24, tzinfo=UTC)}
    return plain.get(shape.type_name, (getattr(shape, "enum", None) or ["x" * shape.metadata.get("min", 1)])[0])


@pytest.mark.parametrize("name", sorted(READS))
def test_what_is_compared_is_read_as_botocores_model_answers_it(name: str) -> None:
    aspect, key, answer, expected = READS[name]
    service, _, operation = name.partition(":")
    client = SESSION.client(service)
    with Stubber(client) as stub:
        stub.add_response(xform_name(operation), answer)
        assert read(Touch(aspect, key), Stubbed(client)) == expected
        stub.assert_no_pending_responses()


@pytest.mark.parametrize("name", sorted(STUBBED | UNDO_ONLY))
def test_an_operation_is_sent_as_botocores_model_wants_it(name: str) -> None:
    service, _, operation_name = name.partition(":")
    operation = Operation(service, operation_name, (STUBBED | UNDO_ONLY)[name])
    client = SESSION.client(service)
    expected = keyword_arguments(operation, {}, str)
    with Stubber(client) as stub:
        stub.add_response(method_of(operation), answer_of(client, operation), expected)
        engine = Engine("r", None, Stubbed(client), lambda kind, step: None, Secrets(print), None, USUAL)  # type: ignore[arg-type]
        engine._states = lambda: ()  # type: ignore[method-assign]
        engine._send(operation, {})
        stub.assert_no_pending_responses()


def test_documents_are_sent_as_text_in_the_authors_order() -> None:
    operation = Operation(
        "iam", "CreatePolicy", {"PolicyName": "p", "PolicyDocument": {"Version": "1", "Statement": []}}
    )
    sent = keyword_arguments(operation, {}, str)["PolicyDocument"]
    assert sent == '{"Version":"1","Statement":[]}' == as_text(json.loads(sent))


def test_references_and_secrets_are_put_in_at_the_last_moment() -> None:
    operation = Operation(
        "iam", "CreateLoginProfile", {"UserName": {"from": "u", "path": "User.UserName"}, "Password": {"secret": "pw"}}
    )
    assert secret_names(operation.parameters) == ("pw",)
    assert keyword_arguments(operation, {"u": {"User": {"UserName": "ana"}}}, lambda name: f"made for {name}") == {
        "UserName": "ana",
        "Password": "made for pw",
    }


def test_what_a_call_returns_is_kept_without_its_secrets() -> None:
    answer = {
        "AccessKey": {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "SecretAccessKey": "wJalrXUtnFEMI", "UserName": "ana"},
        "ServiceSpecificCredential": {"ServicePassword": "x", "ServiceSpecificCredentialId": "ACCA"},
        "ResponseMetadata": {"RequestId": "x"},
    }
    assert without_secrets(answer) == {
        "AccessKey": {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "UserName": "ana"},
        "ServiceSpecificCredential": {"ServiceSpecificCredentialId": "ACCA"},
    }


def test_made_passwords_have_every_class_and_are_told_once() -> None:
    told: list[tuple[str, str]] = []
    secrets = Secrets(lambda name, secret: told.append((name, secret)))
    password = secrets.make("pw")
    assert secrets.make("pw") == password
    assert secrets.hidden(f"bad parameter {password}") == "bad parameter (hidden)"
    secrets.reveal(("pw",), {})
    secrets.reveal(("pw",), {})
    assert told == [("pw", password)]
    assert any(letter.islower() for letter in password) and any(letter.isupper() for letter in password)
    assert any(letter.isdigit() for letter in password) and any(not letter.isalnum() for letter in password)


DELETE = Operation("iam", "DeleteUser", {"UserName": "ana"})


def clients(arming: Arming | None) -> ArmedClients:
    return ArmedClients(SESSION, (Step(1, 0, "t", DELETE),), arming, endpoint_url="http://127.0.0.1:9")


def test_a_write_that_was_not_announced_is_never_sent() -> None:
    armed = clients(arm("111122223333", "1111-2222-3333"))
    with pytest.raises(NotArmed, match="not shown"):
        armed.get("iam").delete_user(UserName="ana")
    with pytest.raises(NotArmed, match="not shown"), armed.shown("iam:DeleteUser", {"UserName": "ana"}):
        armed.get("iam").delete_user(UserName="ben")
    with pytest.raises(NotArmed, match="not shown"):
        armed.get("iam").create_user(UserName="ana")


@pytest.mark.parametrize("arming", [None, Arming("111122223333", time.monotonic() - 1)])
def test_a_write_without_a_standing_arming_is_never_sent(arming: Arming | None) -> None:
    with pytest.raises(NotArmed), clients(arming).shown("iam:DeleteUser", {"UserName": "ana"}):
        clients(arming).get("iam").delete_user(UserName="ana")


def test_arming_wants_the_accounts_own_id() -> None:
    assert arm("111122223333", "111122223333").seconds_left > 290
    with pytest.raises(NotArmed):
        arm("111122223333", "444455556666")
