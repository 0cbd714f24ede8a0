"""Banknotes and coins: how a payer puts a sum together from what people carry."""

from random import Random

# Denominations of the rouble in kopecks, and how many of each people carry.
NOTES = {5_000: 20, 10_000: 34, 20_000: 10, 50_000: 22, 100_000: 18, 200_000: 3, 500_000: 4}
DESCENDING = sorted(NOTES, reverse=True)
SMALLEST = min(NOTES)
COINS = (1_000, 500, 200, 100)


def notes_for(rng: Random, sum_minor: int) -> list[int]:
    """Notes that make at least the sum: big ones first as far as they fit, the last one may exceed it."""
    notes: list[int] = []
    left = sum_minor
    while left > 0:
        fitting = [each for each in DESCENDING if each <= left]
        if not fitting or (len(notes) < 2 and rng.random() < 0.08):
            # No small notes at hand: the next bigger one ends it.
            notes.append(min(each for each in DESCENDING if each >= min(left, DESCENDING[0])))
        else:
            largest = fitting[:2]
            notes.append(rng.choices(largest, [NOTES[each] for each in largest])[0])
        left -= notes[-1]
    return notes


def coins_for(sum_minor: int) -> list[int]:
    """Coins that make the sum, or up to a rouble more; big ones first."""
    coins: list[int] = []
    left = sum_minor
    while left > 0:
        coins.append(next((each for each in COINS if each <= left), COINS[-1]))
        left -= coins[-1]
    return coins
