"""Numbers are counted once, and ranges are only another way to write them."""

from hypothesis import given
from hypothesis import strategies as st

from kmonitor.domain.completeness import count
from kmonitor.domain.sequences import Seen, merged, seen_of

numbers = st.lists(st.integers(1, 30), max_size=20)
stretches = st.builds(
    lambda first, length: list(range(first, first + length)), st.integers(1, 30), st.integers(0, 9)
)


def expanded(seen: Seen) -> set[int]:
    return {seq for first, last in seen.ranges for seq in range(first, last + 1)}


@given(st.lists(st.one_of(numbers, stretches), max_size=8))
def test_each_number_is_new_exactly_once(batches: list[list[int]]) -> None:
    seen, known = Seen(), set[int]()
    for batch in batches:
        counted = count(seen, batch)
        flags = counted.is_first or (True,) * len(batch)
        for seq, is_first in zip(batch, flags, strict=True):
            assert is_first == (seq not in known)
            known.add(seq)
        seen = counted.seen
        assert expanded(seen) == known
        assert all(one[1] + 1 < other[0] for one, other in zip(seen.ranges, seen.ranges[1:], strict=False))


@given(numbers)
def test_the_highest_and_the_gaps_tell_all_that_was_seen(seqs: list[int]) -> None:
    seen = count(Seen(), seqs).seen
    assert seen_of(seen.last, seen.missing()) == seen


@given(st.lists(st.tuples(st.integers(1, 30), st.integers(0, 5)), max_size=9))
def test_merged_ranges_hold_the_same_numbers(spans: list[tuple[int, int]]) -> None:
    ranges = [(first, first + length) for first, length in spans]
    assert expanded(Seen(merged(ranges))) == {seq for one, other in ranges for seq in range(one, other + 1)}
