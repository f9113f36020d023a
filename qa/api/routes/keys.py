"""Keys over HTTP, for admins.

In: a name and a role, or the id of a key. Out: keys without their secrets; a new key's secret, in
the answer that makes it and never again. What can fail: 409 for a name that is taken, 404 for an id
that is not there, 422 for a name or role that is none.
"""

from __future__ import annotations

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from base.errors import UsageError
from qa.api.middleware.access import require
from qa.api.problems import ProblemError, document_problems
from qa.api.storage.keys import Access, Key, KeyRole, NameTakenError, NoSuchKeyError


class NewKey(BaseModel):
    """A key to be made."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"name": "anna", "role": "editor"}]}
    )

    name: str = Field(min_length=1, max_length=64, description="Whose it is.")
    role: KeyRole


class KeyInfo(BaseModel):
    """What may be shown of a key. Times are ISO 8601 in UTC, ``last_used`` to the hour."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    name: str
    role: KeyRole
    created: str
    last_used: str | None
    revoked: str | None


class KeyList(BaseModel):
    """All keys, revoked ones too, the oldest first."""

    items: list[KeyInfo]


class MadeKey(KeyInfo):
    """A new key with its secret."""

    key: str = Field(description="Shown this once.")


def router(access: Access) -> APIRouter:
    """The routes over the keys of ``access``."""
    routes = APIRouter(prefix="/v1/keys", tags=["Keys"], dependencies=[Depends(require("admin"))])

    @routes.get("", summary="List the keys")
    def list_keys() -> KeyList:
        return KeyList(items=[_info(key) for key in access.keys.list()])

    @routes.post("", status_code=201, summary="Make a key", responses=document_problems(409))
    def create_key(body: NewKey) -> MadeKey:
        try:
            key, secret = access.keys.create(body.name, body.role)
        except NameTakenError as error:
            raise ProblemError(409, str(error)) from None
        except UsageError as error:
            raise ProblemError(422, str(error), param="name") from None
        return MadeKey(**_info(key).model_dump(), key=secret)

    @routes.delete(
        "/{key_id}", status_code=204, summary="Revoke a key", responses=document_problems(404)
    )
    def revoke_key(key_id: str) -> None:
        try:
            access.keys.revoke(key_id)
        except NoSuchKeyError as error:
            raise ProblemError(404, str(error)) from None

    return routes


def _info(key: Key) -> KeyInfo:
    return KeyInfo.model_validate(key)
