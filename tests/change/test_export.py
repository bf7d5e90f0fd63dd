"""Exports: scripts that bash takes, Terraform and CloudFormation that their readers take, nothing hostile passes."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from advisor.change.export import FORMATS, export
from advisor.change.export_cli import quoted
from advisor.change.export_terraform import text_of
from advisor.errors import UsageError
from advisor.model.change import Change, Operation
from advisor.reference.knowledge import load
from tests.change.small_account import ACCOUNT, REGION, iam, small_account
from tests.change.test_effects import REVERSIBLE
from tests.change.test_templates import account_for, filled

TEMPLATES = [id for id, template in load("changes").items() if template.operations]


def exported(template_id: str, format: str) -> str:
    return export((filled(load("changes")[template_id]),), account_for(template_id), format)


def change(*operations: Operation, title: str = "t") -> tuple[Change]:
    return (Change("x", title, tuple(operations)),)


@pytest.mark.parametrize("format", FORMATS)
def test_every_template_is_exported(format: str) -> None:
    for template_id in TEMPLATES:
        assert exported(template_id, format).strip(), template_id


def test_bash_takes_every_script() -> None:
    script = "\n".join(f"f{at}() {{\n{exported(id, 'cli')}\n}}" for at, id in enumerate(TEMPLATES))
    done = subprocess.run(["bash", "-n"], input=script.encode(), capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def run_script(text: str, folder: Path, answers: dict[str, Any]) -> list[list[str]]:
    """Run a script with an `aws` that writes down how it is called and answers by its operation."""
    log = folder / "log"
    program = folder / "aws"
    program.write_text(
        "#!/usr/bin/env python3\nimport json, sys\n"
        f"open({str(log)!r}, 'a').write(json.dumps(sys.argv[1:]) + '\\n')\n"
        f"answers = {answers!r}\nanswer = json.dumps(answers.get(sys.argv[2], {{}}))\n"
        f"print({ACCOUNT!r} if 'get-caller-identity' in sys.argv else answer)\n"
    )
    program.chmod(0o755)
    environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}
    subprocess.run(["bash", "-c", text], env=environment, check=True, capture_output=True, cwd=folder)
    return [json.loads(line) for line in log.read_text().splitlines()]


def test_the_script_makes_the_calls_and_hands_results_on(tmp_path: Path) -> None:
    arn = iam("policy/mfa-or-nothing")
    calls = run_script(exported("mfa-enforce", "cli"), tmp_path, {"create-policy": {"Policy": {"Arn": arn}}})
    assert [call[:2] for call in calls[1:]] == [
        ["iam", "create-policy"],
        ["iam", "attach-group-policy"],
        ["iam", "attach-user-policy"],
    ]
    assert calls[2][-1] == calls[3][-1] == arn
    document = json.loads(calls[1][calls[1].index("--policy-document") + 1])
    assert document["Statement"][-1]["Sid"] == "NothingElseWithoutMfa"


def test_the_script_refuses_another_account(tmp_path: Path) -> None:
    text = exported("ebs-encryption", "cli").replace(ACCOUNT, "444455556666")
    with pytest.raises(subprocess.CalledProcessError) as stopped:
        run_script(text, tmp_path, {})
    assert stopped.value.returncode == 2


HOSTILE = (
    "'; touch hit; '",
    "$(touch hit)",
    "`touch hit`",
    '"\ntouch hit\n"',
    "${path.root}",
    "%{ if true }",
    "-x",
    "file://a",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_are_only_text(text: str, tmp_path: Path) -> None:
    tag = Operation("iam", "TagUser", {"UserName": "ben", "Tags": [{"Key": "a", "Value": text}]})
    describe = Operation("iam", "UpdateRole", {"RoleName": "app", "Description": text})
    changes = change(tag, describe, title=text)
    calls = run_script(export(changes, small_account(), "cli"), tmp_path, {})
    assert not (tmp_path / "hit").exists()
    assert json.loads(calls[1][-1]) == [{"Key": "a", "Value": text}]
    assert calls[2][-1].removeprefix("--description=").strip() == text.strip()
    declared = yaml.safe_load(export(changes, small_account(), "cloudformation"))
    assert declared["Resources"]["UserBen"]["Properties"]["Tags"] == [{"Key": "a", "Value": text}]
    terraform = export(changes, small_account(), "terraform")
    assert text_of(text) in terraform
    said = "\n".join(line for line in terraform.splitlines() if not line.startswith("#"))
    assert "${path" not in said.replace("$${", "")


def test_what_exists_is_imported_and_what_is_new_is_not() -> None:
    terraform = exported("mfa-enforce", "terraform")
    assert 'resource "aws_iam_policy" "policy_mfa_or_nothing"' in terraform
    assert "import {" not in terraform
    existing = exported("trust-external-id", "terraform")
    assert 'import {\n  to = aws_iam_role.role_vendor\n  id = "vendor"\n}' in existing
    role = yaml.safe_load(exported("trust-external-id", "cloudformation"))["Resources"]["RoleVendor"]
    assert role["DeletionPolicy"] == "Retain"
    assert role["Metadata"] == {"ImportBy": {"RoleName": "vendor"}}


def test_what_is_taken_away_and_secrets_are_left_to_the_cli() -> None:
    for format in ("terraform", "cloudformation"):
        text = exported("user-remove", format)
        assert "#   aws iam delete-user --user-name ana" in text
        assert "resource" not in text and "Type:" not in text
        text = exported("one-administrator", format)
        assert "#   aws iam create-login-profile --user-name zoe" in text


def test_references_become_references() -> None:
    terraform = exported("scp-protect", "terraform")
    assert "policy_id = aws_organizations_policy.organization_policy_scp_protect.id" in terraform
    sets = yaml.safe_load(exported("permission-sets-baseline", "cloudformation"))["Resources"]
    assignment = next(resource for name, resource in sets.items() if name.startswith("Assignment"))
    set_arn = {"Fn::GetAtt": ["PermissionSetAdministrator", "PermissionSetArn"]}
    assert assignment["Properties"]["PermissionSetArn"] == set_arn


def test_a_change_that_needs_a_value_is_not_exported() -> None:
    with pytest.raises(UsageError, match="external_id"):
        export((Change("x", "x", needs=(("external_id", "the vendor's id"),)),), small_account(), "cli")
    with pytest.raises(UsageError, match="pulumi"):
        export((), small_account(), "pulumi")


def test_terraform_is_read_by_a_parser_of_its_language(tmp_path: Path) -> None:
    import hcl2

    for template_id in TEMPLATES:
        parsed = hcl2.loads(exported(template_id, "terraform"))
        assert "terraform" in parsed, template_id


@pytest.mark.parametrize("format", ["terraform", "cloudformation"])
def test_each_operation_kind_is_exported_or_said_to_be_left_to_the_cli(format: str) -> None:
    import hcl2

    written = set()
    for name, parameters in REVERSIBLE:
        service, operation = name.split(":")
        given = Operation(service, operation, parameters, account=ACCOUNT, region=REGION)
        text = export(change(given), small_account(), format)
        whole = hcl2.loads(text).get("resource") if format == "terraform" else yaml.safe_load(text)["Resources"]
        if whole:
            written.add(name)
        else:
            assert operation.lower() in text.replace("-", "").lower(), name
    assert len(written) > 30


def test_cloudformation_passes_cfn_lint(tmp_path: Path) -> None:
    from cfnlint.api import lint
    from cfnlint.core import get_rules

    rules = get_rules([], [], ["E"], {}, False)  # read once: that takes longer than to lint them all
    assert lint("Resources: {B: {Type: 'AWS::S3::Bucket', Properties: {Nonsense: 1}}}", rules, regions=["us-east-1"])
    for template_id in TEMPLATES:
        text = exported(template_id, "cloudformation")
        if yaml.safe_load(text)["Resources"]:
            assert lint(text, rules, regions=["us-east-1"]) == [], template_id


@pytest.mark.parametrize("text", ["", "a b", "it's", "$HOME", "a\nb", "ä"])
def test_quoted_text_comes_out_of_bash_as_it_went_in(text: str) -> None:
    done = subprocess.run(["bash", "-c", f"printf %s {quoted(text)}"], capture_output=True, check=True)
    assert done.stdout.decode() == text
