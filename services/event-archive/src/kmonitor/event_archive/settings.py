"""What the environment says to event-archive."""

from pydantic import Field

from kmonitor.runtime.settings import ClickHouseUrl, ServiceSettings


class Settings(ServiceSettings):
    """`batch_records` and `batch_s` bound a batch: under load it is full at once, idle it waits no longer."""

    clickhouse: ClickHouseUrl
    batch_records: int = Field(default=5_000, ge=1, le=100_000)
    batch_s: float = Field(default=0.25, gt=0, le=10)
