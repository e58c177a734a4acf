"""Notes: everybody reads them, holders of the API key write them."""

import secrets
import sqlite3
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Response, Security, status
from fastapi.security import APIKeyHeader
from pydantic import BaseModel, Field, StringConstraints

from config import Settings, get_settings
from database import Connection

router = APIRouter(prefix="/notes", tags=["notes"])

NoteId = Annotated[int, Path(ge=1, le=2**63 - 1)]  # what SQLite can hold


class NoteIn(BaseModel):
    """A note as clients send it."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class NoteOut(NoteIn):
    """A note as it is stored."""

    id: int
    created_at: datetime = Field(description="In UTC.")


def require_key(
    given: Annotated[str | None, Security(APIKeyHeader(name="X-API-Key", auto_error=False))],
    settings: Annotated[Settings, Depends(get_settings)],
) -> None:
    """Refuses requests without the API key, in a time that does not depend on the key."""
    wanted = settings.api_key.get_secret_value()
    if given is None or not secrets.compare_digest(given.encode(), wanted.encode()):
        raise HTTPException(
            status.HTTP_401_UNAUTHORIZED, "A valid X-API-Key is required", {"WWW-Authenticate": "APIKey"}
        )


@router.get("")
def list_notes(
    connection: Connection,
    after: Annotated[int, Query(ge=0, le=2**63 - 1, description="The id of the last note already seen.")] = 0,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> list[NoteOut]:
    """Lists notes in the order in which they were written."""
    rows = connection.execute("SELECT * FROM notes WHERE id > ? ORDER BY id LIMIT ?", (after, limit))
    return [NoteOut.model_validate(dict(row)) for row in rows]


@router.get("/{note_id}")
def read_note(note_id: NoteId, connection: Connection) -> NoteOut:
    """Reads a note."""
    return _find(connection, note_id)


@router.post("", status_code=status.HTTP_201_CREATED, dependencies=[Depends(require_key)])
def create_note(note: NoteIn, connection: Connection, response: Response) -> NoteOut:
    """Writes a note."""
    note_id = connection.execute("INSERT INTO notes (text) VALUES (?)", (note.text,)).lastrowid
    response.headers["Location"] = router.url_path_for("read_note", note_id=note_id)
    return _find(connection, note_id)


@router.delete("/{note_id}", status_code=status.HTTP_204_NO_CONTENT, dependencies=[Depends(require_key)])
def delete_note(note_id: NoteId, connection: Connection) -> None:
    """Deletes a note."""
    if connection.execute("DELETE FROM notes WHERE id = ?", (note_id,)).rowcount == 0:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "There is no such note")


def _find(connection: sqlite3.Connection, note_id: int | None) -> NoteOut:
    row = connection.execute("SELECT * FROM notes WHERE id = ?", (note_id,)).fetchone()
    if row is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "There is no such note")
    return NoteOut.model_validate(dict(row))
