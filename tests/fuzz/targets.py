"""What is fuzzed, each with the promise that must hold for any input. A broken promise raises."""

from __future__ import annotations

import gzip
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

from advisor.advice.accepted import accepted
from advisor.advice.denied import parse_denial
from advisor.change.journal import read_run, runs
from advisor.change.plan import read_plan
from advisor.collect.files import read_files
from advisor.collect.saved import dump
from advisor.decide.headless import read_answers
from advisor.decide.record.front import decode as decode_record
from advisor.errors import AdvisorError
from advisor.evaluate.conditions import CompiledCondition
from advisor.evaluate.context import Context
from advisor.evaluate.pattern import action_matches
from advisor.evaluate.variables import Template, parse_template
from advisor.model.document import Condition, parse_document
from advisor.reference import plain_yaml
from advisor.reference.globs import glob, glob_covers, globs_overlap
from advisor.reference.places import state_folder
from screens.kept import recall, recent_files
from tests.cli.conftest import EXPORT, RESOURCES, policy
from tests.fuzz import mutations

SECONDS_FOR_ONE = 2.0
"""No single input may take more processor time than that."""


def globs_match_as_defined(random: Random) -> None:
    pattern = mutations.text(random)
    tried = mutations.fitting(random, pattern) if random.random() < 0.5 else mutations.text(random)
    assert glob(pattern).matches(tried) == _matches(pattern, tried), (pattern, tried)


def covering_globs_match_what_the_covered_match(random: Random) -> None:
    one, other = _plain(random), _plain(random)
    tried = mutations.fitting(random, other)
    assert glob(other).matches(tried), (other, tried)
    if glob_covers(one, other):
        assert glob(one).matches(tried), (one, other, tried)
    if glob(one).matches(tried):
        assert globs_overlap(one, other), (one, other, tried)


def actions_never_fail(random: Random) -> None:
    action_matches(mutations.text(random), mutations.text(random))


def templates_never_fail(random: Random) -> None:
    written = mutations.text(random)
    parse_template(written)
    Template(written, variables=True).pattern(Context({"aws:username": (mutations.text(random),)}))


def conditions_keep_their_word(random: Random) -> None:
    """What a condition says while keys are open stays true whatever those keys turn out to be."""
    values = tuple(mutations.text(random) for _ in range(random.randrange(1, 4)))
    condition = CompiledCondition(Condition(mutations.operator(random), random.choice(mutations.KEYS), values))
    known = {key.lower(): _some_values(random) for key in mutations.KEYS}
    opened = Context({key: value for key, value in known.items() if random.random() < 0.5})
    before, after = condition.holds(opened), condition.holds(Context(known, complete=True))
    assert before is None or before == after, (condition.written, known, before, after)


def documents_are_read_or_refused(random: Random) -> None:
    _expect_refusal(lambda: parse_document(mutations.damaged_bytes(random, _DOCUMENT)))


def files_are_read_or_refused(random: Random) -> None:
    _FILE.write_bytes(mutations.damaged_bytes(random, random.choice(_FILES)))
    _expect_refusal(lambda: read_files([_FILE]))


def organizations_are_read_or_refused(random: Random) -> None:
    _FILE.write_bytes(mutations.damaged_bytes(random, _ORGANIZATION))
    _expect_refusal(lambda: read_files([_SOUND], org=_FILE))


def yaml_is_read_or_refused(random: Random) -> None:
    damaged = mutations.damaged_bytes(random, _YAML)
    _expect_refusal(lambda: plain_yaml.parse(damaged.decode("utf-8", "replace")))


def packed_files_are_read_or_refused(random: Random) -> None:
    packed = gzip.compress(random.choice(_FILES), 1, mtime=0)
    _FILE.write_bytes(mutations.damaged_raw(random, packed))
    _expect_refusal(lambda: read_files([_FILE]))


def plans_are_read_or_refused(random: Random) -> None:
    damaged = mutations.damaged_bytes(random, _SAMPLES["plan-1.yaml"])
    _expect_refusal(lambda: read_plan(damaged))


def journals_hide_no_other_run(random: Random) -> None:
    """A damaged journal is refused; the other one is listed all the same."""
    folder = Path(_FOLDER.name, "journal")
    folder.mkdir(exist_ok=True)
    (folder / "2026-11-24-1.jsonl").write_bytes(mutations.damaged_bytes(random, _SAMPLES["journal-1.jsonl"]))
    (folder / "2026-11-24-2.jsonl").write_bytes(_SAMPLES["journal-1.jsonl"].replace(b"2026-11-24-1", b"2026-11-24-2"))
    _expect_refusal(lambda: read_run("2026-11-24-1", folder))
    assert "2026-11-24-2" in {state.id for state in runs(folder)}


def records_are_read_or_refused(random: Random) -> None:
    damaged = mutations.damaged_bytes(random, _SAMPLES["record-1.md"])
    _expect_refusal(lambda: decode_record(damaged.decode("utf-8", "replace"), _FILE))


def answers_are_read_or_refused(random: Random) -> None:
    _FILE.write_bytes(mutations.damaged_bytes(random, b"people.kind: own\npeople.who: staff\nroot.central: 'no'\n"))
    _expect_refusal(lambda: read_answers(_FILE))


def accepted_risks_are_read_or_refused(random: Random) -> None:
    _FILE.write_bytes(mutations.damaged_bytes(random, _ACCEPTED))
    _expect_refusal(lambda: accepted("111122223333", _FILE))


def denials_are_understood_or_refused(random: Random) -> None:
    message = mutations.damaged_bytes(random, _DENIAL) if random.random() < 0.7 else mutations.text(random, 40).encode()
    _expect_refusal(lambda: parse_denial(message.decode("utf-8", "replace")))


def what_the_app_keeps_never_stops_it(random: Random) -> None:
    """Files of the state folder may be anything: then nothing is remembered."""
    folder = state_folder()
    folder.mkdir(parents=True, exist_ok=True)
    kept = b'{"files": ["/a.json"], "modes": {"explore": {"row": "x"}}, "questions": [["who", "read"]], "theme": "x"}'
    (folder / "recent.json").write_bytes(mutations.damaged_bytes(random, kept))
    recent_files()
    recall("recent")


TARGETS: tuple[Callable[[Random], None], ...] = (
    globs_match_as_defined,
    covering_globs_match_what_the_covered_match,
    actions_never_fail,
    templates_never_fail,
    conditions_keep_their_word,
    documents_are_read_or_refused,
    files_are_read_or_refused,
    organizations_are_read_or_refused,
    yaml_is_read_or_refused,
    packed_files_are_read_or_refused,
    plans_are_read_or_refused,
    journals_hide_no_other_run,
    records_are_read_or_refused,
    answers_are_read_or_refused,
    accepted_risks_are_read_or_refused,
    denials_are_understood_or_refused,
    what_the_app_keeps_never_stops_it,
)


def run_one(target: Callable[[Random], None], seed: int) -> None:
    """One input, made from its seed alone, so that a failure can be run again."""
    started = time.process_time()
    target(Random(seed))
    assert time.process_time() - started < SECONDS_FOR_ONE, f"{target.__name__} took too long with seed {seed}"


def _matches(pattern: str, tried: str) -> bool:
    """The definition, position by position."""
    reached = {0}
    for sign in pattern:
        if sign == "*":
            reached = set(range(min(reached), len(tried) + 1)) if reached else reached
        else:
            reached = {at + 1 for at in reached if at < len(tried) and sign in ("?", tried[at])}
    return len(tried) in reached


def _plain(random: Random) -> str:
    return "".join(random.choice("ab*?:") for _ in range(random.randrange(6)))


def _some_values(random: Random) -> tuple[str, ...]:
    return tuple(mutations.text(random) for _ in range(random.choice((0, 1, 1, 1, 2))))


def _expect_refusal(read: Callable[[], object]) -> None:
    try:
        read()
    except AdvisorError as error:
        assert str(error).strip(), "a refusal says why"


_FOLDER = tempfile.TemporaryDirectory(prefix="advisor-fuzz-")
_FILE = Path(_FOLDER.name, "input.json")
_SOUND = Path(_FOLDER.name, "sound.json")
_SOUND.write_text(json.dumps(EXPORT))
_FILES = (json.dumps(EXPORT).encode(), json.dumps(RESOURCES).encode(), dump(read_files([_SOUND])[0]))
_SAMPLES = {path.name: path.read_bytes() for path in (Path(__file__).parents[1] / "samples").iterdir()}
_ACCEPTED = b'[{"account": "111122223333", "finding": "a-1", "owner": "ana", "reason": "known", "until": "2027-01-01"}]'
_DENIAL = (
    b"An error occurred (AccessDenied) when calling the GetObject operation: User: arn:aws:iam::111122223333:user/ana"
    b" is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::a/b with an explicit deny in a service"
    b" control policy"
)
_DOCUMENT = json.dumps(
    policy(
        {
            "Sid": "A",
            "Effect": "Allow",
            "Action": ["s3:Get*", "iam:*"],
            "Resource": ["*", "arn:aws:s3:::${aws:username}/*"],
        },
        {
            "Effect": "Deny",
            "NotAction": "s3:*",
            "NotResource": "*",
            "Principal": {"AWS": ["*", "111122223333"], "Service": "lambda.amazonaws.com"},
            "Condition": {"StringLike": {"aws:PrincipalTag/team": ["a*", 1, True]}},
        },
    )
).encode()
_LEVEL = {
    "target": "root",
    "policies": [{"name": "Full", "policy": policy({"Effect": "Allow", "Action": "*", "Resource": "*"})}],
}
_ORGANIZATION = json.dumps(
    {
        "organization": {"Id": "o-1234567890", "MasterAccountId": "444455556666"},
        "accounts": {"111122223333": {"scps": [_LEVEL, _LEVEL], "rcps": [_LEVEL]}},
    }
).encode()
_YAML = b"""
id: example
title: "A title"
source: https://docs.aws.amazon.com/IAM/latest/UserGuide/
questions:
  - {id: one, text: "Really?", options: [yes, no], when: 2012-10-17}
  - id: two
    number: 012345670123
"""
