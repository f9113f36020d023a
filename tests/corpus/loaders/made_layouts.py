"""Pages of known lines: which of them run on, and which stand by themselves.

In: a seed. Out: the bytes of a PDF file, and its lines in order, each with whether the next goes
on in it. The lines are broken here, word by word as any program breaks them, so that what is known
owes nothing to any reader of PDF files.
"""

from __future__ import annotations

import io
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

WIDTH, HEIGHT = A4
SENTENCES = {
    "de": [
        "Die Mitgliederversammlung hat am 3. März 2025 den Haushalt der Genossenschaft "
        "beschlossen.",
        "Für die Sanierung der Turnhalle sind im laufenden Jahr 240.000 Euro vorgesehen, davon "
        "trägt die Stadt die Hälfte.",
        "Wer das Lastenrad ausleihen möchte, trägt sich in den Kalender ein und holt den Schlüssel "
        "im Büro ab.",
        "Der Vorstand prüft bis zum Herbst, ob sich eine Photovoltaikanlage auf dem Dach der "
        "Werkstatt lohnt.",
        "Nach Auskunft von Frau Dr. Lindner bleibt die Zufahrt über die Gartenstraße bis Ende Mai "
        "gesperrt.",
        "Die Kündigungsfrist beträgt drei Monate zum Quartalsende; sie gilt für beide Seiten.",
        "Im Keller steht Wasser, sobald es länger als einen Tag regnet, weil die Pumpe zu schwach "
        "ist.",
        "Bitte bringen Sie zum Termin den Personalausweis und die letzten drei Abrechnungen mit.",
        "Anders als im Vorjahr wurden die Beiträge nicht erhöht, obwohl Strom und Gas teurer "
        "geworden sind.",
        "Das Protokoll führt Herr Yilmaz, die Moderation übernimmt wie immer Frau Petersen.",
    ],
    "en": [
        "The members approved the budget of the cooperative at their meeting on 3 March 2025.",
        "Repairs to the sports hall will cost 240,000 euros this year, and the city pays half of "
        "it.",
        "Anyone who wants to borrow the cargo bike signs the calendar and fetches the key from the "
        "office.",
        "By autumn the board will find out whether solar panels on the roof of the workshop pay "
        "off.",
        "According to Dr Lindner the access road stays closed until the end of May.",
        "The notice period is three months to the end of a quarter and holds for both sides.",
        "The cellar floods whenever it rains for more than a day because the pump is too weak.",
        "Please bring your identity card and the last three statements of account with you.",
        "Unlike last year the fees were not raised, although electricity and gas have become "
        "dearer.",
        "Mr Yilmaz keeps the minutes, and Mrs Petersen chairs the meeting as always.",
    ],
}
FORMS = {
    "de": [
        "Rechnungsnummer: 2025-117", "Datum: 3. März 2025", "Kunde: Stadtwerke Musterfeld GmbH",
        "Kundennummer: 40112", "Leistung: Wartung der Heizungsanlage", "Zeitraum: Januar bis März",
        "Betrag: 1.284,50 Euro", "Zahlbar bis: 31. März 2025", "Ansprechpartner: Herr Yilmaz",
        "Telefon: 0421 556 70", "Zimmer: 2.14", "Aktenzeichen: 7 K 311/24",
    ],
    "en": [
        "Invoice number: 2025-117", "Date: 3 March 2025", "Customer: Muster Field Water Works Ltd",
        "Customer number: 40112", "Service: maintenance of the boiler", "Period: January to March",
        "Amount: 1,284.50 euros", "Payable by: 31 March 2025", "Contact: Mr Yilmaz",
        "Telephone: 0421 556 70", "Room: 2.14", "File: 7 K 311/24",
    ],
}  # fmt: skip
ADDRESSES = {
    "de": [
        ["Gemeinnützige Wohnungsgenossenschaft Musterfeld eG", "Frau Dr. Anna Lindner",
         "Gartenstraße 12", "28195 Bremen"],
        ["Jonas Petersen", "Am Deich 4a", "26721 Emden"],
        ["Stadt Musterfeld", "Der Oberbürgermeister", "Amt für Bauordnung", "Postfach 10 20 30",
         "50667 Köln", "Deutschland"],
    ],
    "en": [
        ["The Muster Field Housing Cooperative Ltd", "Dr Anna Lindner", "12 Garden Street",
         "Bristol BS1 4ND"],
        ["Jonas Petersen", "4a Dyke Lane", "Leeds LS2 9JT"],
        ["City of Musterfield", "Planning Department", "P.O. Box 102030", "London SE1 7PB",
         "United Kingdom"],
    ],
}  # fmt: skip
LISTS = {
    "de": ["Mehl, Type 550", "Zwei Eier", "Milch", "Salz und Pfeffer", "Öl zum Braten",
           "Ein Bund Schnittlauch", "Butter", "Zucker", "Gemahlene Mandeln", "Hefe"],
    "en": ["Flour, plain", "Two eggs", "Milk", "Salt and pepper", "Oil for frying",
           "A bunch of chives", "Butter", "Sugar", "Ground almonds", "Yeast"],
}  # fmt: skip
POEMS = {
    "de": ["Am Fenster steht der alte Krug,", "Der Regen malt auf Glas und Stein,",
           "Die Uhr schlägt sieben, das ist genug,", "Und keiner will im Dunkeln sein.",
           "Ein Hund geht durch das nasse Gras,", "Er kennt den Weg und kennt die Zeit,",
           "Wir heben noch einmal das Glas,", "Und draußen wird die Nacht so weit."],
    "en": ["The kettle sings upon the stove,", "The rain is writing on the pane,",
           "Old letters tell us whom we love,", "And none of them will come again.",
           "A dog walks through the garden grass,", "He knows the gate, he knows the hour,",
           "We lift once more the evening glass,", "While night grows round us like a flower."],
}  # fmt: skip
TITLES = {
    "de": ["Bericht des Vorstands", "Aus der Werkstatt", "Hinweise zur Ausleihe", "Haushalt 2025"],
    "en": ["Report of the board", "From the workshop", "How to borrow", "Budget for 2025"],
}
GREETINGS = {
    "de": ("Sehr geehrte Frau Dr. Lindner,", "Mit freundlichen Grüßen", "Jonas Petersen"),
    "en": ("Dear Dr Lindner,", "Yours sincerely", "Jonas Petersen"),
}
FONTS = ("Helvetica", "Times-Roman", "Courier")
_SHARE_BEFORE = {"left": 0.0, "centre": 0.5, "right": 1.0}


@dataclass
class MadeLayout:
    """A file, and how its lines belong together."""

    content: bytes
    lines: list[tuple[str, bool]]
    """Each line of the page, and whether the next one goes on in it."""
    about: str
    """What was drawn, for messages."""


@dataclass
class Setting:
    """How a page is set."""

    language: str
    font: str
    size: float
    leading: float
    justified: bool
    hyphenated: bool
    left: float = 70.0
    width: float = 440.0


@dataclass
class Page:
    """A page being drawn, from the top."""

    setting: Setting
    buffer: io.BytesIO = field(default_factory=io.BytesIO)
    lines: list[tuple[str, bool]] = field(default_factory=list)
    y: float = HEIGHT - 90

    def __post_init__(self) -> None:
        self.canvas = Canvas(self.buffer, pagesize=A4)

    def skip(self, points: float) -> None:
        """Leave white space."""
        self.y -= points

    def alone(self, texts: Sequence[str], align: str = "left") -> None:
        """Lines that stand by themselves."""
        for text in texts:
            room = self.setting.width - stringWidth(text, self.setting.font, self.setting.size)
            self._draw(text, self.setting.left + room * _SHARE_BEFORE[align])
            self.lines.append((text, False))

    def running(
        self, words: Sequence[str], left: float = 0.0, right: float = 0.0, first: float = 0.0
    ) -> None:
        """A paragraph, ``left`` and ``right`` within the column, its first line ``first`` more."""
        setting = self.setting
        width = setting.width - left - right
        broken = broken_lines(words, setting, width, first)
        for number, text in enumerate(broken):
            is_last = number == len(broken) - 1
            indent = left + (first if number == 0 else 0.0)
            room = width - (first if number == 0 else 0.0)
            self._draw(
                text, setting.left + indent, room if setting.justified and not is_last else None
            )
            self.lines.append((text, not is_last))

    def _draw(self, text: str, x: float, room: float | None = None) -> None:
        setting, at = self.setting, x
        self.canvas.setFont(setting.font, setting.size)
        if room is None or " " not in text:
            self.canvas.drawString(x, self.y, text)
        else:
            line = self.canvas.beginText(at, self.y)
            free = room - stringWidth(text, setting.font, setting.size)
            line.setWordSpace(free / text.count(" "))
            line.textOut(text)
            self.canvas.drawText(line)
        self.y -= setting.size * setting.leading

    def made(self, about: str) -> MadeLayout:
        """The file."""
        self.canvas.save()
        return MadeLayout(self.buffer.getvalue(), self.lines, f"{about} {self.setting}")


def broken_lines(
    words: Sequence[str], setting: Setting, width: float, first: float = 0.0
) -> list[str]:
    """``words`` in lines no wider than ``width``, each as full as it can be."""
    lines: list[str] = []
    line = ""
    for word in words:
        longer = f"{line} {word}".strip()
        room = width - (first if not lines else 0.0)
        if stringWidth(longer, setting.font, setting.size) <= room or not line:
            line = longer
            continue
        cut = len(word) // 2
        part = f"{line} {word[:cut]}-"
        if (
            setting.hyphenated
            and len(word) > 9
            and word.isalpha()
            and stringWidth(part, setting.font, setting.size) <= room
        ):
            lines.append(part)
            line = word[cut:]
        else:
            lines.append(line)
            line = word
    return [*lines, line]


def setting_of(dice: random.Random) -> Setting:
    """How the page of a seed is set; letters of one width are never justified."""
    size = dice.choice([8.0, 9.5, 10.0, 11.0, 12.0])
    language, font = dice.choice(["de", "en"]), dice.choice(FONTS)
    return Setting(
        language,
        font,
        size,
        dice.choice([1.15, 1.2, 1.27, 1.4]),
        justified=dice.random() < 0.5 and font != "Courier",
        hyphenated=dice.random() < 0.5,
        left=dice.choice([57.0, 70.0, 85.0]),
        width=dice.choice([440.0, 440.0, 400.0, 350.0]),
    )


def some_words(dice: random.Random, language: str, most: int = 4) -> list[str]:
    """The words of a few sentences."""
    chosen = dice.sample(SENTENCES[language], dice.randint(1, most))
    return " ".join(chosen).split()


KINDS = ("form", "address", "list", "poem", "titled", "letter", "lines and text")


def made_lines(seed: int, kind: str) -> MadeLayout:
    """A page on which lines stand by themselves, most with running text around them."""
    dice = random.Random(f"{kind} {seed}")
    setting = setting_of(dice)
    page = Page(setting)
    language = setting.language
    if kind == "letter":
        _letter(page, dice)
    elif kind == "titled":
        for title in dice.sample(TITLES[language], dice.randint(1, 3)):
            page.alone([title])
            page.running(some_words(dice, language))
            page.skip(dice.choice([0, 4, 8]))
    elif kind == "lines and text":
        page.running(some_words(dice, language))
        page.alone(dice.sample(FORMS[language], dice.randint(2, 6)))
        page.running(some_words(dice, language))
        page.skip(dice.choice([0, 2]))
        page.alone(dice.choice(ADDRESSES[language]))
    else:
        if dice.random() < 0.5:
            page.running(some_words(dice, language))
            page.skip(dice.choice([0, 6, 12]))
        page.alone(_lone(kind, dice, language), dice.choice(["left", "left", "centre"]))
        if dice.random() < 0.5:
            page.skip(dice.choice([6, 12]))
            page.running(some_words(dice, language))
    return page.made(kind)


def _lone(kind: str, dice: random.Random, language: str) -> Sequence[str]:
    if kind == "form":
        forms = FORMS[language]
        return dice.sample(forms, dice.randint(3, len(forms)))
    if kind == "address":
        return dice.choice(ADDRESSES[language])
    if kind == "list":
        items = LISTS[language]
        return dice.sample(items, dice.randint(4, len(items)))
    return POEMS[language][: dice.choice([4, 8])]


def _letter(page: Page, dice: random.Random) -> None:
    language = page.setting.language
    salutation, closing, name = GREETINGS[language]
    page.alone(dice.choice(ADDRESSES[language]))
    page.skip(dice.choice([0, 14, 28]))
    page.alone(["Bremen, 3. 3. 2025"], dice.choice(["left", "right"]))
    page.skip(dice.choice([0, 14, 28]))
    page.alone(dice.sample(FORMS[language], 2))
    page.skip(dice.choice([0, 14]))
    page.alone([salutation])
    page.skip(dice.choice([0, 7, 14]))
    for _ in range(dice.randint(1, 3)):
        page.running(some_words(dice, language))
        page.skip(dice.choice([0, 3, 7]))
    page.alone([closing])
    page.skip(dice.choice([0, 28]))
    page.alone([name])


TEXTS = ("plain", "gaps", "indented", "inset", "beside a picture", "narrow", "two columns")


def made_running(seed: int, kind: str) -> MadeLayout:
    """A page of running text alone, whose lines go on."""
    dice = random.Random(f"{kind} {seed}")
    setting = setting_of(dice)
    if kind == "two columns":
        return _two_columns(setting, dice)
    if kind == "narrow":
        setting.width, setting.justified = dice.choice([120.0, 160.0, 200.0]), False
    page = Page(setting)
    for _ in range(dice.randint(2, 5)):
        if page.y < 300:
            break
        words = some_words(dice, setting.language)
        if kind == "indented":
            page.running(words, first=setting.size * dice.choice([1.0, 2.0]))
        elif kind == "inset":
            page.running(words)
            page.skip(dice.choice([0, 6]))
            inset = dice.choice([20.0, 40.0])
            page.running(some_words(dice, setting.language), inset, dice.choice([0.0, inset]))
        elif kind == "beside a picture":
            page.running(words, right=dice.choice([0.0, 120.0, 180.0]))
        else:
            page.running(words)
        page.skip(dice.choice([3, 6]) if kind == "gaps" else 0)
    return page.made(kind)


def _two_columns(setting: Setting, dice: random.Random) -> MadeLayout:
    setting.width = (setting.width - 24) / 2
    page = Page(setting)
    for _ in range(2):
        page.y = HEIGHT - 90
        for _ in range(3):
            page.running(some_words(dice, setting.language))
        setting.left += setting.width + 24
    return page.made("two columns")
