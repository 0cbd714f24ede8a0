"""Who a terminal is: its place, its owner, its equipment and its habits, all from a seed and a number."""

from random import Random
from typing import Any

from msgspec import Struct

from kmonitor.fleet_simulator.geography import CITIES, DEALERS, SITES

MODELS = ("Pay-point L17", "Омега-22", "Штрих-Pay 3", "КС-Терминал М")
SOFTWARE = ("4.18.2", "4.18.2", "4.18.2", "4.17.9", "4.19.0-rc1")
NEWEST_SOFTWARE = "4.19.0"
OPERATORS = ("МТС", "Билайн", "МегаФон", "T2")
STACKERS = (1000, 1500, 2500)
ACCEPTORS = (
    ("CashCode SM", "SM-RU1352"),
    ("CashCode SM", "SM-RU1352"),
    ("CashCode SM", "SM-RU1361"),
    ("CashCode MSM", "MSM-RU1420"),
    ("CashCode MSM", "MSM-RU1431"),
    ("ICT V7", "V7-RU08"),
)
"""Model and firmware of the bill acceptor."""


class Link(Struct, frozen=True):
    kind: str
    operator: str | None


class Acceptor(Struct, frozen=True):
    """`reject_share` of the notes put in are given back. It `recycles`: gives change out of its own notes."""

    model: str
    firmware: str
    serial: str
    reject_share: float
    recycles: bool


class Profile(Struct, frozen=True, kw_only=True):
    """A terminal's constant traits.

    `hours` are local, None is around the clock. `skew_s` is how far its clock runs ahead of the truth.
    `heartbeat_s` is the pause between its heartbeats in its own, perhaps compressed, time.
    """

    terminal: str
    name: str
    address: str
    latitude: float
    longitude: float
    region: str
    dealer: str
    timezone: str
    currency: str
    site: str
    model: str
    software: str
    hours: tuple[int, int] | None
    payments_a_day: int
    cash_share: float
    has_card_reader: bool
    link: Link
    stacker_notes: int
    skew_s: float
    heartbeat_s: float
    acceptor: Acceptor
    has_coins: bool
    has_ups: bool


def profile(seed: int, number: int, *, heartbeat_s: float = 60.0, true_clock: bool = False) -> Profile:
    """The terminal with this number in the park of this seed."""
    rng = Random(f"{seed}/profile/{number}")
    city = rng.choices(CITIES, [each.share for each in CITIES])[0]
    site = rng.choices(SITES, [each.share for each in SITES])[0]
    has_card_reader = rng.random() < 0.7
    link = rng.choices(("gsm", "ethernet", "wifi"), (60, 30, 10))[0]
    skew_s = _skew(rng)
    street = rng.choice(city.streets)
    return Profile(
        terminal=f"{city.code}-{number:06d}",
        name=f"{rng.choice(site.names)}, {street}",
        address=f"{city.name}, {street}, {rng.randint(1, 180)}",
        latitude=round(rng.gauss(city.latitude, 0.05), 5),
        longitude=round(rng.gauss(city.longitude, 0.08), 5),
        region=city.region,
        dealer=rng.choices(DEALERS, (40, 25, 15, 12, 8))[0],
        timezone=city.timezone,
        currency="RUB",
        site=site.kind,
        model=rng.choice(MODELS),
        software=rng.choice(SOFTWARE),
        hours=site.hours if rng.random() < 0.5 else None,
        payments_a_day=rng.randint(*site.payments),
        cash_share=rng.uniform(0.72, 0.9) if has_card_reader else rng.uniform(0.85, 0.97),
        has_card_reader=has_card_reader,
        link=Link(link, rng.choice(OPERATORS) if link == "gsm" else None),
        stacker_notes=rng.choice(STACKERS),
        skew_s=0.0 if true_clock else skew_s,
        heartbeat_s=heartbeat_s,
        acceptor=_acceptor(rng),
        has_coins=rng.random() < 0.3,
        has_ups=rng.random() < 0.6,
    )


def registration(who: Profile, report_interval_s: int) -> dict[str, Any]:
    """The operation that registers it (protocol, section 2)."""
    hours = who.hours or (0, 24)
    return {
        "type": "terminal.registered.v1",
        "terminal": who.terminal,
        "name": who.name,
        "address": who.address,
        "latitude": who.latitude,
        "longitude": who.longitude,
        "region": who.region,
        "dealer": who.dealer,
        "timezone": who.timezone,
        "currency": who.currency,
        "report_interval_s": report_interval_s,
        "working_hours": f"{hours[0]:02d}:00-{hours[1]:02d}:00",
        "model": who.model,
        "tags": [who.site, who.link.kind],
    }


def _acceptor(rng: Random) -> Acceptor:
    model, firmware = rng.choice(ACCEPTORS)
    serial = f"{rng.randrange(10**8):08d}"
    return Acceptor(model, firmware, serial, round(rng.uniform(0.02, 0.06), 3), rng.random() < 0.35)


def _skew(rng: Random) -> float:
    """Most clocks are nearly right, some are minutes off, a few are wrong beyond belief (over 5 minutes)."""
    kind = rng.random()
    if kind < 0.95:
        return round(rng.gauss(0, 0.8), 3)
    if kind < 0.99:
        return round(rng.uniform(-240, 240), 3)
    return round(rng.choice((-1, 1)) * rng.uniform(400, 900), 3)
