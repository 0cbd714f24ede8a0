"""Who is asking: the administrator, a program or a person, told from what they show, as things stand now."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest

from msgspec import Struct

from kmonitor.domain.people import People, Person, ServiceToken
from kmonitor.domain.sessions import Seal, Session
from kmonitor.events.office.people import ADMINISTRATOR, Role


class Signer(Struct, frozen=True, kw_only=True):
    """Somebody who was recognised. `author` signs what they say: `admin`, a person's id, or `token:<name>`,
    which can be no person's."""

    author: str
    role: Role
    person: str | None = None
    token: str | None = None
    name: str | None = None
    dealer: str | None = None


THE_ADMINISTRATOR = Signer(author=ADMINISTRATOR, role="administrator")


@dataclass(frozen=True)
class Recognition:
    """What both HTTP services recognise people by."""

    seal: Seal
    admin_token_sha256: str

    def by_token(self, people: People, token: str) -> Signer | None:
        """Whose token it is: the administrator's, or a live `<key_id>.<secret>`."""
        if compare_digest(sha256(token.encode("utf-8", "replace")).hexdigest(), self.admin_token_sha256):
            return THE_ADMINISTRATOR
        known = _known_token(people, token)
        return None if known is None else _program(known)

    def by_cookie(self, people: People, cookie: str, now: datetime) -> Signer | None:
        """Who signed in; None when that has ended, by its time, by signing out, or by what was said since."""
        session = self.seal.read(cookie, now)
        if session is None or session.session in people.ended:
            return None
        if session.person is not None:
            person = people.persons.get(session.person)
            return _somebody(person) if person and person.proven_by == session.proven_by else None
        if session.key_id is not None:
            token = people.tokens.get(session.key_id)
            return None if token is None else _program(token)
        is_his = session.administrator == self.seal.mark(self.admin_token_sha256)
        return THE_ADMINISTRATOR if is_his else None

    def session_of_token(self, people: People, token: str, session: str, expires_at: int) -> Session | None:
        """The session that a token opens; None for one that `by_token` does not know."""
        if self.by_token(people, token) is None:
            return None
        if (known := _known_token(people, token)) is not None:
            return Session(session=session, expires_at=expires_at, key_id=known.key_id)
        mark = self.seal.mark(self.admin_token_sha256)
        return Session(session=session, expires_at=expires_at, administrator=mark)


def _known_token(people: People, token: str) -> ServiceToken | None:
    key_id, _, secret = token.partition(".")
    known = people.tokens.get(key_id)
    is_right = known is not None and known.opens_with(sha256(secret.encode("utf-8", "replace")).hexdigest())
    return known if is_right else None


def _somebody(person: Person) -> Signer:
    return Signer(
        author=person.person,
        role=person.role,
        person=person.person,
        name=person.name,
        dealer=person.dealer,
    )


def _program(token: ServiceToken) -> Signer:
    return Signer(author=f"token:{token.name}", role=token.role, token=token.name, dealer=token.dealer)
