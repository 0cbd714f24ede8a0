"""Passwords into what the log keeps of them: argon2id, made aside, since it is slow on purpose."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher

from kmonitor.ingest_gateway.identities import password_salt

# The least that OWASP asks of argon2id: 19 MiB, two passes, one lane.
HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


class Passwords:
    """One at a time: each takes its memory for about 50 ms, and nobody is registered by the hundred."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._aside = ThreadPoolExecutor(1, thread_name_prefix="passwords")

    async def hash(self, password: str, operation: str) -> str:
        """The same for the same operation, whichever gateway makes it: the salt derives from it."""
        salt = password_salt(self._secret, operation)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._aside, lambda: HASHER.hash(password, salt=salt))
