"""The raw codes that the fault dictionary knows, and those that units say and nobody knows."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import Field

from kmonitor.domain.faults.dictionary import Code
from kmonitor.query_api.answers import Page, json, says
from kmonitor.query_api.cursors import cursor, place
from kmonitor.query_api.parameters import Asked, Listed, Word
from kmonitor.query_api.readers import Readers
from kmonitor.query_api.sight import Network, Quarantine
from kmonitor.query_api.unknown_codes import UnknownCode


class CodesWanted(Asked):
    protocol: Annotated[Word | None, Field(description="For example ccnet, xfs.device or neutral.")] = None


def codes(readers: Readers) -> APIRouter:
    router = APIRouter(tags=["faults"])

    @router.get("/codes", **says(Page[Code]))
    async def list_codes(sight: Network, wanted: Annotated[CodesWanted, Query()]) -> Response:
        # One code stands under each of its devices.
        known = {id(code): code for code in readers.dictionary.codes.values()}
        protocol = wanted.protocol.lower() if wanted.protocol else None
        return json(Page([code for code in known.values() if protocol in (None, code.protocol)], None))

    @router.get("/codes/unknown", **says(Page[UnknownCode]))
    async def list_unknown(sight: Quarantine, wanted: Annotated[Listed, Query()]) -> Response:
        await readers.caught_up(wanted.after)
        at = place("unknown-codes", wanted.cursor, int)
        return json(page_of(readers.now.fleet.unknown_codes.items(), int(at[0]) if at else 0, wanted.limit))

    return router


def page_of(found: list[UnknownCode], start: int, limit: int) -> Page[UnknownCode]:
    """The list changes while it is read: what becomes more widespread meanwhile may stand on two pages."""
    end = start + limit
    return Page(found[start:end], cursor("unknown-codes", [end]) if end < len(found) else None)
