"""The web page: a few static files, read once, with a policy that lets the browser run nothing else."""

import hashlib
import mimetypes
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable

from fastapi import APIRouter, Request, Response

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    # Asked for again each time, and answered «unchanged» when it is: a new version shows at once.
    "Cache-Control": "no-cache",
}


@dataclass(frozen=True)
class File:
    body: bytes
    media_type: str
    etag: str


def page() -> APIRouter:
    """`/` and `/page/…`; nothing else, and nothing under /v1."""
    router = APIRouter(include_in_schema=False)
    files = _files(resources.files("kmonitor.query_api") / "page")

    @router.get("/")
    async def index(request: Request) -> Response:
        return _answer(request, files["index.html"])

    @router.get("/page/{name:path}")
    async def asset(request: Request, name: str) -> Response:
        file = files.get(name)
        return Response(status_code=404, headers=HEADERS) if file is None else _answer(request, file)

    return router


def _answer(request: Request, file: File) -> Response:
    headers = HEADERS | {"ETag": file.etag}
    if request.headers.get("if-none-match") == file.etag:
        return Response(status_code=304, headers=headers)
    return Response(file.body, media_type=file.media_type, headers=headers)


def _files(folder: Traversable, prefix: str = "") -> dict[str, File]:
    found: dict[str, File] = {}
    for each in folder.iterdir():
        if each.is_dir():
            found |= _files(each, f"{prefix}{each.name}/")
        else:
            body = each.read_bytes()
            kind = mimetypes.guess_type(each.name)[0] or "application/octet-stream"
            etag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
            found[prefix + each.name] = File(body, kind, etag)
    return found
