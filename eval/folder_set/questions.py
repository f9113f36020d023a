"""What is asked about the folder: 20 German and 20 English questions with their gold answers.

In: nothing. Out: rows of belegt's JSON Lines. Nothing can fail.

The kind says where the answer stands; of a question in another language than its document it is
"across languages". A document within a file is named FILE!/NAME, as the reader of files names it.
"""

from __future__ import annotations

from dataclasses import dataclass

_BOTH = " && "


@dataclass(frozen=True)
class FolderQuestion:
    """A question; without answers it is one that nothing in the folder answers."""

    text: str
    kind: str
    answers: tuple[str, ...] = ()
    relevant: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()


_CONTRACTS = "Austausch/Verträge/"
_MONEY = "Verein/Finanzen/"
_WORKSHOP = "Verein/Werkstatt/"

GERMAN = (
    FolderQuestion(
        "Wer ist seit der Mitgliederversammlung 2025 stellvertretende Vorsitzende des Vereins?",
        "table",
        ("Aylin Korkmaz",),
        ("Verein/Vorstand/Protokoll Mitgliederversammlung 2025-03-21.docx",),
    ),
    FolderQuestion(
        "Wie viel Geld ist 2025 für Werkzeug und Maschinen eingeplant?",
        "table",
        ("3.250 Euro", "3250,00 €"),
        (f"{_MONEY}Haushaltsplan 2025.xlsx",),
        ("2.318,75",),
    ),
    FolderQuestion(
        "Bis wann muss der Verein der Stadt nachweisen, wofür er die Zuwendung verwendet hat?",
        "scan",
        ("31. März 2026",),
        (f"{_MONEY}Zuwendungsbescheid Stadt.pdf",),
    ),
    FolderQuestion(
        "Wer bekommt das Vermögen des Vereins, wenn er sich auflöst?",
        "PDF",
        ("Förderkreis Stadtbücherei Auenfeld", "Förderkreis Stadtbücherei"),
        ("Verein/Vorstand/Satzung.pdf",),
    ),
    FolderQuestion(
        "Wer leitet den Kurs, in dem man lernt, Laufräder einzuspeichen?",
        "slides",
        ("Nadja Uhlig",),
        ("Verein/Vorträge/Kursprogramm Herbst 2025.odp",),
    ),
    FolderQuestion(
        "Woran lag es, dass die Heizung in der Werkstatt im November 2025 kalt blieb?",
        "mail",
        ("Umwälzpumpe", "Läufer der Pumpe"),
        (
            "Post/Heizung.mbox!/3 Re: Heizung ist kalt",
            "Post/Heizung.mbox!/3 Re: Heizung ist kalt/Einsatzbericht Kessler.pdf",
        ),
    ),
    FolderQuestion(
        "Von wann bis wann hat die Werkstatt am Samstag geöffnet?",
        "scan",
        ("10 bis 14 Uhr", "10 bis 14", "10–14 Uhr"),
        (f"{_WORKSHOP}Aushang.png",),
    ),
    FolderQuestion(
        "Was kostet eine Kettenpeitsche bei Zahnkranz?",
        "PDF",
        ("18,90 €", "18,90"),
        (f"{_MONEY}Rechnung Zahnkranz 2025-0417.pdf",),
    ),
    FolderQuestion(
        "Wer macht am 15. November 2025 die Annahme?",
        "table",
        ("Piet Rademacher",),
        (f"{_WORKSHOP}Dienstplan November 2025.xlsx",),
    ),
    FolderQuestion(
        "In welchem Raum findet der Elternabend der 4b statt?",
        "mail",
        ("Raum 204", "204"),
        ("Post/2025-11-04 Elternabend.eml",),
    ),
    FolderQuestion(
        "Wie viele Kilowattstunden Strom hat Johanna Petersen 2024 verbraucht?",
        "PDF",
        ("2.140", "2140"),
        ("Privat/Wohnung/Stromrechnung 2024.pdf",),
        ("2.305",),
    ),
    FolderQuestion(
        "Wie hoch soll die Kaltmiete in der Lessingstraße ab Dezember 2025 sein?",
        "scan",
        ("754 Euro", "754"),
        ("Privat/Wohnung/Schreiben Dr. Engel.pdf",),
    ),
    FolderQuestion(
        "Wie viele Urlaubstage stehen Johanna Petersen laut Arbeitsvertrag im Jahr zu?",
        "across languages",
        ("27",),
        ("Privat/Arbeit/employment-contract.docx",),
    ),
    FolderQuestion(
        "Wann muss der Schlussbericht beim Meridian Youth Fund sein?",
        "across languages",
        ("30 September 2026", "30. September 2026"),
        (f"{_CONTRACTS}grant-agreement.pdf",),
    ),
    FolderQuestion(
        "Wer holt im Oktober die Gäste aus Bristol vom Bahnhof ab?",
        "across languages",
        ("Nadja Uhlig", "Nadja"),
        ("Post/Anreise Oktober.mbox!/3 Re: Our journey on 6 October",),
    ),
    FolderQuestion(
        "Wie viel kostete eine Nacht im Einzelzimmer des Hotels in Leeds?",
        "across languages",
        ("£89.50", "89.50", "89,50"),
        ("Privat/Arbeit/hotel-leeds.png",),
    ),
    FolderQuestion(
        "Wie viel sieht das Budget von Spokes Together insgesamt für das Dolmetschen vor?",
        "across languages",
        ("€1,250", "1,250", "1.250", "1250.00"),
        ("Austausch/project-budget.xlsx",),
    ),
    FolderQuestion(
        "Was hat das Lastenrad „Packesel Duo“ gekostet?",
        "disagreement",
        (f"4.290{_BOTH}4.490", f"4290{_BOTH}4490"),
        ("Verein/Vorstand/Protokoll Vorstand 2025-05-14.odt", f"{_WORKSHOP}Inventar.csv"),
    ),
    FolderQuestion(
        "Wie hoch ist die Kaution für die Wohnung in der Lessingstraße?", "unanswerable"
    ),
    FolderQuestion("Wie heißt die Steuerberaterin der Radwerkstatt?", "unanswerable"),
)

ENGLISH = (
    FolderQuestion(
        "How many young people are to take part in a workshop day of Spokes Together?",
        "slides",
        ("120",),
        ("Austausch/kick-off.pptx",),
    ),
    FolderQuestion(
        "Who takes over the project blog from Priya Nair?",
        "table",
        ("Carla Sievers",),
        ("Austausch/Minutes 2025-07-02.odt",),
    ),
    FolderQuestion(
        "How much is budgeted for travel in Spokes Together, both partners together?",
        "table",
        ("€6,400", "6,400", "6400.00"),
        ("Austausch/project-budget.xlsx",),
        ("3,300", "1,936"),
    ),
    FolderQuestion(
        "Which participant has a nut allergy?",
        "table",
        ("Sanne Ohlsen",),
        ("Austausch/participants.ods",),
    ),
    FolderQuestion(
        "At what time does the train of the Bristol group leave Brussels on 6 October 2025?",
        "mail",
        ("14:25", "2:25 pm"),
        ("Post/Anreise Oktober.mbox!/1 Our journey on 6 October/itinerary.csv",),
        ("16:25",),
    ),
    FolderQuestion(
        "How many minutes does the session plan give to the M-check?",
        "table",
        ("35",),
        ("Austausch/workshop-materials.zip!/materials/session-plan.md",),
    ),
    FolderQuestion(
        "Where should guests in Bristol put their bikes at night?",
        "text",
        ("courtyard of the Old Ropeworks", "Old Ropeworks"),
        ("Austausch/Bristol guide.epub",),
    ),
    FolderQuestion(
        "What is the reference of the group booking at Severn Lodge?",
        "mail",
        ("SLH-40917",),
        ("Post/2025-04-17 Severn Lodge.eml",),
    ),
    FolderQuestion(
        "Which program does Johanna write her drafts in at Northgate?",
        "text",
        ("Quillstore",),
        ("Privat/Arbeit/first-weeks.md",),
    ),
    FolderQuestion(
        "How many hours did Johanna book on the Kestrel pump manual in August 2025?",
        "table",
        ("46.5",),
        ("Privat/Arbeit/timesheet-2025-08.json",),
    ),
    FolderQuestion(
        "How many days did a bicycle wait on average six months after the triage board came?",
        "PDF",
        ("eight", "8 days"),
        ("Austausch/field-notes.pdf",),
    ),
    FolderQuestion(
        "How many words may a sentence in a procedure have in Northgate's house style?",
        "text",
        ("20 words", "20"),
        ("Privat/Arbeit/house-style.mhtml",),
    ),
    FolderQuestion(
        "How much notice must be given to end the lease of the workshop in Gerberstraße?",
        "across languages",
        ("sechs Monaten", "sechs Monate", "six months", "6 Monate", "6 months"),
        (f"{_MONEY}Mietvertrag Werkstatt.docx",),
    ),
    FolderQuestion(
        "What is the deductible for each claim on the association's liability insurance?",
        "across languages",
        ("250 €", "250"),
        (f"{_MONEY}Versicherungsschein.pdf",),
    ),
    FolderQuestion(
        "How much income tax does Johanna Petersen get back for 2024?",
        "across languages",
        ("412,18 €", "412,18", "412.18"),
        ("Privat/Behörden/Steuerbescheid 2024.pdf",),
    ),
    FolderQuestion(
        "How much of the cost of the crown does Johanna Petersen have to pay herself?",
        "across languages",
        ("598,20 €", "598,20", "598.20"),
        ("Privat/Gesundheit/Heil- und Kostenplan.odt",),
    ),
    FolderQuestion(
        "What deposit does one leave when borrowing the cargo bike of the workshop?",
        "across languages",
        ("100 Euro", "100 €", "100 euros"),
        ("Verein/Webseite/lastenrad-ausleihen.html",),
    ),
    FolderQuestion(
        "How many visitors came to the public repair day on 12 June 2025?",
        "disagreement",
        (f"84{_BOTH}96",),
        ("Austausch/Bristol visit report.pptx", "Austausch/newsletter-summer-2025.html"),
    ),
    FolderQuestion("How much does Dafydd Rees earn at Harbour Wheels?", "unanswerable"),
    FolderQuestion("What is the registration number of Harbour Wheels' van?", "unanswerable"),
)


def rows() -> list[dict[str, object]]:
    """All questions as lines of belegt's format, the German ones first."""
    return [
        {
            "id": f"folder-{language}-{number:02}",
            "question": asked.text,
            "language": language,
            "kind": asked.kind,
            "answerable": bool(asked.answers),
            "answers": asked.answers,
            "relevant": asked.relevant,
            **({"wrong_answers": asked.wrong} if asked.wrong else {}),
        }
        for language, questions in (("de", GERMAN), ("en", ENGLISH))
        for number, asked in enumerate(questions, 1)
    ]
