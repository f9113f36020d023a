"""Lines that look like the furniture of a page: navigation, bylines, appeals, page headers.

In: the blocks of a text, and which of them may be furniture at all (no row of a table, no list
item, no line of a form may: :mod:`corpus.regions`). Out: for each a reason why it is furniture, in
a few words, or none. Nothing can fail, and nothing is removed: furniture stays in the text, is
searched and can be cited; it only ranks lower as evidence.

A block is judged by general rules, in this order:

1. A line that says which page this is ("Seite 4 von 9"), alone or again and again at the end of
   the same words, is the header or footer of a page.
2. A real sentence is never furniture: more than ``LONGEST`` characters, or at least
   ``SENTENCE_WORDS`` words with a full stop at the end; unless it is an appeal to the reader that
   names what pages appeal for (share this article, subscribe to the newsletter, accept cookies).
3. A short line is furniture if all of it is known furniture ("menu", "Latest News"), a label
   with nothing or only a name behind it ("Source:", "Quelle: YouTube"), or a byline (parts set
   apart by "·" or "|", among them a date or a reading time).
4. A line without sentence punctuation that stands twice within a few blocks is the caption of an
   image, as is a whole sentence repeated around a line of rule 3. Its first appearance stays
   unless it stands next to an image's source line.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

LONGEST = 200
SENTENCE_WORDS = 4
NEAR = 3  # blocks between a caption and its repetition

_FURNITURE = frozenset(
    """
    menu|menü|close|schließen|schliessen|search|suche|suchen|home|startseite|start|login|log in
    |sign in|sign up|anmelden|einloggen|registrieren|register|logout|abmelden|avatar|share|teilen
    |tweet|tweeten|pin it|print|drucken|email|e-mail|mail|facebook|twitter|x|whatsapp|linkedin|xing
    |instagram|youtube|telegram|reddit|pinterest|rss|copy link|link kopieren|kopieren|merken
    |bookmark|save|speichern|comments|kommentare|comment|kommentieren|reply|antworten
    |leave a comment|kommentar schreiben|kommentar hinterlassen|add a comment|latest news
    |latest posts|latest articles|neueste nachrichten|neueste beiträge|neueste artikel
    |aktuelle nachrichten|aktuelles|related|related articles|related posts|related stories
    |related news|related content|ähnliche artikel|ähnliche beiträge|verwandte artikel
    |verwandte themen|verwandte beiträge|das könnte sie auch interessieren
    |das könnte dich auch interessieren|das könnte ihnen auch gefallen|auch interessant
    |lesen sie auch|lies auch|mehr zum thema|mehr lesen|weiterlesen|read more|read next|see also
    |see more|show more|load more|mehr anzeigen|mehr laden|mehr erfahren|learn more|more|mehr
    |you may also like|you might also like|recommended|recommended for you|more from|trending
    |most read|most popular|meistgelesen|meist gelesen|beliebt|popular|top stories|topthemen
    |empfohlen|empfehlungen|anzeige|anzeigen|werbung|advertisement|advertising|sponsored|gesponsert
    |ad|ads|promoted|advertorial|affiliate|newsletter|subscribe|abonnieren|jetzt abonnieren
    |abo|jetzt anmelden|subscribe now|sign up now|skip to content|skip to main content
    |zum inhalt springen|zum hauptinhalt springen|zum inhalt|navigation|hauptmenü|main menu
    |breadcrumb|back to top|nach oben|zurück|back|weiter|next|previous|vorheriger artikel
    |nächster artikel|previous article|next article|vorheriger beitrag|nächster beitrag
    |impressum|datenschutz|datenschutzerklärung|imprint|privacy policy|privacy|terms of service
    |terms of use|terms|agb|nutzungsbedingungen|kontakt|contact|contact us|about us|über uns
    |cookie-einstellungen|cookie settings|cookies akzeptieren|accept cookies|accept all
    |alle akzeptieren|alle ablehnen|reject all|ablehnen|akzeptieren|accept|zustimmen|agree
    |einverstanden|ok|tags|schlagwörter|schlagworte|kategorien|categories|archive|archiv
    |table of contents|inhaltsverzeichnis|listen to this article|artikel anhören|vorlesen
    |getty images|symbolbild|advertisement - scroll to continue|story continues below|loading
    |wird geladen|play|pause|video|foto|bild|image|photo|toggle navigation|dark mode
    |all rights reserved|alle rechte vorbehalten|follow us|folgen sie uns|folge uns
    """.replace("\n    ", "")
    .strip()
    .split("|")
)

_LABEL = re.compile(
    r"(?:source|sources|quelle|quellen|bildquelle|bildnachweis|image source|image credit|image"
    r"|credit|credits|foto|fotos|photo|photos|bild|titelbild|tags|schlagwörter"
    r"|share|teilen|filed under|photo by|foto von|copyright)"
    r"\s*[:©]\s*(?P<rest>.{0,60})",
    re.IGNORECASE,
)
_APPEAL = re.compile(
    r"(?:(?:bitte )?(?:teilen sie|teile|teilt)|(?:please )?share|abonnieren sie|abonniere|subscribe"
    r"|sign up|melden sie sich|(?:jetzt )?zum newsletter|get (?:our|the)"
    r"|newsletter (?:abonnieren|bestellen|anmelden)"
    r"|folgen sie uns|folge uns|follow us|besuchen sie uns|join us|visit us"
    r"|(?:diese|unsere) (?:web)?seite (?:verwendet|nutzt|benutzt)"
    r"|wir (?:verwenden|nutzen|benutzen)|we (?:use|and our partners use)|this (?:web)?site uses"
    r"|by (?:continuing|using|clicking)|(?:mit der|durch die) (?:weiteren )?nutzung"
    r"|(?:bitte )?aktivieren sie|(?:please )?enable|(?:hat|gefällt) (?:ihnen|dir)"
    r"|(?:did you )?(?:like|enjoy)|click here|klicken sie hier|hier klicken|lesen sie"
    r"|read (?:also|more)|log in|um zu kommentieren|you must be logged in|dieser artikel"
    r"|this (?:article|post))\b",
    re.IGNORECASE,
)
# What pages ask their readers to do something with; without such a word a sentence that begins
# like an appeal ("Folgen Sie uns in den Schulungsraum") is a sentence like any other.
_APPEAL_OBJECT = re.compile(
    r"\b(?:newsletters?|cookies?|javascript|artikels?|beitrags?|article|post|story|webseite|website"
    r"|facebook|twitter|instagram|whatsapp|youtube|telegram|linkedin|tiktok|mastodon|rss|podcast"
    r"|kanal|channel|social media|kommentieren|comment|abo|push-nachrichten|notifications)\b",
    re.IGNORECASE,
)
_COPYRIGHT = re.compile(r"(?:copyright |©|\(c\) ?)\s?(?:copyright )?\d{4}", re.IGNORECASE)
_LONGEST_APPEAL = 120
_DATE = (
    r"(?:\d{1,2}\.\s?\d{1,2}\.\s?(?:\d{4}|\d{2})|\d{4}-\d{2}(?:-\d{2})?|\d{1,2}/\d{1,2}/\d{2,4}"
    r"|(?:\d{1,2}\.?\s)?[^\W\d_]{3,9}\.?\s(?:\d{1,2},?\s)?\d{4})"
)
_READING = r"(?:\d{1,3}\s?(?:min\b\.?|minuten|minutes?)(?:\s(?:read|lesezeit|lesedauer))?)"
_BYLINE_PART = re.compile(rf"(?:{_DATE}|{_READING})", re.IGNORECASE)
_BYLINE = re.compile(
    rf"(?:(?:published|updated|posted|last updated|veröffentlicht|aktualisiert|erschienen"
    rf"|zuletzt aktualisiert)\b[^.!?]{{0,60}}?"
    rf"|(?:date|datum|stand|autor|author|redaktion)(?:\s*:[^.!?]{{0,60}}?|\s)"
    rf"|(?:by|von)\s[^.!?\d]{{2,60}}(?:,|\son|\sam)\s)(?:{_DATE})[^.!?]{{0,30}}"
    rf"|(?:lesezeit|lesedauer|reading time)\s?:?\s?(?:ca\.\s)?{_READING}|{_READING}",
    re.IGNORECASE,
)
_PAGE = r"(?:seite|blatt|page|s\.|p\.)\s?"
# "Seite 4 von 9", "Page 3 of 7", "- 12 -": alone, or at the end of a running header.
_PAGE_ALONE = re.compile(
    rf"[-–—\s]{{0,3}}(?:{_PAGE}\d{{1,4}}(?:\s?(?:von|of|/)\s?\d{{1,4}})?|[-–—]\s?\d{{1,4}}\s?[-–—])[-–—\s]{{0,3}}",
    re.IGNORECASE,
)
_PAGE_OF = re.compile(
    rf"(?:^|[\s|·–—-]){_PAGE}\d{{1,4}}(?:\s?(?:von|of|/)\s?\d{{1,4}})?$"
    rf"|^{_PAGE}\d{{1,4}}\s?(?:von|of|/)\s?\d{{1,4}}\b",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\d+")
_STOPS = re.compile(r"[.!?]\s")
_PARTS = re.compile(r"[|·•/\n]")
_SEPARATORS = re.compile(r"\s*(?:[·•|–—]|\s/\s)\s*")
_TERMINATOR = re.compile(r"[.!?…][\"“”»«')\]]*$")
_ORNAMENTS = " \t\n:.!?…»«›‹→←▼▲►◄×✕+*#>|-–—()[]0123456789"
_WORDS = re.compile(r"\w+")


def furniture_reasons(pieces: Sequence[str], may_be: Sequence[bool]) -> list[str]:
    """Why each of ``pieces``, the blocks of a text, is furniture; "" where it is none.

    Only those of which ``may_be`` says so are judged. The vocabulary of both languages is always
    used, since German pages have English buttons.
    """
    reasons = _page_lines(pieces)
    for at, piece in enumerate(pieces):
        reasons[at] = reasons[at] or _reason(piece)
        if not may_be[at]:
            reasons[at] = ""
    captions = _captions(pieces, [bool(reason) for reason in reasons])
    return [
        reason or ("repeated caption" if is_caption and allowed else "")
        for reason, is_caption, allowed in zip(reasons, captions, may_be, strict=True)
    ]


def is_page_line(line: str) -> bool:
    """Whether a line says which page this is and nothing that a sentence says."""
    return len(line) <= _LONGEST_APPEAL and (
        _PAGE_ALONE.fullmatch(line) is not None or _PAGE_OF.search(line) is not None
    )


def _page_lines(pieces: Sequence[str]) -> list[str]:
    """Reasons of rule 1."""
    alike = Counter(_without_numbers(piece) for piece in pieces if is_page_line(piece))
    reasons = []
    for piece in pieces:
        reason = ""
        if is_page_line(piece):
            times = alike[_without_numbers(piece)]
            if times > 1:
                reason = f"page header or footer, here {times} times"
            elif _PAGE_ALONE.fullmatch(piece):
                reason = "number of a page"
        reasons.append(reason)
    return reasons


def _without_numbers(line: str) -> str:
    return _DIGITS.sub("#", " ".join(line.split()))


def _reason(piece: str) -> str:
    """Reasons of rules 2 and 3."""
    if len(piece) > LONGEST:
        return ""
    if _is_appeal(piece):
        return "appeal to the reader"
    if _COPYRIGHT.match(piece):
        return "copyright line"
    return "" if _is_sentence(piece) else _reason_of_line(piece)


def _reason_of_line(piece: str) -> str:
    plain = " ".join(piece.split()).strip(_ORNAMENTS).lower()
    if not plain:
        return "" if _WORDS.search(piece) else "ornament"
    if plain in _FURNITURE or all(
        part.strip(" :.!?…»›→×").lower() in _FURNITURE for part in _PARTS.split(piece)
    ):
        return "navigation"
    label = _LABEL.fullmatch(piece)
    if label and len(_WORDS.findall(label["rest"])) <= 6:
        return "label of a source or picture"
    return "byline" if _is_byline(piece) else ""


def _is_appeal(piece: str) -> bool:
    return (
        len(piece) <= _LONGEST_APPEAL
        and _APPEAL.match(piece) is not None
        and _APPEAL_OBJECT.search(piece) is not None
        and not _DIGITS.search(piece)
        and _STOPS.search(piece[:-1]) is None
    )


def _is_sentence(piece: str) -> bool:
    return _TERMINATOR.search(piece) is not None and len(_WORDS.findall(piece)) >= SENTENCE_WORDS


def _is_byline(piece: str) -> bool:
    if _BYLINE.fullmatch(piece):
        return True
    parts = [part for part in _SEPARATORS.split(piece) if part]
    return len(parts) > 1 and any(_BYLINE_PART.fullmatch(part) for part in parts)


def _captions(pieces: Sequence[str], furniture: list[bool]) -> list[bool]:
    """Mark repeated captions; see rule 4 of the module."""
    marked = [False] * len(pieces)
    last: dict[str, int] = {}
    for here, piece in enumerate(pieces):
        before = last.get(piece)
        if not furniture[here] and len(piece) <= LONGEST:
            last[piece] = here
            if before is not None and here - before <= NEAR:
                around_source = any(furniture[before + 1 : here])
                if around_source or not _is_sentence(piece):
                    marked[here] = True
                    marked[before] = marked[before] or around_source
    return marked
