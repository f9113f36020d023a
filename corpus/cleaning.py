"""Lines of saved web pages that must not become evidence.

In: a text and its language. Out: the spans of its boilerplate, each a whole block
(:mod:`corpus.blocks`), in order. Nothing can fail, and nothing is removed: the text of a
document stays as it is, the spans are only left out of the passages.

A block is judged by general rules, in this order:

1. A real sentence is never boilerplate, whatever words it has: more than ``LONGEST`` characters,
   or at least ``SENTENCE_WORDS`` words with a full stop at the end, unless it begins like one of
   the appeals to the reader (share, subscribe, cookies) that pages repeat word for word.
2. A short line is boilerplate if all of it is known page furniture ("menu", "Latest News"), a
   label with nothing or only a name behind it ("Source:", "Quelle: YouTube"), or a byline
   (parts set apart by "·" or "|", among them a date or a reading time).
3. A line without sentence punctuation that stands twice within a few blocks is the caption of
   an image, as is a whole sentence repeated around a line of rule 2; the repetition is left
   out. Its first appearance stays unless it stands next to an image's source line.
"""

from __future__ import annotations

import re

from corpus.blocks import blocks
from corpus.document import Language, Span

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
    r"|credit|credits|foto|fotos|photo|photos|bild|titelbild|tags|schlagwörter|kategorie"
    r"|kategorien|category|categories|share|teilen|filed under|photo by|foto von|copyright)"
    r"\s*[:©]\s*(?P<rest>.{0,60})",
    re.IGNORECASE,
)
_APPEAL = re.compile(
    r"(?:(?:bitte )?teilen sie|teile (?:diesen|den|unseren)|teilt (?:diesen|den|unseren)"
    r"|(?:please )?share (?:this|our|the) (?:article|post|story|page)"
    r"|abonnieren sie|abonniere (?:unseren|jetzt)|subscribe to (?:our|the)|sign up (?:for|to) our"
    r"|melden sie sich (?:jetzt |hier )?(?:an|für|zu)|(?:jetzt )?zum newsletter"
    r"|get (?:our|the) (?:\w+ ){0,3}newsletter|newsletter (?:abonnieren|sign)"
    r"|folgen sie uns|folge uns|follow us|besuchen sie uns auf|(?:join|visit) us on"
    r"|(?:diese|unsere) (?:web)?seite (?:verwendet|nutzt|benutzt) cookies"
    r"|wir (?:verwenden|nutzen|benutzen) cookies|we (?:use|and our partners use) cookies"
    r"|this (?:web)?site uses cookies|by (?:continuing|using this site|clicking)\b.*\bcookies"
    r"|(?:mit der|durch die) (?:weiteren )?nutzung (?:dieser|unserer) (?:web)?seite"
    r"|(?:bitte )?(?:aktivieren sie|enable) javascript|please enable javascript"
    r"|(?:hat|gefällt) (?:ihnen|dir) (?:der|dieser|unser) (?:artikel|beitrag)"
    r"|(?:did you )?(?:like|enjoy) this (?:article|post|story)\?"
    r"|click here to|klicken sie hier|hier klicken|lesen sie (?:auch|mehr|hier)\b"
    r"|read (?:also|more):"
    r"|(?:copyright |©|\(c\) ?)\s?(?:copyright )?\d{4}"
    r"|log in to (?:comment|continue|read)|um zu kommentieren|you must be logged in"
    r"|dieser artikel (?:enthält|erschien zuerst)|this (?:article|post) (?:contains affiliate))",
    re.IGNORECASE,
)
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
_SEPARATORS = re.compile(r"\s*(?:[·•|–—]|\s/\s)\s*")
_TERMINATOR = re.compile(r"[.!?…][\"“”»«')\]]*$")
_ORNAMENTS = " \t\n:.!?…»«›‹→←▼▲►◄×✕+*#>|-–—()[]0123456789"
_WORDS = re.compile(r"\w+")


def boilerplate_spans(text: str, language: Language) -> list[Span]:
    """Return the blocks of ``text`` that must not become evidence.

    The vocabulary of both languages is always used (German pages have English buttons);
    ``language`` is part of the interface for languages whose furniture would collide.
    """
    del language
    found = blocks(text)
    pieces = [text[block.start : block.end] for block in found]
    marked = [_is_furniture(piece) for piece in pieces]
    captions = _captions(pieces, marked)
    return [
        block
        for block, furniture, caption in zip(found, marked, captions, strict=True)
        if furniture or caption
    ]


def _is_furniture(piece: str) -> bool:
    if _APPEAL.match(piece):
        return len(piece) <= LONGEST
    if len(piece) > LONGEST or _is_sentence(piece):
        return False
    plain = re.sub(r"\s+", " ", piece).strip(_ORNAMENTS).lower()
    if not plain:
        return _WORDS.search(piece) is None
    if plain in _FURNITURE or all(
        part.strip(" :.!?…»›→×").lower() in _FURNITURE for part in re.split(r"[|·•/\n]", piece)
    ):
        return True
    label = _LABEL.fullmatch(piece)
    if label and len(_WORDS.findall(label["rest"])) <= 6:
        return True
    return _is_byline(piece)


def _is_sentence(piece: str) -> bool:
    return _TERMINATOR.search(piece) is not None and len(_WORDS.findall(piece)) >= SENTENCE_WORDS


def _is_byline(piece: str) -> bool:
    if _BYLINE.fullmatch(piece):
        return True
    parts = [part for part in _SEPARATORS.split(piece) if part]
    return len(parts) > 1 and any(_BYLINE_PART.fullmatch(part) for part in parts)


def _captions(pieces: list[str], furniture: list[bool]) -> list[bool]:
    """Mark repeated captions; see rule 3 of the module."""
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
