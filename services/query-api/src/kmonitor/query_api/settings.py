"""What the environment says to the query API."""

from kmonitor.runtime.settings import ClickHouseUrl, Secret, ServiceSettings, TokenHash


class Settings(ServiceSettings):
    clickhouse: ClickHouseUrl
    secret: Secret
    admin_token_sha256: TokenHash
