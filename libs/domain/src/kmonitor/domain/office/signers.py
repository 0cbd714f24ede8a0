"""Who is asking: the administrator, a program or a person, told from what they show, as things stand now."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest

from msgspec import Struct
from msgspec.structs import replace

from kmonitor.domain.office.people import People, Person, ServiceToken
from kmonitor.domain.office.sessions import Seal, Session
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


class SignedIn(Struct, frozen=True):
    """A session that holds, and whose it is."""

    session: Session
    signer: Signer


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

    def by_cookie(self, people: People, cookie: str, now: datetime) -> SignedIn | None:
        """Who signed in; None when that has ended, by its time, by signing out, or by what was said since."""
        session = self.seal.read(cookie, now)
        signer = None if session is None else self._signer(people, session)
        return SignedIn(session, signer) if session is not None and signer is not None else None

    def open_by_token(self, people: People, token: str, session: Session) -> SignedIn | None:
        """The session, resting on a token; None for one that `by_token` does not know."""
        signer = self.by_token(people, token)
        if signer is None:
            return None
        if signer.token is None:
            mark = self.seal.mark(self.admin_token_sha256)
            return SignedIn(replace(session, administrator=mark), signer)
        return SignedIn(replace(session, key_id=token.partition(".")[0]), signer)

    def open_by_person(self, person: Person, session: Session) -> SignedIn:
        """The session, resting on a person whose password was right."""
        session = replace(session, person=person.person, proven_by=person.proven_by)
        return SignedIn(session, _somebody(person))

    def _signer(self, people: People, session: Session) -> Signer | None:
        """On whom it rests, if that still holds."""
        if session.session in people.ended:
            return None
        if session.person is not None:
            person = people.persons.get(session.person)
            return _somebody(person) if person and person.proven_by == session.proven_by else None
        if session.key_id is not None:
            token = people.tokens.get(session.key_id)
            return None if token is None else _program(token)
        is_his = session.administrator == self.seal.mark(self.admin_token_sha256)
        return THE_ADMINISTRATOR if is_his else None


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
