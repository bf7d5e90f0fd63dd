"""Decision records: written once, superseded on both sides, printed without being misread, and verified."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import threading
from pathlib import Path

import msgspec
import pytest

from advisor.account import Advisor
from advisor.decide import Walk, walk_by_answers
from advisor.decide.makers import configured_makers
from advisor.decide.record import (
    Record,
    find,
    listing,
    print_record,
    supersede_walk,
    verify,
    write_record,
)
from advisor.decide.record import (
    read as read_record,
)
from advisor.decide.record.escape import block, code, md
from advisor.decide.record.printing import blocks
from advisor.errors import InputError, UsageError
from advisor.model.harmless import one_line
from advisor.reference import plain_yaml
from advisor.reference.data import data_folder
from tests.advice.small_accounts import ID, arn, person, read, refused, role, trusting, unread

DAY = "2026-11-24"
SETTINGS = {"kind": "own", "who": "staff", "directory": "no", "organization-alone": "no", "number-alone": "one"}
HOSTILE = [
    "<script>alert(1)</script>",
    "[click](javascript:alert(1))",
    "![x](https://evil.example/p.png)",
    "# heading",
    "| cell | cell |",
    "`code`` ``` fence",
    '#eval("1") $x$ @ref <label> #image("/etc/passwd")',
    "\x1b[31mred\x1b[0m\x07",
    "\u202eright to left\u202c",
    "**bold** _emphasis_ ~~struck~~",
    "1. list",
    "- item",
    "---\nstatus: accepted\n---",
    "\\[escaped\\]",
    "&lt;b&gt; &amp; &#x3c;",
    "http://evil.example www.evil.example a@evil.example",
]


def account(*names: str) -> Advisor:
    return read(users=tuple(person(name, mfa=False) for name in names), organization=None)


def walked(of: Advisor) -> Walk:
    return walk_by_answers(of, "people", SETTINGS)


def written(folder: Path, of: Advisor | None = None, **more: object) -> Record:
    of = of or account("ana")
    return write_record(walked(of), of, DAY, folder=folder, **more)  # type: ignore[arg-type]


def test_a_record_says_everything_that_madr_asks_for(tmp_path: Path) -> None:
    record = written(tmp_path, decision_makers=["M. Reyes"])
    text = Path(record.path).read_text()
    headings = (
        "# One IAM user, without keys",
        "## Context and Problem Statement",
        "## Decision Drivers",
        "## Considered Options",
        "## Decision Outcome",
        "### Consequences",
        "### Confirmation",
        "## Changes",
        "## Pros and Cons of the Options",
        "## More Information",
    )
    for heading in headings:
        assert f"\n{heading}\n" in text
    assert Path(record.path).name == "0001-one-iam-user-without-keys.md"
    assert "Advice of 2016" in text
    assert "users with a console password and no MFA device" not in text.split("## Decision Outcome")[0]
    assert "users who seem to be people: 1 (ana)" in text
    assert "iam:GetCredentialReport" in text


def test_the_front_matter_is_for_machines(tmp_path: Path) -> None:
    record = written(tmp_path)
    front = plain_yaml.parse(Path(record.path).read_text().split("---\n")[1]).value
    assert front["status"] == "accepted"
    assert front["date"] == DAY
    assert front["number"] == "0001"
    assert front["account"] == ID
    assert front["snapshot"]["digest"].startswith("sha256:")
    assert front["answers"][0] == "people.kind = own"
    assert "users.console_no_mfa = 0" in front["invariants"]
    assert "mfa-enforce" in front["changes"]


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    record = written(tmp_path / "records")
    assert stat.S_IMODE(Path(record.path).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "records").stat().st_mode) == 0o700


def test_numbers_go_on_and_nothing_else_is_left_in_the_folder(tmp_path: Path) -> None:
    (tmp_path / "0041-older-by-hand.md").write_text("not ours")
    assert written(tmp_path).number == "0042"
    assert written(tmp_path).number == "0043"
    assert sorted(path.name.split("-")[0] for path in tmp_path.iterdir()) == ["0041", "0042", "0043"]


def test_writers_at_the_same_time_get_different_numbers(tmp_path: Path) -> None:
    of = account("ana")
    walk = walked(of)
    found: list[str] = []

    def record() -> None:
        found.append(write_record(walk, of, DAY, folder=tmp_path).number)

    threads = [threading.Thread(target=record) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 8
    assert len(listing(tmp_path)) == 8


def test_an_open_walk_cannot_be_recorded(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="open question"):
        write_record(Walk.start("people"), read(), DAY, folder=tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_write_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        written(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_superseding_links_both_sides_and_keeps_the_old_text(tmp_path: Path) -> None:
    of = account("ana")
    old = written(tmp_path, of)
    before = old.body
    walk = supersede_walk(old)
    assert walk.earlier() == "own"
    for option in ("own", "staff", "no", "no", "several"):
        walk = walk.answer(option)
    new = write_record(walk, of, "2026-12-01", folder=tmp_path)
    assert new.front.supersedes == ("0001",)
    old = find(1, tmp_path)
    assert (old.front.status, old.front.superseded_by, old.body) == ("superseded", "0002", before)


def test_a_topic_decided_once_more_leaves_both_in_force(tmp_path: Path) -> None:
    of = account("ana")
    written(tmp_path, of)
    written(tmp_path, of)
    assert [(one.number, one.status) for one in verify(of, listing(tmp_path))] == [
        ("0002", "does-not-hold"),
        ("0001", "does-not-hold"),
    ]


def test_a_record_that_is_gone_cannot_be_superseded(tmp_path: Path) -> None:
    old = written(tmp_path)
    Path(old.path).unlink()
    walk = supersede_walk(old)
    for option in SETTINGS.values():
        walk = walk.answer(option)
    with pytest.raises(UsageError, match="no decision records"):
        write_record(walk, account("ana"), DAY, folder=tmp_path)


def test_finding_and_listing(tmp_path: Path) -> None:
    assert listing(tmp_path / "nowhere") == ()
    with pytest.raises(UsageError, match="no decision records yet"):
        find(None, tmp_path)
    written(tmp_path)
    written(tmp_path)
    assert [record.number for record in listing(tmp_path)] == ["0002", "0001"]
    assert find(None, tmp_path).number == "0002"
    assert find("1", tmp_path).number == find("0001", tmp_path).number == "0001"
    with pytest.raises(UsageError, match="there is no record `9`"):
        find(9, tmp_path)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("# only text", "no front matter"),
        ("---\nschema: [\n---\n", "no valid YAML"),
        ("---\nschema: advisor/record/1\n---\n", "is missing"),
        ("---\nstatus: 1\n---\n", "is missing|must be"),
    ],
)
def test_a_file_that_is_no_record_says_so(tmp_path: Path, text: str, complaint: str) -> None:
    file = tmp_path / "0001-odd.md"
    file.write_text(text)
    with pytest.raises(InputError, match=complaint):
        read_record(file)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_literal_in_markdown(name: str) -> None:
    (paragraph,) = blocks(md(name))
    assert paragraph["kind"] == "paragraph"
    assert "".join(run["text"] for run in paragraph["runs"]) == one_line(name)
    assert {(run["kind"], run["strong"], run["emphasis"], run["link"]) for run in paragraph["runs"]} == {
        ("text", False, False, "")
    }
    (cells,) = [block_["rows"] for block_ in blocks(f"| a | b |\n|---|---|\n| {md(name)} | x |")]
    assert "".join(run["text"] for run in cells[1][0]) == one_line(name).strip()
    assert cells[1][1][0]["text"] == "x"


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_literal_as_code(name: str) -> None:
    (paragraph,) = blocks(f"x {code(name)} y")
    assert [run["text"].strip() for run in paragraph["runs"] if run["kind"] == "code"] == [one_line(name).strip()]
    (fenced,) = blocks(block(name))
    assert fenced["kind"] == "code"


@pytest.mark.parametrize("name", ["\x1b[2J", "a\x00b", "\u202e", "\u200b", "line\nline", "\x9b31m"])
def test_control_characters_never_reach_a_record(name: str) -> None:
    bad = ("\u202e", "\u200b")
    assert not any(one < " " or "\x7f" <= one < "\xa0" or one in bad for one in one_line(name))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """A record of an account in which everything that can be named is named like this."""
    trust = trusting({"AWS": "*"})
    users = tuple(person(name, mfa=False) for name in HOSTILE)
    roles = tuple(role(name, trust) for name in HOSTILE)
    gaps = tuple(refused("iam:ListSAMLProviders", reason=name) for name in HOSTILE)
    of = read(users=users, roles=roles, organization=None, alias="<b>acme</b>\x1b[1m", gaps=gaps)
    settings = msgspec.structs.replace(of.snapshot.settings, providers=None)
    of = Advisor([msgspec.structs.replace(of.snapshot, settings=settings)])
    return write_record(
        walked(of), of, DAY, folder=tmp_path_factory.mktemp("records"), decision_makers=["<i>me</i>", "#emph[x]"]
    )


def test_hostile_names_do_not_become_html(hostile: Record) -> None:
    page = print_record(hostile, "html").decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<b>acme" not in page
    assert "<i>me" not in page
    assert "<img" not in page
    assert "javascript:" not in page.replace("[click](javascript:alert(1))", "")
    assert 'href="http://evil' not in page
    assert "\x1b" not in page
    assert page.count("<h1>") == 1


def test_html_is_one_file_that_loads_nothing(hostile: Record) -> None:
    page = print_record(hostile, "html").decode()
    assert "default-src 'none'" in page
    for mark in ("<script", "<link", "src=", "@import", "url("):
        assert mark not in page.replace("&lt;script", "")


def test_hostile_names_do_not_become_typst(hostile: Record) -> None:
    pytest.importorskip("typst")
    assert print_record(hostile, "pdf").startswith(b"%PDF-")


def test_a_record_edited_by_hand_still_prints_and_stays_literal(tmp_path: Path) -> None:
    pytest.importorskip("typst")
    record = written(tmp_path)
    file = Path(record.path)
    file.write_text(file.read_text() + "\n> a *note* with <b>html</b>\n\n1. one\n2. two\n   - inner\n\n    code\n")
    again = read_record(file)
    assert "&lt;b&gt;html&lt;/b&gt;" in print_record(again, "html").decode()
    assert print_record(again, "pdf").startswith(b"%PDF-")
    assert print_record(again, "md").decode() == file.read_text()


def test_without_typst_the_pdf_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(UsageError) as caught:
        print_record(written(tmp_path), "pdf")
    assert "iam-advisor[pdf]" in caught.value.advice


def test_another_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no format"):
        print_record(written(tmp_path), "docx")


def test_verify_says_what_holds_what_does_not_and_through_what(tmp_path: Path) -> None:
    before = read(users=(person("ana"),), organization=None)
    record = written(tmp_path, before)
    (same,) = verify(before, [record])
    assert (same.status, same.same_snapshot) == ("holds", True)

    after = read(users=(person("ana"), person("ben", mfa=False)), organization=None)
    (broken,) = verify(after, [record])
    assert (broken.status, broken.same_snapshot) == ("does-not-hold", False)
    claims = {one.claim: one for one in broken.broken}
    assert claims["users.console_no_mfa = 0"].evidence[0].subject == arn("user", "ben")
    assert "users.human_daily <= 1" in broken.no_longer
    assert broken.not_yet == ()
    assert broken.held_on == before.snapshot.taken_at

    (unknown,) = verify(unread(users=(person("ana"),)), [record])
    assert unknown.status in ("holds", "unknown")


def test_what_was_not_read_is_unknown_and_never_broken(tmp_path: Path) -> None:
    from advisor.model.principal import SignIn
    from tests.advice.small_accounts import user

    record = written(tmp_path)
    (checked,) = verify(unread(users=(user("ana", sign_in=SignIn()),)), [record])
    assert checked.status == "unknown"
    assert all(one.gaps for one in checked.checks if one.holds is None)


def test_records_of_other_accounts_and_superseded_ones_are_not_held_against_this_one(tmp_path: Path) -> None:
    record = written(tmp_path)
    other = msgspec.structs.replace(record, front=msgspec.structs.replace(record.front, account="999988887777"))
    old = msgspec.structs.replace(record, front=msgspec.structs.replace(record.front, status="superseded"))
    found = verify(account("ana"), [other, old])
    assert [one.status for one in found] == ["not-in-force"]


def test_a_claim_of_a_newer_version_is_unknown_with_its_reason(tmp_path: Path) -> None:
    record = written(tmp_path)
    front = msgspec.structs.replace(record.front, invariants=("moon.phase = full",))
    newer = msgspec.structs.replace(record, front=front)
    (found,) = verify(account("ana"), [newer])
    assert found.status == "unknown"
    assert "moon.phase" in found.reason


def test_the_record_names_the_chosen_changes_only(tmp_path: Path) -> None:
    of = account("ana")
    none = write_record(walked(of), of, DAY, folder=tmp_path, changes=[])
    assert none.front.changes == ()
    assert "None was chosen." in none.body
    some = write_record(walked(of), of, DAY, folder=tmp_path, changes=["mfa-enforce"])
    assert some.front.changes == ("mfa-enforce",)
    assert "iam:CreatePolicy" in some.body


def test_a_record_is_equal_for_equal_input(tmp_path: Path) -> None:
    one, two = written(tmp_path / "a"), written(tmp_path / "b")
    assert Path(one.path).read_bytes() == Path(two.path).read_bytes()
    assert json.dumps(blocks(one.body)) == json.dumps(blocks(two.body))


def test_a_decision_that_is_not_carried_out_yet_is_told_from_one_that_was_undone(tmp_path: Path) -> None:
    of = account("ana")
    (fresh,) = verify(of, [written(tmp_path, of)])
    assert fresh.status == "does-not-hold"
    assert fresh.not_yet == ("users.console_no_mfa = 0",)
    assert fresh.no_longer == ()


def test_copied_text_of_the_pdf_is_what_was_written(tmp_path: Path) -> None:
    """Nothing invisible is put into names: an ARN or a digest that is copied can be searched for."""
    pytest.importorskip("typst")
    record = written(tmp_path, account(*(f"engineer-with-a-long-name-{number}" for number in range(4))))
    template = (data_folder("assets") / "record" / "record.typ").read_text("utf-8")
    assert not re.search(r"200b|00ad|\bhyphenate: true", template, re.IGNORECASE)
    tool = shutil.which("pdftotext")
    if tool is None:
        pytest.skip("pdftotext is not installed")
    made = subprocess.run([tool, "-raw", "-", "-"], input=print_record(record, "pdf"), capture_output=True, check=True)
    text = made.stdout.decode()
    assert not re.search("[\u200b-\u200f\u2060\ufeff\u00ad]", text)
    joined = re.sub(r"\s+", "", text)
    assert record.front.snapshot.digest in joined
    assert "users.console_no_mfa=0" in joined


def test_evidence_stands_behind_the_decision_and_equal_rows_are_one(tmp_path: Path) -> None:
    names = tuple(f"person-{number:02}" for number in range(20))
    text = written(tmp_path, account(*names)).body
    assert text.index("## Decision Outcome") < text.index("## Evidence") < text.index("## More Information")
    rows = [row for row in text.split("## Evidence")[1].split("\n## ")[0].splitlines() if "person-00" in row]
    assert len(rows) == 1
    assert "user/person-11 and 8 more" in rows[0]
    assert "person-12" not in rows[0]


def test_who_decided_is_named_by_the_user_or_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("USER", "root")
    monkeypatch.delenv("IAM_ADVISOR_DECIDED_BY", raising=False)
    assert configured_makers() == ()
    assert "<dd>not named</dd>" in print_record(written(tmp_path / "records"), "html").decode()
    (tmp_path / "iam-advisor").mkdir()
    (tmp_path / "iam-advisor" / "decided-by").write_text("M. Reyes\nK. Okafor\n")
    assert configured_makers() == ("M. Reyes", "K. Okafor")
    monkeypatch.setenv("IAM_ADVISOR_DECIDED_BY", "A. Lind, J. Roy")
    assert configured_makers() == ("A. Lind", "J. Roy")


def test_what_must_hold_is_said_in_words_with_the_expression_behind_it(tmp_path: Path) -> None:
    text = written(tmp_path).body
    confirmation = text.split("### Confirmation")[1].split("\n## ")[0]
    assert "| No console user without MFA | ◦ not yet | `users.console_no_mfa = 0` |" in confirmation
    assert "×" not in confirmation


def test_a_long_list_of_values_is_shortened_in_the_text_and_whole_where_it_is_checked(tmp_path: Path) -> None:
    from advisor.decide.record.text import _as_checked

    names = [f"user/u{number}" for number in range(40)]
    claim = f"users.direct within [{', '.join(names)}]"
    assert _as_checked(claim) == "users.direct within [user/u0, user/u1, user/u2 and 37 more]"
    for whole in (f"users.direct within [{', '.join(names[:12])}]", "users.all = 0"):
        assert _as_checked(whole) == whole


def test_a_claim_waits_for_the_change_that_brings_it_about() -> None:
    from advisor.advice.templates import fill
    from advisor.decide.record.standing import waiting
    from tests.advice.small_accounts import group

    of = read(groups=(group("empty"),), users=(person("ana", mfa=False),))
    claims = ("groups.empty = 0", "users.console_no_mfa = 0", "root.keys = 0")
    changes = (*fill("password-policy", of), *fill("group-delete", of, arn("group", "empty")))
    assert len(changes) >= 1
    assert waiting(of, claims, changes) == {"groups.empty = 0": f"waits for change {len(changes)}"}
    assert waiting(of, claims, ()) == {}


def test_what_was_decided_and_is_not_made_yet_waits_and_is_not_broken(tmp_path: Path) -> None:
    of = account("ana")
    record = written(tmp_path, of)
    assert record.front.changes
    (now,) = verify(of, [record])
    assert (now.standing, now.sign) == ("waits", "◦")
    assert now.words.startswith("1 of ") and "waits for its change" in now.words
    (check,) = now.broken
    assert (now.standing_of(check), check.sentence) == ("waits", "no console user without MFA")

    (later,) = verify(read(users=(person("ana"), person("ben", mfa=False)), organization=None), [record])
    assert (later.standing, later.sign) == ("broken", "×")
    assert "no more" in later.words
    held = {one.claim: later.words_of(one) for one in later.broken}
    assert held["users.human_daily <= 1"].startswith(f"held on {of.snapshot.taken_at[:10]}, ")
