"""How long to wait before another try. `chance` is any number from 0 to 1: no two kiosks come back at once."""

FIRST_S = 1.0
SLOW_S = 60.0
RETRY_AFTER_AT_MOST_S = 3600.0


def backoff(tries: int, chance: float, longest_s: float) -> float:
    """Doubled with every try in vain up to `longest_s`, then shortened by up to half."""
    return float(min(longest_s, FIRST_S * 2.0 ** min(tries, 30)) * (0.5 + chance / 2))


def obedient(retry_after_s: float, chance: float) -> float:
    """Never sooner than the gateway asked for, up to a fifth later; an absurd wish is cut to an hour."""
    return min(RETRY_AFTER_AT_MOST_S, retry_after_s) * (1 + chance / 5)


def slow(chance: float, longest_s: float) -> float:
    """For what only a person can mend: no need to hurry, none to give up."""
    return max(SLOW_S, longest_s) * (0.5 + chance / 2)
