"""Who may act: people and programs with their roles. Passwords and secrets are nowhere, not even hashed."""

from collections.abc import Mapping
from typing import Annotated, TypeVar

from fastapi import APIRouter, Query, Response
from msgspec import Struct

from kmonitor.events.office.people import Role
from kmonitor.query_api.answers import Page, json, says
from kmonitor.query_api.cursors import cursor, place
from kmonitor.query_api.parameters import Listed
from kmonitor.query_api.readers import Readers
from kmonitor.query_api.sight import People

T = TypeVar("T")


class PersonItem(Struct, frozen=True):
    """`can_sign_in`: whether a password was set."""

    person: str
    name: str | None
    role: Role
    dealer: str | None
    can_sign_in: bool


class TokenItem(Struct, frozen=True):
    """A live token; `person` is who answers for it."""

    key_id: str
    name: str
    role: Role
    dealer: str | None
    person: str | None


def people(readers: Readers) -> APIRouter:
    router = APIRouter(tags=["people"])

    @router.get("/people", **says(Page[PersonItem], 403))
    async def list_people(sight: People, wanted: Annotated[Listed, Query()]) -> Response:
        await readers.caught_up(wanted.after)
        found, next_ = page_of("people", readers.now.registry.people.persons, wanted)
        items = [
            PersonItem(each.person, each.name, each.role, each.dealer, each.password_hash is not None)
            for each in found
        ]
        return json(Page(items, next_))

    @router.get("/tokens", **says(Page[TokenItem], 403))
    async def list_tokens(sight: People, wanted: Annotated[Listed, Query()]) -> Response:
        await readers.caught_up(wanted.after)
        found, next_ = page_of("tokens", readers.now.registry.people.tokens, wanted)
        items = [TokenItem(each.key_id, each.name, each.role, each.dealer, each.person) for each in found]
        return json(Page(items, next_))

    return router


def page_of(name: str, known: Mapping[str, T], wanted: Listed) -> tuple[list[T], str | None]:
    """Those beyond the cursor in the order of their ids, and the cursor to go on if there are more."""
    at = place(name, wanted.cursor, str)
    beyond = sorted(each for each in known if at is None or each > str(at[0]))
    ids = beyond[: wanted.limit]
    more = len(beyond) > wanted.limit
    return [known[each] for each in ids], cursor(name, [ids[-1]]) if more else None
