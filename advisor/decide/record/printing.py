"""A record as something to hand on: Markdown as it is, HTML in one file, or PDF.

HTML and PDF are made from the Markdown's parsed blocks. Raw HTML in the text stays text; the PDF's template gets the
blocks as data, so nothing that a name or a policy says is ever read as markup or as code.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import msgspec

from advisor.decide.record.front import Record, encode
from advisor.decide.record.moments import day, moment
from advisor.errors import UsageError
from advisor.model.harmless import one_line
from advisor.reference.data import data_folder

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

FORMATS = ("md", "html", "pdf")
NOT_NAMED = "not named"


def print_record(record: Record, format: str = "md") -> bytes:
    """The record in one of `FORMATS`.

    Raises:
        UsageError: another format, or PDF without the package that makes it.
    """
    if format == "md":
        return (encode(record.front) + "\n" + record.body).encode("utf-8")
    return print_page(Page(_front(record), _rows_of(record), record.body), format)


class Page(msgspec.Struct, frozen=True):
    """A document to print: `front` is what `record.typ` shows above the text, `rows` the same for HTML."""

    front: dict[str, Any]
    rows: tuple[tuple[str, str], ...]
    body: str


def print_page(page: Page, format: str) -> bytes:
    """The page as HTML in one file or as PDF.

    Raises:
        UsageError: another format, or PDF without the package that makes it.
    """
    if format == "html":
        return _html(page).encode("utf-8")
    if format == "pdf":
        return _pdf(page)
    raise UsageError(f"`{format}` is no format of a record", advice=f"formats: {', '.join(FORMATS)}")


def _pdf(page: Page) -> bytes:
    try:
        import typst
    except ImportError as error:
        raise UsageError("PDF needs the package `typst`", advice="install `iam-advisor[pdf]`") from error
    template = data_folder("assets") / "record" / "record.typ"
    data = {"front": {name: _harmless(value) for name, value in page.front.items()}, "blocks": blocks(page.body)}
    made: bytes = typst.compile(
        template.read_bytes(),
        format="pdf",
        sys_inputs={"record": msgspec.json.encode(data).decode()},
        ignore_system_fonts=True,
    )
    return made


def _harmless(value: str | list[str]) -> str | list[str]:
    return one_line(value) if isinstance(value, str) else [one_line(item) for item in value]


def _front(record: Record) -> dict[str, Any]:
    front = record.front
    return {
        "kind": f"Decision record {front.number}",
        "title": front.title,
        "number": front.number,
        "status": front.status,
        "date": day(front.date),
        "account": _fours(front.account),
        "alias": front.alias,
        "makers": list(front.decision_makers) or [NOT_NAMED],
        "digest": front.snapshot.digest,
        "taken": moment(front.snapshot.taken_at),
        "source": front.snapshot.source,
        "supersedes": list(front.supersedes),
        "superseded": front.superseded_by,
    }


def _fours(account: str) -> str:
    return " ".join(account[start : start + 4] for start in range(0, len(account), 4))


def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable("table")


def _rows_of(record: Record) -> tuple[tuple[str, str], ...]:
    front = _front(record)
    return (
        ("Status", front["status"] + (f", by {front['superseded']}" if front["superseded"] else "")),
        ("Decided", front["date"]),
        ("Decided by", ", ".join(front["makers"])),
        ("Account", f"{front['alias']} {front['account']}".strip()),
        ("Replaces", ", ".join(front["supersedes"])),
        ("Snapshot", front["digest"]),
        ("Read", f"{front['taken']} ({front['source']})"),
    )


def _html(page: Page) -> str:
    text = (data_folder("assets") / "record" / "record.html").read_text("utf-8")
    table = "".join(f"<dt>{name}</dt><dd>{html.escape(one_line(value))}</dd>" for name, value in page.rows if value)
    title = f"{page.front['number']} {page.front['title']}".strip()
    head, _, rest = text.partition("@FRONT@")
    middle, _, tail = rest.partition("@BODY@")
    for mark, value in (("@TITLE@", title), ("@KIND@", page.front["kind"])):
        head = head.replace(mark, html.escape(one_line(value)))
    return head + table + middle + str(_markdown().render(page.body)) + tail


def blocks(markdown: str) -> list[dict[str, Any]]:
    """The Markdown as plain blocks: `{"kind": "paragraph", "runs": [{"kind": "text", "text": …}]}` and the like."""
    return _blocks(_markdown().parse(markdown))


def _blocks(tokens: list[Token]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    position = 0
    while position < len(tokens):
        token = tokens[position]
        if token.nesting == 1:
            end = _closing(tokens, position)
            found.append(_container(token, tokens[position + 1 : end]))
            position = end + 1
            continue
        if token.type in ("fence", "code_block"):
            found.append({"kind": "code", "text": token.content.rstrip("\n")})
        elif token.type == "inline":
            found.append({"kind": "paragraph", "runs": _runs(token)})
        position += 1
    return found


def _closing(tokens: list[Token], start: int) -> int:
    depth = 0
    for position in range(start, len(tokens)):
        depth += tokens[position].nesting
        if depth == 0:
            return position
    return len(tokens)


def _container(token: Token, inner: list[Token]) -> dict[str, Any]:
    if token.type == "heading_open":
        return {"kind": "heading", "level": int(token.tag[1:]), "runs": _runs(inner[0])}
    if token.type == "paragraph_open":
        return {"kind": "paragraph", "runs": _runs(inner[0])}
    if token.type in ("bullet_list_open", "ordered_list_open"):
        kind = "bullets" if token.type.startswith("bullet") else "numbers"
        return {"kind": kind, "items": [block["blocks"] for block in _blocks(inner)]}
    if token.type == "table_open":
        return {"kind": "table", "rows": _rows(inner)}
    return {"kind": "quote" if token.type == "blockquote_open" else "group", "blocks": _blocks(inner)}


def _rows(tokens: list[Token]) -> list[list[list[dict[str, Any]]]]:
    rows: list[list[list[dict[str, Any]]]] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(_runs(token))
    return rows


def _runs(token: Token) -> list[dict[str, Any]]:
    """The pieces of one line: text, code, breaks, with what surrounds them (strong, emphasis, a link)."""
    runs: list[dict[str, Any]] = []
    strong = emphasis = 0
    links: list[str] = []
    for child in token.children or ():
        if child.type in ("strong_open", "strong_close"):
            strong += child.nesting
        elif child.type in ("em_open", "em_close"):
            emphasis += child.nesting
        elif child.type == "link_open":
            links.append(str(child.attrs.get("href", "")))
        elif child.type == "link_close":
            links.pop()
        else:
            kind = "code" if child.type == "code_inline" else "text"
            text = " " if child.type in ("softbreak", "hardbreak") else child.content
            link = links[-1] if links and links[-1].startswith("https://") else ""
            runs.append({"kind": kind, "text": text, "strong": strong > 0, "emphasis": emphasis > 0, "link": link})
    return runs
