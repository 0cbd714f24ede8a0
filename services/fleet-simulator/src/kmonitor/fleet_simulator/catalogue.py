"""What people pay for: services, their recipients, usual amounts and the fee."""

from msgspec import Struct


class Service(Struct, frozen=True):
    """`is_bill`: an exact sum is owed, so what is inserted above it is change; else everything is credited.

    `amounts_minor` is the range of a bill, or of what a payer means to top up. The fee is a rate in
    hundredths of a percent of what is paid, at least `least_fee_minor`.
    """

    service: str
    recipient: str
    share: int
    amounts_minor: tuple[int, int]
    fee_rate: int
    least_fee_minor: int = 0
    is_bill: bool = False


SERVICES = (
    Service("mobile.beeline", "beeline", 17, (5_000, 150_000), 300),
    Service("mobile.mts", "mts", 20, (5_000, 150_000), 300),
    Service("mobile.megafon", "megafon", 16, (5_000, 120_000), 350),
    Service("mobile.tele2", "t2", 14, (5_000, 100_000), 250),
    Service("internet.rostelecom", "rostelecom", 6, (40_000, 120_000), 150, 1_000),
    Service("utilities.electricity", "energosbyt", 5, (35_000, 420_000), 100, 2_000, is_bill=True),
    Service("utilities.gas", "mezhregiongaz", 3, (20_000, 260_000), 100, 2_000, is_bill=True),
    Service("utilities.housing", "uk-komfort", 4, (180_000, 790_000), 120, 3_000, is_bill=True),
    Service("transport.card", "transport-card", 8, (10_000, 300_000), 0),
    Service("games.steam", "steam", 4, (10_000, 250_000), 700),
    Service("games.lesta", "lesta", 2, (10_000, 150_000), 500),
    Service("loans.repayment", "home-bank", 2, (150_000, 1_500_000), 180, 5_000, is_bill=True),
    Service("state.fines", "gibdd", 2, (25_000, 250_000), 150, 3_000, is_bill=True),
)
SHARES = tuple(each.share for each in SERVICES)


def fee_of(service: Service, paid_minor: int) -> int:
    """The fee on a sum, rounded down to the kopeck; at least the least fee, never more than the sum."""
    return min(paid_minor, max(service.least_fee_minor, paid_minor * service.fee_rate // 10_000))
