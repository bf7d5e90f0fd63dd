"""Sets of numbers as bits, and the quick looks that must never lose what fits."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from advisor.access.inventory import SortedArns
from advisor.access.population import mask_of, places_of
from advisor.access.statements import Numbers, StatementIndex
from advisor.evaluate.pattern import glob
from advisor.evaluate.resources import Target
from advisor.evaluate.statement import compile_document, match_rest
from advisor.model.document import parse_document
from tests.access.agreement import indexed

PIECES = st.text(alphabet="ab/*?", min_size=0, max_size=6)
ARNS = st.builds("arn:aws:s3:::{}".format, st.text(alphabet="ab/", max_size=6))
PATTERNS = st.one_of(
    st.just("*"), st.builds("arn:aws:s3:::{}".format, PIECES), st.builds("arn:aws:*:::{}".format, PIECES)
)


@given(st.sets(st.integers(0, 5_000)))
def test_a_set_of_numbers_comes_back_as_it_was_in_order(numbers: set[int]) -> None:
    assert places_of(mask_of(sorted(numbers))) == sorted(numbers)


@given(st.lists(ARNS, max_size=30), PATTERNS)
def test_sorted_arns_find_all_that_fit(arns: list[str], pattern: str) -> None:
    assert SortedArns(arns).fitting(pattern) == [arn for arn in sorted(arns) if glob(pattern).matches(arn)]


@given(st.lists(st.lists(PATTERNS, min_size=1, max_size=3), min_size=1, max_size=8), st.one_of(ARNS, PATTERNS))
def test_a_statement_that_applies_is_among_those_looked_at(resources: list[list[str]], asked: str) -> None:
    written = [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": names} for names in resources]
    document = parse_document({"Version": "2012-10-17", "Statement": written})
    statements = StatementIndex()
    statements.add([document])
    question = INDEX.question("s3:GetObject", asked, {})
    near = {entry.id for batch in statements.reaching("s3:GetObject", question.target) for entry in batch.entries}
    request = question.asked(INDEX.nobody(0, "role", False))
    compiled = compile_document(document).statements
    applying = {entry.id for entry in statements.entries if match_rest(compiled[entry.id], request, "identity").when}
    assert applying <= near, (resources, asked, Target(asked).arn)


def test_threads_that_ask_at_once_never_number_two_things_alike() -> None:
    numbers = Numbers()
    things = [f"thing-{at}" for at in range(400)]
    with ThreadPoolExecutor(8) as pool:
        rows = list(pool.map(lambda _: [numbers.of(thing) for thing in things], range(16)))
    assert all(row == rows[0] for row in rows), "each thing has one number, whoever asks"
    assert len(set(rows[0])) == len(things)


INDEX = indexed(40, 9)
