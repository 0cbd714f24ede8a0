"""Whether a password is right: argon2id, aside, and the same work whoever it is said to be."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from kmonitor.query_api.problems import not_now

AT_ONCE = 2
MOST_WAITING = 32
NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5LWhhcy10aGlzIQ$Wd6PnPz1cwt7KNWJ0bvylvql7oyn1AUEo09c74olvqU"
"""The hash of no password, as costly to try as those that the gateway makes."""


class Passwords:
    """Two at once and a few who wait: memory and processors are left for everybody else."""

    def __init__(self) -> None:
        self._aside = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="passwords")
        self._asked = 0

    async def is_right(self, password: str, password_hash: str | None) -> bool:
        """False, after the same time, where there is no hash. Raises Problem 503 when too many ask at once."""
        if self._asked >= MOST_WAITING:
            raise not_now("too many people sign in at once: try again in a moment")
        self._asked += 1
        loop = asyncio.get_running_loop()
        trying = loop.run_in_executor(self._aside, fits, password, password_hash or NOBODY)
        trying.add_done_callback(self._tried)
        # Who leaves does not free the thread before it has finished.
        return await asyncio.shield(trying) and password_hash is not None

    def _tried(self, _: "asyncio.Future[bool]") -> None:
        self._asked -= 1


def fits(password: str, password_hash: str) -> bool:
    try:
        return PasswordHasher().verify(password_hash, password)
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False
