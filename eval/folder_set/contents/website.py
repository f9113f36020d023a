"""Pages of the association's website, and its slides about the past year (German)."""

from __future__ import annotations

from eval.folder_set.parts import FolderFile

_NAVIGATION = "Start · Werkstatt · Kurse · Ausleihe · Spenden · Impressum"

_START = """
# Willkommen in der Radwerkstatt Lindenhof

Bei uns reparierst du dein Fahrrad selbst, und wir zeigen dir, wie es geht. Werkzeug ist da,
Ersatzteile meist auch, und Kaffee sowieso. Du brauchst keine Anmeldung.

## So läuft ein Besuch ab

1. Du meldest dich an der Annahme und sagst, was klemmt.
2. Wir schauen uns das Rad gemeinsam an und schätzen, was nötig ist.
3. Du arbeitest an einer Werkbank, jemand von uns hilft.
4. Am Ende zahlst du die Teile und gibst, was dir die Hilfe wert ist.

## Was wir nicht machen

Wir reparieren keine Akkus und keine Motoren, und wir nehmen keine Aufträge an, bei denen niemand
dabei ist. Wer einen Rahmenbruch hat, den schicken wir zur Metallwerkstatt der Berufsschule.

## Wer wir sind

Der Verein wurde 2017 von elf Leuten aus dem Lindenhofviertel gegründet. Heute helfen 23 Menschen
ehrenamtlich mit. Die Werkstatt leitet Stefan Wiegand, gelernter Zweiradmechaniker.

Der Betrieb der Werkstatt wird von der Stadt Auenfeld gefördert.
"""

_LOAN = """
# Lastenrad ausleihen

Unser Lastenrad „Packesel Duo“ steht seit Juni 2025 allen offen. Es trägt zwei Kinder oder 100
Kilogramm Ladung und hat keinen Motor.

## Preise

| Wer | Je Tag | Wochenende |
| Mitglieder | 6 € | 10 € |
| Alle anderen | 12 € | 20 € |

Bei der Abholung hinterlegst du 100 Euro Kaution in bar; du bekommst sie zurück, wenn das Rad sauber
und unbeschädigt wieder da ist. Wer zu spät kommt, zahlt für jeden angefangenen Tag 15 Euro.

## Regeln

- Mindestalter 18 Jahre, Ausweis mitbringen.
- Höchstens vier Tage am Stück.
- Nachts steht das Rad in einem verschlossenen Raum oder ist mit beiden Schlössern angekettet.
- Bei einer Panne nichts selbst am Bremszug ändern, sondern anrufen.

## Reservieren

Schreib bis zwei Tage vorher an ausleihe@radwerkstatt-lindenhof.example und nenne Tag, Uhrzeit und
Zweck. Aylin Korkmaz antwortet meist am selben Abend.
"""

_FIGURES = """
# Die Werkstatt in Zahlen

Vortrag für den Klimabeirat der Stadt Auenfeld \\
Tomasz Behrend, 6. Februar 2025

## Reparaturen 2024

- 1.312 Fahrräder repariert
- 118 gespendete Räder hergerichtet und weitergegeben
- Häufigster Schaden: platter Reifen, 29 Prozent aller Fälle

Notizen: Hier die Geschichte vom Tandem erzählen, das dreimal gespendet wurde.

## Wer kommt?

| Gruppe | Anteil |
| Kinder und Jugendliche | 22 % |
| Studierende und Auszubildende | 31 % |
| Berufstätige | 28 % |
| Ältere ab 65 | 19 % |

Notizen: Grundlage sind 640 Fragebögen aus den Monaten März bis Oktober 2024.

## Was wir einsparen

- Geschätzt 7,4 Tonnen Schrott vermieden
- 2.050 ehrenamtliche Stunden
- 41 Kurstage für Schulen und Vereine

## Was uns fehlt

- Eine Absauganlage für die Lackierecke
- Ein zweiter Raum für Kurse im Winter
- Verlässliche Förderung über ein Jahr hinaus

Notizen: Der Beirat tagt im Juni wieder; bis dahin Kostenvoranschlag für die Absauganlage einholen.
"""

FILES = (
    FolderFile("Verein/Webseite/startseite.html", _START, date="2025-08-19", running=_NAVIGATION),
    FolderFile(
        "Verein/Webseite/lastenrad-ausleihen.html", _LOAN, date="2025-06-02", running=_NAVIGATION
    ),
    FolderFile("Verein/Vorträge/Werkstatt in Zahlen.odp", _FIGURES, date="2025-02-05"),
)
