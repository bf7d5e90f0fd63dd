"""Other words for words, so that each pattern fits after the change exactly what it fitted before.

A word is a run of letters and digits. It gets another one of the same length, letter for letter and digit for
digit, out of a key that is thrown away. Where a policy names a part of a word (`pay*`), the words with that part are
cut there, and each piece is replaced alone: `pay*` and `payroll` become `kqd*` and `kqdzzwa`. So lengths, separators
and the places of wildcards stay, which `?` and the fixed lengths of AWS's ids need.
"""

from __future__ import annotations

import hmac
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import product
from math import prod

_TOKENS = re.compile(r"(?P<variable>\$\{[^{}]*\})|(?P<wild>[*?]+)|(?P<word>[^\W_]+)|(?P<other>.)", re.S)
_UNIQUE_ID = re.compile(r"(?:A3T[A-Z0-9]|ABIA|ACCA|AGPA|AIDA|AIPA|AKIA|ANPA|ANVA|APKA|AROA|ASCA|ASIA)[A-Z0-9]{8,}")
_LETTERS, _DIGITS = "abcdefghijklmnopqrstuvwxyz", "0123456789"
_FEW = 20_000
"""Where there are no more words than that of a form, they may be used up: then the free ones are counted through."""
_ROUNDS = 15

LEFT, RIGHT = 1, 2
"""A word that goes on before it, or after it: a wildcard or a variable stands there."""
Place = tuple[str, str, int]
"""(part, word, where the part stands in the word)."""


class Words:
    """First `note` every text, then `settle`, then `changed` gives each text with its words replaced."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._noted: dict[str, set[int]] = defaultdict(set)
        """Words in lower case, each with the sides on which it was seen to go on."""
        self._kept: set[str] = set()
        self._cuts: dict[str, set[int]] = defaultdict(set)
        self._tries: dict[str, int] = defaultdict(int)
        self._pieces: dict[str, tuple[str, ...]] = {}
        self._codes: dict[str, str] = {}
        self._fixed: set[str] = set()
        """Pieces of words that are kept."""
        self._spelled: dict[str, str] = {}

    def note(self, text: str, *, keep: bool = False) -> None:
        """Remember the words of a text; with `keep` they stay as they are, here and everywhere."""
        for word, sides in _words(text):
            self.note_word(word, sides, keep=keep)

    def note_word(self, word: str, sides: int = 0, *, keep: bool = False) -> None:
        low = lower(word)
        self._noted[low].add(sides)
        if keep:
            self._kept.add(low)
        elif _UNIQUE_ID.fullmatch(word):
            self._cuts[low].add(4)
            self.note_word(word[:4], keep=True)

    def knows(self, word: str) -> bool:
        """Whether the word was noted and is replaced."""
        low = lower(word)
        return low in self._noted and low not in self._kept

    def changed(self, text: str, variable: Callable[[str], str] = str) -> str:
        """The text with its words replaced; `variable` says what becomes of `${…}`."""
        found = []
        for token in _TOKENS.finditer(text):
            if token.lastgroup == "word":
                found.append(self.changed_word(token.group()))
            else:
                found.append(variable(token.group()) if token.lastgroup == "variable" else token.group())
        return "".join(found)

    def changed_word(self, word: str) -> str:
        low = lower(word)
        spelled = self._spelled.get(low) or self._spell_new(low)
        if low == word:
            return spelled
        return "".join(new.upper() if old.isupper() else new for old, new in zip(word, spelled, strict=True))

    def settle(self) -> None:
        """Find a replacement for each piece. What fitted still fits, and nothing else does; else it is tried again."""
        places = set(_places(self._noted, self._noted))
        self._cut(places)
        round = 0
        while wrong := self._mistaken(places):
            round += 1
            if round % _ROUNDS:
                self._try_again(wrong)
            else:  # by single letters nothing can be mistaken
                for word in {word for pair in wrong for word in pair}:
                    self._cuts[word] |= set(range(1, len(word)))
                self._cut(places)

    def _cut(self, places: Iterable[Place]) -> None:
        """Cut words at the ends of the parts in them, and parts where the words are cut, until nothing changes."""
        cuts, waiting = self._cuts, True
        while waiting:
            waiting = False
            for part, word, at in places:
                of_word, of_part = cuts[word], cuts[part]
                before = len(of_word) + len(of_part)
                of_word |= {cut for cut in (at, at + len(part)) if 0 < cut < len(word)}
                of_word |= {at + cut for cut in of_part}
                of_part |= {cut - at for cut in of_word if at < cut < at + len(part)}
                waiting = waiting or len(of_word) + len(of_part) != before

        self._pieces = {word: tuple(self._cut_up(word)) for word in self._noted}
        self._fixed = {piece for word in self._kept for piece in self._pieces[word]}
        self._codes = {piece: piece for piece in self._fixed}

    def _cut_up(self, word: str) -> Iterator[str]:
        cuts = sorted(self._cuts.get(word, ()))
        if not cuts:
            yield word
            return
        for start, end in zip([0, *cuts], [*cuts, len(word)], strict=True):
            yield from self._cut_up(word[start:end])

    def _draw(self) -> None:
        """Find a code for each piece that has none, so that no two have the same."""
        taken = set(self._codes.values())
        for piece in sorted({piece for pieces in self._pieces.values() for piece in pieces} - self._codes.keys()):
            code = next(code for code in self._candidates(piece) if code not in taken)
            taken.add(code)
            self._codes[piece] = code
        self._spelled = {word: "".join(map(self._codes.__getitem__, self._pieces[word])) for word in self._noted}

    def _spell_new(self, word: str) -> str:
        """A word that was never noted is replaced too, out of the same key."""
        return "".join(self._codes.get(piece) or next(self._candidates(piece)) for piece in self._cut_up(word))

    def _candidates(self, piece: str) -> Iterator[str]:
        first = self._tries[piece]
        for attempt in range(first, first + 400):
            yield self._candidate(piece, attempt)
        if prod(len(_alphabet(sign)) for sign in piece) <= _FEW:
            yield from sorted(
                ("".join(letters) for letters in product(*(_alphabet(sign) for sign in piece))),
                key=lambda code: hmac.digest(self._key, f"{first}/{piece}/{code}".encode(), "sha256"),
            )

    def _candidate(self, piece: str, attempt: int) -> str:
        drawn = b"".join(
            hmac.digest(self._key, f"{attempt}/{block}/{piece}".encode("utf-8", "surrogatepass"), "sha512")
            for block in range(len(piece) // 32 + 1)
        )
        numbers = (int.from_bytes(drawn[2 * at : 2 * at + 2], "big") for at in range(len(piece)))
        return "".join(
            _alphabet(sign)[number % len(_alphabet(sign))] for sign, number in zip(piece, numbers, strict=True)
        )

    def _mistaken(self, places: set[Place]) -> list[tuple[str, str]]:
        """(part, word) where a part fits a word that it did not fit before, or where two words became one."""
        self._draw()
        origin: dict[str, str] = {}
        wrong = []
        for word, spelled in self._spelled.items():
            if origin.setdefault(spelled, word) != word:
                wrong.append((origin[spelled], word))
        sides = {self._spelled[word]: sides for word, sides in self._noted.items()}
        for part, word, at in _places(sides, sides):
            if (origin[part], origin[word], at) not in places:
                wrong.append((origin[part], origin[word]))
        return wrong

    def _try_again(self, wrong: Iterable[tuple[str, str]]) -> None:
        """Other codes for the words in which something is mistaken; for the part where the word has none of its own."""
        for part, word in wrong:
            own = set(self._pieces[word]) - set(self._pieces[part]) - self._fixed
            for piece in own or set(self._pieces[part]) - self._fixed:
                self._tries[piece] += 1
                self._codes.pop(piece, None)


def lower(word: str) -> str:
    """The word in lower case, as long as before."""
    low = word.lower()
    return low if len(low) == len(word) else "".join(s if len(s.lower()) != 1 else s.lower() for s in word)


def _words(text: str) -> Iterator[tuple[str, int]]:
    """The words of a text, each with the sides on which it goes on."""
    tokens = [(token.lastgroup, token.group()) for token in _TOKENS.finditer(text)]
    for at, (kind, word) in enumerate(tokens):
        if kind == "word":
            before = at > 0 and tokens[at - 1][0] in ("wild", "variable")
            after = at + 1 < len(tokens) and tokens[at + 1][0] in ("wild", "variable")
            yield word, LEFT * before + RIGHT * after


def _alphabet(sign: str) -> str:
    return _DIGITS if sign in _DIGITS else _LETTERS


def _places(parts: dict[str, set[int]], words: dict[str, set[int]]) -> Iterator[Place]:
    """Where the parts stand in the words: at the start, at the end, or anywhere, by the sides on which they go on."""
    starts = _by_length(part for part, sides in parts.items() if RIGHT in sides)
    ends = _by_length(part for part, sides in parts.items() if LEFT in sides)
    for word in words:
        for length, known in starts.items():
            if length < len(word) and word[:length] in known:
                yield word[:length], word, 0
        for length, known in ends.items():
            if length < len(word) and word[-length:] in known:
                yield word[-length:], word, len(word) - length
    yield from _inside([part for part, sides in parts.items() if LEFT | RIGHT in sides], list(words))


def _by_length(parts: Iterable[str]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    for part in parts:
        found[len(part)].add(part)
    return found


def _inside(parts: list[str], words: list[str]) -> Iterator[Place]:
    """All places of the parts, in one text of all words: a search for each pair would take too long."""
    if not parts:
        return
    text = "\n".join(words)
    starts = [0]
    for word in words:
        starts.append(starts[-1] + len(word) + 1)
    for part in parts:
        at = text.find(part)
        while at >= 0:
            number = bisect_right(starts, at) - 1
            if words[number] != part:
                yield part, words[number], at - starts[number]
            at = text.find(part, at + 1)
