"""Faults: the open ones from memory, the history from the archive with what is newer in memory."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response

from kmonitor.clickhouse.queries.history import FaultHistory
from kmonitor.domain.faults.dictionary import Severity
from kmonitor.domain.faults.fault import Fault
from kmonitor.domain.office.upkeep import Care
from kmonitor.query_api.answers import Page, json, says
from kmonitor.query_api.archive import Row
from kmonitor.query_api.cursors import cursor, instant_of, place
from kmonitor.query_api.fault_list import FaultItem, FaultStatus, care_of, fault_item
from kmonitor.query_api.parameters import Listed, Word
from kmonitor.query_api.readers import Readers
from kmonitor.query_api.sight import Network, Sight

Key = tuple[datetime, str]


class FaultsWanted(Listed):
    status: FaultStatus = "open"
    severity: Severity | None = None
    terminal: Word | None = None


def faults(readers: Readers) -> APIRouter:
    router = APIRouter(tags=["faults"])

    @router.get("/faults", **says(Page[FaultItem]))
    async def list_faults(sight: Network, wanted: Annotated[FaultsWanted, Query()]) -> Response:
        await readers.caught_up(wanted.after)
        beyond = _beyond(wanted.cursor)
        cared = readers.now.registry.upkeep.care
        match wanted.status:
            case "open":
                found = in_memory(readers.open_faults(sight, wanted.terminal), wanted, cared)
            case "acknowledged":
                found = in_memory(readers.open_faults(sight, wanted.terminal), wanted, cared)
                found = {key: item for key, item in found.items() if item.status == "acknowledged"}
            case "cleared":
                found = await _archived(readers, sight, wanted, is_open=False)
                found |= in_memory(readers.cleared_faults(sight), wanted, cared)
            case "all":
                found = await _archived(readers, sight, wanted, is_open=None)
                found |= in_memory(readers.open_faults(sight, wanted.terminal), wanted, cared)
                found |= in_memory(readers.cleared_faults(sight), wanted, cared)
        return json(page_of(list(found.values()), beyond, wanted.limit))

    return router


def in_memory(faults: Iterable[Fault], wanted: FaultsWanted, cared: Mapping[str, Care]) -> dict[str, FaultItem]:
    """Those that were asked for, by id."""
    return {
        fault.fault_id: fault_item(fault, cared)
        for fault in faults
        if wanted.severity in (None, fault.severity) and wanted.terminal in (None, fault.terminal)
    }


def page_of(found: list[FaultItem], beyond: Key | None, limit: int) -> Page[FaultItem]:
    """The latest raised first, those of one moment by their ids."""
    after = [item for item in found if beyond is None or _key(item) < beyond]
    after.sort(key=_key, reverse=True)
    items = after[:limit]
    more = len(after) > limit
    return Page(
        items, cursor("faults", [items[-1].raised_at.isoformat(), items[-1].fault_id]) if more else None
    )


async def _archived(
    readers: Readers, sight: Sight, wanted: FaultsWanted, is_open: bool | None
) -> dict[str, FaultItem]:
    rows = await readers.archive.rows(
        FaultHistory(
            terminal=wanted.terminal,
            severity=wanted.severity,
            is_open=is_open,
            stays=readers.stays(sight, wanted.terminal),
            after=_beyond(wanted.cursor),
            limit=wanted.limit + 1,
        )
    )
    cared = readers.now.registry.upkeep.care
    return {row["fault_id"]: archived_fault(row, cared) for row in rows}


def archived_fault(row: Row, cared: Mapping[str, Care]) -> FaultItem:
    return FaultItem(
        **{
            **row,
            "device": row["device"] or None,
            "unit": row["unit"] or None,
            "code": row["code"] or None,
            "evidence": list(row["evidence"]),
            **care_of(row["fault_id"], row["cleared_at"] is None, cared),
        }
    )


def _key(item: FaultItem) -> Key:
    return item.raised_at, item.fault_id


def _beyond(said: str | None) -> Key | None:
    at = place("faults", said, str, str)
    return (instant_of(str(at[0])), str(at[1])) if at else None
