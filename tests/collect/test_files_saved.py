"""Saved snapshots: written whole, private, and the same when read again."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import msgspec
import pytest

from advisor.collect.beside import read_twin
from advisor.collect.files import read_files
from advisor.collect.saved import SCHEMA, dump, load, save
from advisor.errors import InputError
from advisor.model.snapshot import Snapshot
from tests.generate.account import generate


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    folder = tmp_path_factory.mktemp("account")
    account, resources, org = generate(80, seed=3).write(folder)
    return read_files([account, resources], org=org)[0]


def test_a_snapshot_comes_back_as_it_was(snapshot: Snapshot) -> None:
    again = load(dump(snapshot))
    assert again == snapshot
    assert again.digest == snapshot.digest
    texts = {id(entry.trust) for entry in again.roles}
    assert len(texts) == len({entry.trust.digest for entry in again.roles}), "equal documents share one object"


def test_the_file_is_private_and_replaced_whole(snapshot: Snapshot, tmp_path: Path) -> None:
    path = tmp_path / "account.json.gz"
    path.write_bytes(b"old")
    save(snapshot, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes()[:2] == b"\x1f\x8b"
    twin = tmp_path / "account.json.gz.index"
    assert sorted(tmp_path.iterdir()) == [path, twin], "no half file is left behind"
    assert stat.S_IMODE(twin.stat().st_mode) == 0o600


def test_a_folder_that_is_not_there_is_named(snapshot: Snapshot, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file or directory"):
        save(snapshot, tmp_path / "none" / "account.json")


def test_a_document_changed_behind_our_back_is_refused(snapshot: Snapshot) -> None:
    value = json.loads(dump(snapshot))
    digest = next(iter(value["documents"]))
    value["documents"][digest]["Statement"] = []
    with pytest.raises(InputError, match="changed after it was saved"):
        load(json.dumps(value).encode(), "account.json")


def test_a_document_that_is_missing_is_named(snapshot: Snapshot) -> None:
    value = json.loads(dump(snapshot))
    del value["documents"][value["snapshot"]["roles"][0]["trust"]]
    with pytest.raises(InputError, match="is not in the file"):
        load(json.dumps(value).encode(), "account.json")


@pytest.mark.parametrize(
    ("schema", "says"),
    [("advisor/snapshot/9", "update iam-advisor"), ("other/1", "collect"), ("x" * 500, "no snapshot")],
)
def test_another_schema_is_refused_with_a_sentence(schema: str, says: str) -> None:
    text = json.dumps({"schema": schema, "documents": {}, "snapshot": {}}).encode()
    with pytest.raises(InputError) as caught:
        load(text, "account.json")
    assert SCHEMA in str(caught.value)
    assert says in f"{caught.value} {caught.value.advice}" or "no snapshot" in str(caught.value)
    assert len(str(caught.value)) < 300


def test_the_twin_says_the_same_as_the_snapshot(
    snapshot: Snapshot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "account.json"
    save(snapshot, path)
    monkeypatch.setattr("advisor.collect.files.load", None)  # it is not needed
    (again,) = read_files([path])
    assert again == snapshot
    assert again.digest == snapshot.digest
    assert [item.document.statements for role in again.roles for item in role.inline] == [
        item.document.statements for role in snapshot.roles for item in role.inline
    ]


@pytest.mark.parametrize("spoil", ["changed snapshot", "other format", "damaged", "half", "gone"])
def test_a_twin_that_is_not_of_this_snapshot_is_made_anew(snapshot: Snapshot, tmp_path: Path, spoil: str) -> None:
    path, twin = tmp_path / "account.json", tmp_path / "account.json.index"
    save(snapshot, path)
    expected = snapshot
    if spoil == "changed snapshot":
        expected = msgspec.structs.replace(snapshot, alias="other")
        path.write_bytes(dump(expected))
    elif spoil == "other format":
        twin.write_bytes(twin.read_bytes().replace(b"snapshot-index/1", b"snapshot-index/9"))
    elif spoil == "damaged":
        twin.write_bytes(twin.read_bytes()[:-3] + b"abc")
    elif spoil == "half":
        twin.write_bytes(twin.read_bytes()[:500])
    else:
        twin.unlink()
    assert read_files([path]) == (expected,)
    assert read_twin(path, path.read_bytes()) == expected
