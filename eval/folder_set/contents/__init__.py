"""What the made files say, by part of the folder.

In: nothing. Out: ``FILES``, all files in the order of their paths. Nothing can fail.
"""

from __future__ import annotations

from eval.folder_set.contents import (
    board,
    exchange,
    exchange_papers,
    family,
    finances,
    flat,
    mailboxes,
    mails,
    partners,
    website,
    work,
    workshop,
)
from eval.folder_set.parts import FolderFile

_ALL: tuple[FolderFile, ...] = (
    *board.FILES,
    *finances.FILES,
    *workshop.FILES,
    *website.FILES,
    *partners.FILES,
    *exchange.FILES,
    *exchange_papers.FILES,
    *mailboxes.FILES,
    *mails.FILES,
    *flat.FILES,
    *family.FILES,
    *work.FILES,
)
FILES = tuple(sorted(_ALL, key=lambda file: file.path))
