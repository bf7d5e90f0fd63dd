"""Decision records: numbered Markdown files with a front matter (MADR 4), written once, superseded, printed, verified.

Source of the form: Markdown Architectural Decision Records 4.0, https://adr.github.io/madr/.
"""

from __future__ import annotations

from advisor.decide.record.front import Front, Record
from advisor.decide.record.printing import FORMATS, print_record
from advisor.decide.record.shelf import find, listing, read, supersede_walk
from advisor.decide.record.verify import Verified, verify, verify_record
from advisor.decide.record.write import write_record

__all__ = [
    "FORMATS", "Front", "Record", "Verified", "find", "listing", "print_record", "read", "supersede_walk", "verify",
    "verify_record", "write_record",
]  # fmt: skip
