"""What the units say that nobody knows, and on which terminals: what the fault dictionary has yet to learn."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from msgspec import Struct

from kmonitor.domain.faults.dictionary import UNKNOWN, Dictionary
from kmonitor.domain.terminal.registers import Unit

EXAMPLES = 5


class Word(NamedTuple):
    """A raw code of a class of units; one that was said as a condition has no protocol."""

    device: str
    protocol: str | None
    code: str


class UnknownCode(Struct, frozen=True):
    """`terminals`: how many have a unit whose last word it is; `examples`: some of them."""

    protocol: str | None
    code: str
    device: str
    terminals: int
    examples: list[str]


class UnknownCodes:
    """Counted as states come in. A terminal all of whose units are understood takes no room here."""

    def __init__(self, dictionary: Dictionary) -> None:
        self._dictionary = dictionary
        self._words: dict[str, frozenset[Word]] = {}
        # A dict where a set would do, so that the examples stay those that said it first.
        self._terminals: dict[Word, dict[str, None]] = {}

    def take(self, terminal: str, units: Iterable[Unit]) -> None:
        """The units' last words on a terminal, in place of those that it had before."""
        said = frozenset(self._unknown(units))
        before = self._words.get(terminal, frozenset())
        if said == before:
            return
        for word in before - said:
            del self._terminals[word][terminal]
            if not self._terminals[word]:
                del self._terminals[word]
        for word in said - before:
            self._terminals.setdefault(word, {})[terminal] = None
        if said:
            self._words[terminal] = said
        else:
            del self._words[terminal]

    def items(self) -> list[UnknownCode]:
        """The most widespread first."""
        found = [
            UnknownCode(word.protocol, word.code, word.device, len(said), list(islice(said, EXAMPLES)))
            for word, said in self._terminals.items()
        ]
        found.sort(key=lambda item: (-item.terminals, item.device, item.protocol or "", item.code))
        return found

    def _unknown(self, units: Iterable[Unit]) -> Iterator[Word]:
        for unit in units:
            if self._dictionary.condition_of(unit) == UNKNOWN:
                code = self._dictionary.plain_code(unit)
                if code is not None:
                    yield Word(unit.device, *code)
                elif unit.condition is not None:
                    yield Word(unit.device, None, unit.condition)
