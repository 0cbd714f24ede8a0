"""Laws of a believable day, for any seed, terminal and date."""

from collections import defaultdict
from datetime import date
from typing import get_args
from zoneinfo import ZoneInfo

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from kmonitor.events.codec import decode_event
from kmonitor.events.types import Event
from kmonitor.fleet_simulator.agenda import Happening
from kmonitor.fleet_simulator.cash import COINS, NOTES
from kmonitor.fleet_simulator.kiosk import Kiosk, day
from kmonitor.fleet_simulator.profile import Profile, profile
from kmonitor.fleet_simulator.rhythm import HOURS, WEEKDAYS, LocalTime

seeds = st.integers(0, 2**31)
parks = st.builds(lambda seed, number: profile(seed, number, heartbeat_s=600), seeds, st.integers(1, 100_000))
dates = st.dates(date(2026, 1, 1), date(2027, 12, 31))
some = settings(max_examples=25, deadline=None)


def of(type_: str, happenings: list[Happening]) -> list[dict[str, object]]:
    return [each.says for each in happenings if each.says["type"] == type_]


@some
@given(parks, seeds, dates)
def test_the_same_seed_gives_the_same_day(who: Profile, seed: int, on: date) -> None:
    assert day(who, seed, on) == day(who, seed, on)


@some
@given(parks, seeds, st.lists(st.floats(1, 7200), max_size=20))
def test_a_life_does_not_depend_on_how_its_time_is_cut(who: Profile, seed: int, cuts: list[float]) -> None:
    start = 1_795_000_000.0
    end = start + 40_000
    whole = Kiosk(who, seed, start).advance(end)
    cut, kiosk, moment = [], Kiosk(who, seed, start), start
    for pause in cuts:
        moment = min(end, moment + pause)
        cut += kiosk.advance(moment)
    assert cut + kiosk.advance(end) == whole


@some
@given(parks, seeds, dates)
def test_sums_add_up_and_cash_is_made_of_notes(who: Profile, seed: int, on: date) -> None:
    happenings = day(who, seed, on)
    cash: dict[object, int] = defaultdict(int)
    dispensed: dict[object, int] = defaultdict(int)
    for each in happenings:
        says = each.says
        if says["type"] == "note.stacked.v1":
            assert says["denomination_minor"] in NOTES
            cash[says["payment_id"]] += says["denomination_minor"]
        elif says["type"] == "coin.accepted.v1":
            assert says["denomination_minor"] in COINS
            cash[says["payment_id"]] += says["denomination_minor"]
        elif says["type"] == "cash.dispensed.v1":
            dispensed[says["payment_id"]] += says["denomination_minor"] * says["count"]
        elif says["type"] == "payment.accepted.v1":
            assert says["inserted_minor"] == says["credited_minor"] + says["fee_minor"] + says["change_minor"]
            assert min(says["credited_minor"], says["fee_minor"], says["change_minor"]) >= 0
            # The cash came before the payment, and makes exactly what was inserted; change is what went out.
            inserted = says["inserted_minor"] if says["method"] == "cash" else 0
            assert cash.get(says["payment_id"], 0) == inserted
            assert dispensed.get(says["payment_id"], 0) == says["change_minor"]


@some
@given(parks, seeds, dates)
def test_events_come_in_order_and_stay_in_their_day(who: Profile, seed: int, on: date) -> None:
    happenings = day(who, seed, on)
    moments = [each.moment for each in happenings]
    local = LocalTime(who.timezone)
    assert moments == sorted(moments)
    assert {local(moment).date() for moment in moments} <= {on}


@some
@given(parks, seeds, dates)
def test_payments_have_names_of_their_own_and_an_end_only_after_a_beginning(
    who: Profile, seed: int, on: date
) -> None:
    begun: set[object] = set()
    for each in day(who, seed, on):
        match each.says["type"]:
            case "payment.accepted.v1":
                assert each.says["payment_id"] not in begun
                begun.add(each.says["payment_id"])
            case "payment.completed.v1" | "payment.failed.v1" | "payment.cancelled.v1" | "payment.refunded.v1":
                assert each.says["payment_id"] in begun


@some
@given(parks, seeds, dates)
def test_a_stopped_terminal_says_nothing_until_it_is_started(who: Profile, seed: int, on: date) -> None:
    is_off = False
    for each in day(who, seed, on):
        if each.says["type"] == "terminal.started.v1":
            is_off = False
        assert not is_off, each
        is_off = each.says["type"] == "terminal.stopped.v1"


@some
@given(parks, seeds, dates)
def test_every_event_is_one_of_the_contract(who: Profile, seed: int, on: date) -> None:
    local = LocalTime(who.timezone)
    for seq, each in enumerate(day(who, seed, on), 1):
        decode_event(msgspec.json.encode({"seq": seq, "at": local.text(each.moment), **each.says}))


def test_a_park_says_every_type_of_the_contract_within_days() -> None:
    start = 1_795_000_000.0
    parks = [profile(7, number, heartbeat_s=3600) for number in range(1, 13)]
    lived = [each for who in parks for each in Kiosk(who, 7, start).advance(start + 5 * 86_400)]
    said = {each.says["type"] for each in lived if isinstance(each, Happening)}
    assert said == {event.__struct_config__.tag for event in get_args(Event)}


def test_a_busy_day_is_believable() -> None:
    friday = date(2026, 11, 20)
    parks = [profile(1, number, heartbeat_s=600) for number in range(1, 60)]
    days = [(who, day(who, 1, friday)) for who in parks]
    payments = [len(of("payment.accepted.v1", happenings)) for _, happenings in days]
    assert 80 < sum(payments) / len(payments) < 300
    methods = [says["method"] for _, happenings in days for says in of("payment.accepted.v1", happenings)]
    assert 0.6 < methods.count("cash") / len(methods) < 0.95
    assert {"card", "qr"} <= set(methods)


def test_most_is_paid_in_the_evening_and_least_at_night() -> None:
    who = next(p for p in (profile(1, number, heartbeat_s=600) for number in range(1, 99)) if p.hours is None)
    zone = ZoneInfo(who.timezone)
    hours = [
        LocalTime(who.timezone)(each.moment).astimezone(zone).hour
        for seed in range(10)
        for each in day(who, seed, date(2026, 11, 20))
        if each.says["type"] == "payment.accepted.v1"
    ]
    assert sum(17 <= hour < 20 for hour in hours) > 4 * sum(2 <= hour < 5 for hour in hours)


def test_the_shapes_of_day_and_week_are_averages() -> None:
    assert abs(sum(HOURS) - 24) < 1e-9
    assert abs(sum(WEEKDAYS) - 7) < 1e-9
