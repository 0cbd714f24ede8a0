"""How long the supervisor waits before it starts a dead program again."""

from kmonitor.local.child import LONGEST_PAUSE_S, SHORTEST_PAUSE_S, STEADY_AFTER_S, pause_before_restart


def test_the_first_death_is_followed_by_a_short_pause() -> None:
    assert pause_before_restart(previous_s=0, lived_s=1) == SHORTEST_PAUSE_S


def test_each_quick_death_doubles_the_pause_up_to_the_longest() -> None:
    pauses = [0.0]
    for _ in range(8):
        pauses.append(pause_before_restart(pauses[-1], lived_s=0.1))
    assert pauses[1:] == [0.2, 0.4, 0.8, 1.6, 3.2, LONGEST_PAUSE_S, LONGEST_PAUSE_S, LONGEST_PAUSE_S]


def test_a_program_that_was_steady_starts_again_soon() -> None:
    assert pause_before_restart(LONGEST_PAUSE_S, lived_s=STEADY_AFTER_S) == SHORTEST_PAUSE_S
