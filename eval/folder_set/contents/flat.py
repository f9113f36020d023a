"""The treasurer's flat: lease, a letter of the landlord, electricity, meters (German)."""

from __future__ import annotations

from eval.folder_set.parts import FolderFile

_LEASE = """
# Mietvertrag für Wohnraum

zwischen Familie Dr. Engel, Kastanienallee 22, Auenfeld (Vermieter) \\
und Frau Johanna Petersen (Mieterin)

## § 1 Mieträume

Vermietet wird die Wohnung im 3. Obergeschoss rechts des Hauses Lessingstraße 8, bestehend aus drei
Zimmern, Küche, Bad und Balkon, mit einer Wohnfläche von 68 Quadratmetern. Zur Wohnung gehören der
Kellerraum Nr. 6 und ein Platz im Fahrradraum.

## § 2 Mietzeit

Das Mietverhältnis beginnt am 1. August 2022 und wird auf unbestimmte Zeit geschlossen. Es gelten
die gesetzlichen Kündigungsfristen; die Mieterin kann mit einer Frist von drei Monaten kündigen.

## § 3 Miete

| Bestandteil | Monatlich |
| Grundmiete | 712,00 € |
| Vorauszahlung auf Nebenkosten | 168,00 € |
| Gesamtmiete | 880,00 € |

Die Miete ist bis zum dritten Werktag des Monats auf das Konto der Hausverwaltung zu überweisen.

## § 4 Sicherheitsleistung

Über die Sicherheitsleistung treffen die Parteien eine gesonderte Vereinbarung, die diesem Vertrag
als Anlage 2 beigefügt wird.

## § 5 Schönheitsreparaturen

Die Mieterin führt während der Mietzeit fällige Schönheitsreparaturen aus. Starre Fristen gelten
nicht; maßgeblich ist der Zustand der Räume.

## § 6 Tierhaltung

Die Haltung einer Katze ist gestattet. Für Hunde ist vorher die Zustimmung der Vermieter
einzuholen.

## § 7 Hausordnung

Das Treppenhaus wird im wöchentlichen Wechsel gereinigt. Im Hof darf nicht gegrillt werden.
"""

_RENT_INCREASE = """
# Familie Dr. Engel

Kastanienallee 22, Auenfeld

Frau Johanna Petersen \\
Lessingstraße 8, Auenfeld

Auenfeld, den 18. September 2025

## Erhöhung der Grundmiete

Sehr geehrte Frau Petersen,

die Grundmiete Ihrer Wohnung beträgt seit Beginn des Mietverhältnisses 712 Euro, das sind 10,47 Euro
je Quadratmeter. Nach dem Mietspiegel der Stadt Auenfeld liegt die ortsübliche Vergleichsmiete für
Wohnungen dieser Lage und Ausstattung zwischen 10,60 und 11,90 Euro.

Wir bitten Sie deshalb um Ihre Zustimmung, die Grundmiete ab dem 1. Dezember 2025 auf 754 Euro zu
erhöhen. Das entspricht 11,09 Euro je Quadratmeter. Die Vorauszahlung auf die Nebenkosten ändert
sich nicht.

Bitte senden Sie uns Ihre Zustimmung bis zum 30. November 2025 zurück. In den nächsten 15 Monaten
werden wir keine weitere Erhöhung verlangen.

Zum Schluss eine gute Nachricht: Im Frühjahr lassen wir die Fenster zur Straße erneuern. Herr
Paulsen von der Firma Glasklar meldet sich wegen eines Termins.

Mit freundlichen Grüßen \\
Dr. Konrad Engel
"""

_ELECTRICITY = """
# Ihre Stromrechnung für 2024

Stadtwerke Auenfeld · Vertragskonto 4402 118 · Rechnung vom 22. Januar 2025

Frau Johanna Petersen, Lessingstraße 8, Auenfeld \\
Tarif: Auestrom Natur · Zähler 1ISK00 7745 · Abrechnung vom 1. Januar bis 31. Dezember 2024

## Ihr Verbrauch

| Ablesung | Datum | Stand in kWh |
| Alter Stand | 31.12.2023 | 18.412 |
| Neuer Stand | 31.12.2024 | 20.552 |
| Verbrauch | | 2.140 |

Im Vorjahr haben Sie 2.305 Kilowattstunden verbraucht. Ein Haushalt mit zwei Personen liegt im
Durchschnitt bei 2.500 Kilowattstunden.

## Ihre Kosten

| Posten | Rechnung | Betrag |
| Arbeitspreis | 2.140 kWh zu 31,40 Cent | 671,96 € |
| Grundpreis | 12 Monate zu 9,50 € | 114,00 € |
| Kosten gesamt, mit Umsatzsteuer | | 785,96 € |
| Ihre Abschläge | 12 mal 72,00 € | 864,00 € |
| Guthaben | | 78,04 € |

Das Guthaben überweisen wir in den nächsten zehn Tagen. Ihr neuer Abschlag beträgt ab Februar 2025
monatlich 66,00 €.

## Gut zu wissen

Der Vertrag verlängert sich jeweils um einen Monat und kann mit einer Frist von vier Wochen
gekündigt werden. Unser Strom stammt zu 100 Prozent aus Wasserkraft und Wind.
"""

_METERS = """
Zählerstände Lessingstraße 8

Strom (im Keller, dritter von links)
31.12.2024  20.552
31.03.2025  21.098   kalter Winter, Heizlüfter im Bad!
30.06.2025  21.571
30.09.2025  22.040

Wasser Küche
31.12.2024  214,6
30.06.2025  231,9

Wasser Bad
31.12.2024  402,1
30.06.2025  428,8

Die Ablesefirma kommt immer in der zweiten Januarwoche. Schlüssel für den Keller bei Frau Nowitzki
im Erdgeschoss, wenn ich nicht da bin. Der Heizkörper im Arbeitszimmer hat einen Funkzähler, den
muss niemand ablesen.
"""

FILES = (
    FolderFile(
        "Privat/Wohnung/Mietvertrag Lessingstraße.pdf",
        _LEASE,
        date="2022-07-04",
        running="Mietvertrag Lessingstraße 8",
    ),
    FolderFile(
        "Privat/Wohnung/Schreiben Dr. Engel.pdf", _RENT_INCREASE, date="2025-09-20", is_scanned=True
    ),
    FolderFile(
        "Privat/Wohnung/Stromrechnung 2024.pdf",
        _ELECTRICITY,
        date="2025-01-22",
        running="Stadtwerke Auenfeld",
    ),
    FolderFile("Privat/Wohnung/zaehler.txt", _METERS, date="2025-09-30"),
)
