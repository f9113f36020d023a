"""The association's minutes and rules (German)."""

from __future__ import annotations

from eval.folder_set.parts import FolderFile

_GENERAL_MEETING = """
# Protokoll der Mitgliederversammlung 2025

Radwerkstatt Lindenhof e. V. \\
Ort: Gemeindesaal St. Martin, Auenfeld \\
Datum: Freitag, 21. März 2025, 19:00 bis 21:25 Uhr \\
Anwesend: 37 stimmberechtigte Mitglieder, zwei Gäste

## 1 Begrüßung

Tomasz Behrend eröffnet die Versammlung und stellt fest, dass fristgerecht eingeladen wurde. Die
Versammlung ist beschlussfähig. Das Protokoll führt Ruben Haas. Gegen die Tagesordnung werden keine
Einwände erhoben.

## 2 Bericht des Vorstands

Im Jahr 2024 wurden 1.312 Fahrräder repariert, 118 davon hat der Verein gespendet bekommen,
hergerichtet und weitergegeben. Am 31. Dezember 2024 hatte der Verein 146 Mitglieder. Der Umzug der
Ersatzteile in den hinteren Raum ist abgeschlossen, die Absauganlage an der Lackierecke fehlt noch.

## 3 Kassenbericht und Entlastung

Johanna Petersen erläutert den Jahresabschluss. Die Kasse wurde am 8. März von Hanne Lorenz und Piet
Rademacher geprüft; es gab keine Beanstandungen. Der Vorstand wird bei vier Enthaltungen entlastet.

## 4 Wahlen

Gerd Albers tritt nach sechs Jahren nicht mehr an. Die Versammlung dankt ihm mit langem Beifall.
Gewählt wird offen; alle Gewählten nehmen die Wahl an.

| Amt | Gewählt | Ja | Nein | Enthaltungen |
| Vorsitz | Tomasz Behrend | 35 | 0 | 2 |
| Stellvertretung | Aylin Korkmaz | 33 | 1 | 3 |
| Kasse | Johanna Petersen | 36 | 0 | 1 |
| Schriftführung | Ruben Haas | 34 | 0 | 3 |

## 5 Mitgliedsbeitrag

Der Vorstand schlägt vor, den Jahresbeitrag ab dem 1. Januar 2026 von 60 auf 72 Euro anzuheben. Der
ermäßigte Beitrag bleibt bei 24 Euro. Nach Aussprache wird der Vorschlag mit 31 Ja-Stimmen, vier
Nein-Stimmen und zwei Enthaltungen angenommen.

## 6 Verschiedenes

- Yusuf Demir sucht Helferinnen und Helfer für den Umzug des Schweißgeräts.
- Das Sommerfest findet am 5. Juli statt; Carla Sievers sammelt Ideen.
- Die nächste Mitgliederversammlung ist für den 20. März 2026 geplant.
"""

_MAY_MEETING = """
# Protokoll der Vorstandssitzung vom 14. Mai 2025

Anwesend: Tomasz Behrend, Aylin Korkmaz, Johanna Petersen, Ruben Haas; als Gast Stefan Wiegand

## Lastenrad

Das neue Lastenrad „Packesel Duo“ ist am 9. Mai geliefert worden. Der Kaufpreis von 4.290 Euro wird
von der Bürgerstiftung Auenfeld getragen, die den Händler unmittelbar bezahlt; durch die Kasse des
Vereins läuft der Betrag nicht. Das Rad bekommt die Inventarnummer 0231 und wird ab Juni verliehen.
Aylin Korkmaz schreibt die Regeln für die Ausleihe.

## Fahrt nach Bristol

Acht Personen fahren mit. Leitung: Johanna Petersen und Ruben Haas. Die Zugfahrkarten sind gebucht,
die Unterkunft ist bestätigt. Alle brauchen einen Reisepass; drei Pässe sind noch beantragt.

## Werkstatt

- Stefan Wiegand berichtet, dass die Wartezeit auf eine Reparatur bei elf Tagen liegt.
- Der Kompressor verliert Druck. Ein neuer Kessel würde etwa 380 Euro kosten; die Entscheidung wird
  vertagt.
- Für Schulklassen werden künftig nur noch Termine am Mittwochvormittag angeboten.

## Beschlüsse

| Nr. | Beschluss | Ergebnis |
| 2025-11 | Ausleihe des Lastenrads ab 2. Juni | einstimmig |
| 2025-12 | Anschaffung von zwölf Warnwesten, höchstens 110 Euro | einstimmig |
| 2025-13 | Vertagung: Kessel für den Kompressor | drei Ja, eine Enthaltung |
"""

_SEPTEMBER_MEETING = """
# Protokoll der Vorstandssitzung vom 10. September 2025

Anwesend: Tomasz Behrend, Aylin Korkmaz, Johanna Petersen; entschuldigt: Ruben Haas

## 1 Rückblick auf das Sommerfest

Trotz des Regens am Nachmittag kamen rund 250 Gäste. Kuchen und Getränke brachten 611,40 Euro ein.
Die geliehene Hüpfburg hatte ein Loch; der Verleiher hat auf die Reinigungspauschale verzichtet.

## 2 Besuch aus Bristol

Vom 6. bis 12. Oktober kommen zehn Gäste von Harbour Wheels. Sie wohnen in der Jugendherberge
Talblick. Für den Ausflug auf dem Auetalradweg werden sechs Leihräder gebraucht. Die Dolmetscherin
Milena Kaas begleitet die beiden Werkstatttage.

## 3 Schlüssel

Es sind 14 Schlüssel im Umlauf, drei davon konnte niemand zuordnen. Ab November wird die Tür mit
Karten geöffnet. Die Umstellung kostet 742 Euro und wird aus der Rücklage bezahlt. Verantwortlich
ist Piet Rademacher.

## 4 Spende der Papierfabrik

Die Papierfabrik Hollnagel hat 1.500 Euro und zwei Fahrradständer zugesagt. Johanna Petersen
bedankt sich schriftlich.

## 5 Termine

| Termin | Was | Wer |
| 18. September | Lichttest an der Grundschule am Mühlbach | Nadja Uhlig |
| 27. September | Flohmarkt für Ersatzteile | Leon Brückner |
| 12. November | Nächste Vorstandssitzung | alle |
"""

_STATUTES = """
# Satzung der Radwerkstatt Lindenhof e. V.

Beschlossen am 17. Februar 2017, zuletzt geändert am 22. März 2024

## § 1 Name, Sitz, Geschäftsjahr

Der Verein führt den Namen „Radwerkstatt Lindenhof e. V.“ und hat seinen Sitz in Auenfeld. Das
Geschäftsjahr ist das Kalenderjahr.

## § 2 Zweck

Der Verein fördert den Umweltschutz, die Bildung und die Hilfe für andere. Er betreibt dazu eine
offene Selbsthilfewerkstatt, in der Menschen unter Anleitung ihre Fahrräder reparieren, gibt Kurse
und stellt gebrauchte Fahrräder Bedürftigen zur Verfügung. Er ist selbstlos tätig und verfolgt nicht
in erster Linie eigenwirtschaftliche Zwecke.

## § 3 Mitgliedschaft

Mitglied kann jede natürliche oder juristische Person werden. Über den Antrag entscheidet der
Vorstand in Textform. Jugendliche unter 16 Jahren brauchen die Zustimmung der Sorgeberechtigten;
stimmberechtigt sind Mitglieder ab 16 Jahren.

## § 4 Ende der Mitgliedschaft

Die Mitgliedschaft endet durch Austritt, Ausschluss oder Tod. Der Austritt ist mit einer Frist von
drei Monaten zum Jahresende möglich und dem Vorstand in Textform zu erklären. Ausgeschlossen werden
kann, wer trotz zweier Mahnungen mit mehr als einem Jahresbeitrag im Rückstand ist.

## § 5 Organe

Organe des Vereins sind die Mitgliederversammlung und der Vorstand. Der Vorstand besteht aus vier
Personen: Vorsitz, Stellvertretung, Kasse und Schriftführung. Je zwei von ihnen vertreten den Verein
gemeinsam. Er wird für zwei Jahre gewählt und bleibt bis zur Neuwahl im Amt.

## § 6 Mitgliederversammlung

Sie tritt mindestens einmal im Jahr zusammen, spätestens bis Ende April. Eingeladen wird mit einer
Frist von drei Wochen. Sie ist beschlussfähig, wenn mindestens ein Fünftel der stimmberechtigten
Mitglieder anwesend ist; andernfalls wird innerhalb von sechs Wochen erneut eingeladen.

## § 7 Kassenprüfung

Zwei Mitglieder, die nicht dem Vorstand angehören, prüfen einmal jährlich die Kasse und berichten
der Mitgliederversammlung. Eine unmittelbare Wiederwahl ist einmal zulässig.

## § 8 Satzungsänderung

Für Änderungen der Satzung ist eine Mehrheit von drei Vierteln der abgegebenen gültigen Stimmen
nötig. Enthaltungen zählen nicht mit.

## § 9 Auflösung

Die Auflösung kann nur in einer eigens dazu einberufenen Versammlung mit einer Mehrheit von vier
Fünfteln beschlossen werden. Bei Auflösung des Vereins oder bei Wegfall seiner steuerbegünstigten
Zwecke fällt das Vermögen an den Förderkreis Stadtbücherei Auenfeld, der es unmittelbar und
ausschließlich für gemeinnützige Zwecke zu verwenden hat.
"""

_RULES = """
---
title: Werkstattordnung
date: 2024-10-02
author: Stefan Wiegand
language: de
---

# Werkstattordnung

Diese Regeln gelten für alle, die in der Werkstatt arbeiten, ob Mitglied oder nicht.

## Anmeldung

Wer kommt, trägt sich an der Annahme ein. Jede Werkbank kann **höchstens zwei Stunden** am Stück
belegt werden, wenn andere warten. Kinder unter zwölf Jahren arbeiten nur zusammen mit einem
Erwachsenen.

## Sicherheit

- An der Schleifmaschine und beim Bohren wird eine Schutzbrille getragen.
- Lange Haare werden zusammengebunden, Schals abgelegt.
- Das Schweißgerät bedienen nur Yusuf Demir und Stefan Wiegand.
- Lösemittel gehören in den gelben Schrank, nicht unter die Werkbank.

## Werkzeug und Teile

Werkzeug hängt nach der Arbeit wieder an seinem Umriss. Was fehlt oder kaputt ist, steht auf der
Tafel neben dem Kompressor. Gebrauchte Teile gibt es gegen Spende, neue zum Einkaufspreis mit einem
Aufschlag von zehn Prozent.

## Fahrräder, die stehen bleiben

Ein Rad darf vier Wochen in der Werkstatt bleiben. Danach wird es angeschrieben; meldet sich nach
weiteren sechs Wochen niemand, geht es in den Bestand für Spendenräder über.
"""

FILES = (
    FolderFile(
        "Verein/Vorstand/Protokoll Mitgliederversammlung 2025-03-21.docx",
        _GENERAL_MEETING,
        date="2025-03-28",
        running="Radwerkstatt Lindenhof e. V. – Protokoll",
    ),
    FolderFile(
        "Verein/Vorstand/Protokoll Vorstand 2025-05-14.odt", _MAY_MEETING, date="2025-05-16"
    ),
    FolderFile(
        "Verein/Vorstand/Protokoll Vorstand 2025-09-10.docx",
        _SEPTEMBER_MEETING,
        date="2025-09-12",
        running="Radwerkstatt Lindenhof e. V. – Protokoll",
    ),
    FolderFile(
        "Verein/Vorstand/Satzung.pdf",
        _STATUTES,
        date="2024-03-22",
        columns=2,
        running="Satzung · Radwerkstatt Lindenhof e. V.",
    ),
    FolderFile("Verein/Vorstand/Werkstattordnung.md", _RULES, date="2024-10-02"),
)
