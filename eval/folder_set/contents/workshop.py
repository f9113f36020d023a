"""What lies in the workshop: rota, stock, repairs, notices, a script (German)."""

from __future__ import annotations

from eval.folder_set.parts import FolderFile

_ROTA = """
# Dienstplan November 2025

## November 2025

| Datum | Tag | Annahme | Werkbank 1 | Werkbank 2 |
| 04.11.2025 | Dienstag | Carla Sievers | Stefan Wiegand | Piet Rademacher |
| 06.11.2025 | Donnerstag | Leon Brückner | Stefan Wiegand | Nadja Uhlig |
| 08.11.2025 | Samstag | Hanne Lorenz | Yusuf Demir | Leon Brückner |
| 11.11.2025 | Dienstag | Aylin Korkmaz | Stefan Wiegand | Nadja Uhlig |
| 13.11.2025 | Donnerstag | Tomasz Behrend | Stefan Wiegand | Carla Sievers |
| 15.11.2025 | Samstag | Piet Rademacher | Nadja Uhlig | Yusuf Demir |
| 18.11.2025 | Dienstag | Carla Sievers | Stefan Wiegand | Hanne Lorenz |
| 20.11.2025 | Donnerstag | Johanna Petersen | Stefan Wiegand | Leon Brückner |
| 22.11.2025 | Samstag | Leon Brückner | Piet Rademacher | Nadja Uhlig |
| 25.11.2025 | Dienstag | Hanne Lorenz | Stefan Wiegand | Yusuf Demir |
| 27.11.2025 | Donnerstag | Ruben Haas | Stefan Wiegand | Carla Sievers |
| 29.11.2025 | Samstag | Nadja Uhlig | Yusuf Demir | Tomasz Behrend |

## Vertretung

| Name | Kann einspringen | Nicht da |
| Aylin Korkmaz | dienstags | 17.11. bis 28.11. |
| Carla Sievers | dienstags, donnerstags | samstags |
| Leon Brückner | samstags | 25.11. |
| Yusuf Demir | samstags | dienstags |
"""

_INVENTORY = """
Inventarnummer;Gegenstand;Standort;Angeschafft;Preis in Euro;Zustand
0087;Standbohrmaschine;Werkstatt, hinten links;12.03.2018;329,00;gut
0102;Kompressor 50 l;Lager;04.09.2018;415,00;verliert Druck
0119;Montageständer (vier Stück);Werkstatt;21.02.2019;596,00;einer wackelt
0145;Schweißgerät WIG 160;Lager;17.06.2020;1.249,00;gut
0163;Ultraschallbad;Lackierecke;11.10.2021;278,50;neu abgedichtet 2024
0188;Werkzeugwand mit Umrissen;Werkstatt;05.05.2023;640,00;gut
0204;Richtplatte für Rahmen;Werkstatt;30.01.2024;512,00;gut
0219;Kaffeemaschine;Annahme;13.11.2024;89,90;gut
0226;Zentrierständer TruePro 3;Werkbank 2;17.04.2025;224,91;neu
0231;Lastenrad Packesel Duo;Hof, abgeschlossener Verschlag;09.05.2025;4.490,00;neu
0234;Bildschirm für Kurse;Kursraum;18.08.2025;199,00;neu
"""

_REPAIRS = (
    "Auftrag\tDatum\tRad\tSchaden\tTeile\tDauer in Minuten\tSpende in Euro\n"
    "R25-0711\t02.09.2025\tDamenrad Valkental, grün\tSpeichenbruch hinten\t2 Speichen\t50\t12\n"
    "R25-0712\t02.09.2025\tKinderrad 16 Zoll\tplatter Reifen\tSchlauch\t20\t5\n"
    "R25-0713\t04.09.2025\tRennrad Corvetta\tSchaltung springt\tSchaltzug\t35\t15\n"
    "R25-0714\t04.09.2025\tTrekkingrad Nordlauf\tTretlager hat Spiel\tInnenlager\t75\t25\n"
    "R25-0715\t06.09.2025\tFaltrad, silbern\tBremse ohne Wirkung\tBremsbeläge\t30\t10\n"
    "R25-0716\t06.09.2025\tTandem, blau\tKette gerissen\tKette lang\t40\t20\n"
    "R25-0717\t09.09.2025\tHollandrad\tDynamo defekt\tSeitenläufer gebraucht\t25\t6\n"
    "R25-0718\t09.09.2025\tMountainbike Kargus\tFedergabel undicht\tnicht repariert\t15\t0\n"
    "R25-0719\t11.09.2025\tLiegerad\tKettenführung gebrochen\tRohr aus dem Lager\t95\t30\n"
    "R25-0720\t11.09.2025\tKinderrad 20 Zoll\tSattelstütze fest\tkeine\t60\t8\n"
)

_COURSES = """
# Kursprogramm Herbst 2025

Radwerkstatt Lindenhof e. V. · September bis Dezember

## Überblick

| Kurs | Leitung | Beginn | Gebühr |
| Bremsen einstellen | Carla Sievers | 23. September | 15 € |
| Laufräder einspeichen | Nadja Uhlig | 14. Oktober | 45 € |
| Schaltung verstehen | Leon Brückner | 21. Oktober | 20 € |
| Winterfest in einer Stunde | Piet Rademacher | 18. November | kostenlos |

Notizen: Auf die Ermäßigung hinweisen, Mitglieder zahlen die Hälfte.

## Laufräder einspeichen

- Drei Abende zu je zweieinhalb Stunden, höchstens sechs Personen
- Mitbringen: Nabe, Felge und 36 Speichen; die Länge berechnen wir am ersten Abend
- Wer kein Material hat, bekommt ein gebrauchtes Laufrad zum Üben

Notizen: Zentrierständer vorher auf Werkbank 2 festschrauben.

## Anmeldung

- Per Mail an kurse@radwerkstatt-lindenhof.example
- Bezahlt wird am ersten Abend in bar
- Absagen sind bis drei Tage vorher ohne Kosten möglich

## Für Schulen

- Vormittage am Mittwoch, Klassen 4 bis 8
- Eine Lehrkraft bleibt dabei
- Vier Wochen Vorlauf, damit genug Helmzubehör da ist
"""

_NOTICE = """
# Radwerkstatt Lindenhof

## Öffnungszeiten

| Tag | Zeit |
| Dienstag | 16 bis 19 Uhr |
| Donnerstag | 17 bis 20 Uhr |
| Samstag | 10 bis 14 Uhr |

Letzte Annahme jeweils 45 Minuten vor Schluss.

Vom 22. Dezember 2025 bis zum 5. Januar 2026 bleibt die Werkstatt geschlossen.

Am ersten Samstag im Monat ist Frauenwerkstatt: dann sind Frauen, Mädchen und alle, die sich
angesprochen fühlen, unter sich.

Bitte keine Räder vor der Tür abstellen, wenn niemand da ist. Die Nachbarn im ersten Stock freuen
sich über Ruhe nach 20 Uhr.

Hinweis: Gefördert von der Stadt Auenfeld.
"""

_DOOR_LOG = """
2025-11-08T09:38:04 INFO  door: controller started, firmware 3.2.1, 19 cards known
2025-11-08T09:41:12 INFO  door: opened with card 0017 (Lorenz)
2025-11-08T09:41:40 INFO  room: light on, temperature 11.5 C
2025-11-08T10:02:55 INFO  door: set to stay open
2025-11-08T12:17:31 WARN  air: compressor pressure 5.1 bar, expected at least 6.0
2025-11-08T13:58:20 INFO  door: set to lock itself
2025-11-08T14:26:09 INFO  door: locked, last card 0009 (Demir)
2025-11-09T03:12:47 WARN  power: mains lost, running on battery
2025-11-09T03:19:02 INFO  power: mains back after 375 s
2025-11-10T18:03:33 ERROR door: card 0021 unknown, three attempts within 40 s
2025-11-10T18:05:10 INFO  door: opened with card 0004 (Rademacher)
2025-11-10T18:11:52 INFO  cards: 0021 added for Sievers by Rademacher
2025-11-10T19:20:16 INFO  door: locked, last card 0004 (Rademacher)
2025-11-11T15:44:58 INFO  door: opened with card 0002 (Korkmaz)
2025-11-11T15:46:30 INFO  room: light on, temperature 17.0 C
2025-11-11T19:22:41 INFO  door: locked, last card 0006 (Wiegand)
"""

_FEES = '''
"""Berechnet, was eine Ausleihe des Lastenrads kostet (für die Annahme am Tresen).

Aufruf: python gebuehren.py 2025-06-14 2025-06-16 --mitglied
"""

import argparse
import datetime

TAGESSATZ = {"mitglied": 6, "gast": 12}
WOCHENENDE = {"mitglied": 10, "gast": 20}
VERSPAETUNG_JE_TAG = 15  # Euro, für jeden angefangenen Tag
HOECHSTENS_TAGE = 4


def gebuehr(von: datetime.date, bis: datetime.date, wer: str) -> int:
    """Gebühr in Euro; Samstag und Sonntag zusammen gelten als Wochenende."""
    tage = (bis - von).days + 1
    if tage > HOECHSTENS_TAGE:
        raise SystemExit(f"Höchstens {HOECHSTENS_TAGE} Tage am Stück.")
    if von.weekday() == 5 and tage == 2:
        return WOCHENENDE[wer]
    return tage * TAGESSATZ[wer]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("von", type=datetime.date.fromisoformat)
    parser.add_argument("bis", type=datetime.date.fromisoformat)
    parser.add_argument("--mitglied", action="store_true")
    angaben = parser.parse_args()
    wer = "mitglied" if angaben.mitglied else "gast"
    print(f"{gebuehr(angaben.von, angaben.bis, wer)} Euro")


if __name__ == "__main__":
    main()
'''

_CALENDAR = """
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Radwerkstatt Lindenhof//Termine//DE
BEGIN:VEVENT
UID:sommerfest-2025@radwerkstatt-lindenhof.example
DTSTART;VALUE=DATE:20250705
SUMMARY:Sommerfest im Hof
DESCRIPTION:Aufbau ab 11 Uhr, Kuchenliste bei Carla Sievers
END:VEVENT
BEGIN:VEVENT
UID:flohmarkt-2025@radwerkstatt-lindenhof.example
DTSTART;TZID=Europe/Berlin:20250927T100000
DTEND;TZID=Europe/Berlin:20250927T150000
SUMMARY:Flohmarkt für Ersatzteile
LOCATION:Gerberstraße 14, Hof
END:VEVENT
BEGIN:VEVENT
UID:uebergabe-2025@radwerkstatt-lindenhof.example
DTSTART;TZID=Europe/Berlin:20251208T170000
SUMMARY:Übergabe der Spendenräder an Auszubildende
LOCATION:Berufsschule Auenfeld, Foyer
END:VEVENT
BEGIN:VEVENT
UID:mv-2026@radwerkstatt-lindenhof.example
DTSTART;TZID=Europe/Berlin:20260320T190000
SUMMARY:Mitgliederversammlung 2026
LOCATION:Gemeindesaal St. Martin
END:VEVENT
END:VCALENDAR
"""

_STOCK = """
{
  "stand": "2025-10-31",
  "gezaehlt_von": "Leon Brückner",
  "lager": "hinterer Raum",
  "teile": [
    {"teil": "Schlauch 28 Zoll", "regal": "A2", "bestand": 41, "mindestens": 30},
    {"teil": "Schlauch 20 Zoll", "regal": "A2", "bestand": 9, "mindestens": 15},
    {"teil": "Reifen 28 Zoll, gebraucht", "regal": "A4", "bestand": 33, "mindestens": 10},
    {"teil": "Bremsbelag V-Bremse, Paar", "regal": "B1", "bestand": 17, "mindestens": 20},
    {"teil": "Schaltzug", "regal": "B3", "bestand": 38, "mindestens": 25},
    {"teil": "Kette 8-fach", "regal": "C1", "bestand": 6, "mindestens": 8},
    {"teil": "Innenlager BSA 68", "regal": "C2", "bestand": 5, "mindestens": 4},
    {"teil": "Rücklicht mit Standlicht", "regal": "D1", "bestand": 12, "mindestens": 10}
  ],
  "bemerkung": "Regal B2 ist nach dem Wasserschaden im August noch leer."
}
"""

FILES = (
    FolderFile("Verein/Werkstatt/Dienstplan November 2025.xlsx", _ROTA, date="2025-10-24"),
    FolderFile("Verein/Werkstatt/Inventar.csv", _INVENTORY, date="2025-09-01"),
    FolderFile("Verein/Werkstatt/Reparaturen September.tsv", _REPAIRS, date="2025-09-11"),
    FolderFile("Verein/Vorträge/Kursprogramm Herbst 2025.odp", _COURSES, date="2025-08-25"),
    FolderFile("Verein/Werkstatt/Aushang.png", _NOTICE, date="2025-11-03"),
    FolderFile("Verein/Werkstatt/tuer.log", _DOOR_LOG, language="en", date="2025-11-11"),
    FolderFile("Verein/Werkstatt/gebuehren.py", _FEES, date="2025-05-28"),
    FolderFile("Verein/Werkstatt/termine.ics", _CALENDAR, date="2025-06-20"),
    FolderFile("Verein/Werkstatt/bestand.json", _STOCK, date="2025-10-31"),
)
