"""What can go wrong between a process and the broker."""


class KafkaTrouble(Exception):
    """Any of the failures below; the text says what was wrong and what to do."""


class BrokerAway(KafkaTrouble):
    """Not now: the broker did not answer in time. Try again."""


class NotDelivered(KafkaTrouble):
    """Not now: the broker did not confirm a message. It may be in the log all the same."""


class Saturated(KafkaTrouble):
    """Not now: as many messages wait for the broker's word as this process may hold."""


class ClientBroken(KafkaTrouble):
    """The client cannot go on in this process (fenced, not allowed, fatal); a restart tries again."""


class TopicMismatch(KafkaTrouble):
    """A topic exists, but not as its contract says."""


class TopicRewritten(KafkaTrouble):
    """A followed topic was dropped and made anew: what was folded from it is void; start again."""
