"""What one reader may see: of which subjects, and whose terminals alone. Every call under /v1 asks for it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.routing import APIRoute
from msgspec import Struct

from kmonitor.domain.office.roles import EVERY_SCOPE, Scope, scopes
from kmonitor.domain.office.signers import Signer
from kmonitor.query_api.problems import Problem


class Sight(Struct, frozen=True):
    """`dealer`: whose terminals alone are seen; None where everybody's are."""

    scopes: frozenset[Scope] = EVERY_SCOPE
    dealer: str | None = None

    @property
    def shows_payments(self) -> bool:
        return "payments" in self.scopes

    def shows(self, dealer: str | None) -> bool:
        """Whether what belongs to this dealer may be seen."""
        return self.dealer in (None, dealer)


EVERYTHING = Sight()


class ToRead(Struct, frozen=True):
    """A dependency of a call: the reader's sight, or 403 when the role may not read this."""

    scope: Scope

    async def __call__(self, request: Request) -> Sight:
        signer: Signer = request.state.signer
        seen = scopes(signer.role)
        if self.scope not in seen:
            raise Problem(403, f"the role {signer.role} may not read this: ask an administrator for another")
        if signer.role != "dealer":
            return Sight(seen)
        if signer.dealer is None:
            raise Problem(403, "it is not known whose terminals you may see: ask an administrator")
        return Sight(seen, signer.dealer)


Network = Annotated[Sight, Depends(ToRead("network"))]
Payments = Annotated[Sight, Depends(ToRead("payments"))]
Money = Annotated[Sight, Depends(ToRead("money"))]
Quarantine = Annotated[Sight, Depends(ToRead("quarantine"))]
History = Annotated[Sight, Depends(ToRead("history"))]
People = Annotated[Sight, Depends(ToRead("people"))]
Audit = Annotated[Sight, Depends(ToRead("audit"))]


def refuse_blind_calls(router: APIRouter) -> None:
    """A call that asks for no sight would show everything to everybody: it is never served."""
    for route in router.routes:
        if isinstance(route, APIRoute) and not any(
            isinstance(each.call, ToRead) for each in route.dependant.dependencies
        ):
            raise TypeError(f"{route.path} asks for no sight: give it one of kmonitor.query_api.sight")
