"""What the environment says to the gateway."""

from kmonitor.runtime.settings import Secret, ServiceSettings, TokenHash


class Settings(ServiceSettings):
    """`secret` keys the HMACs (issued terminal keys, card tokens): never change it while both are in use."""

    admin_token_sha256: TokenHash
    secret: Secret
