"""Why a request was not taken, as application/problem+json (RFC 9457)."""

from http import HTTPStatus

import msgspec

from kmonitor.events import codec

MEDIA_TYPE = b"application/problem+json"


class Problem(Exception):
    """An answer that is no success; `field` is where in the request it stands."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        field: str | None = None,
        retry_after_s: int | None = None,
        close: bool = False,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.field = field
        self.retry_after_s = retry_after_s
        self.close = close

    @property
    def body(self) -> bytes:
        return codec.encode(
            ProblemBody(
                type=f"urn:kmonitor:problem:{_slug(self.status)}",
                title=HTTPStatus(self.status).phrase,
                status=self.status,
                detail=self.detail,
                field=msgspec.UNSET if self.field is None else self.field,
            )
        )

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        headers: list[tuple[bytes, bytes]] = []
        if self.retry_after_s is not None:
            headers.append((b"retry-after", str(self.retry_after_s).encode()))
        if self.status == 401:
            headers.append((b"www-authenticate", b"Bearer"))
        if self.close:
            headers.append((b"connection", b"close"))
        return headers


class ProblemBody(msgspec.Struct, kw_only=True):
    """What stands in the body of every refusal."""

    type: str
    title: str
    status: int
    detail: str
    field: str | msgspec.UnsetType = msgspec.UNSET


def not_now(detail: str, retry_after_s: int = 1) -> Problem:
    """503: it may be sent again, and counts once however often it comes."""
    return Problem(503, detail, retry_after_s=retry_after_s)


def _slug(status: int) -> str:
    return HTTPStatus(status).phrase.lower().replace(" ", "-")
