"""The association's money: budget, books, invoices, contracts (German)."""

from __future__ import annotations

from eval.folder_set.parts import FolderFile

_BUDGET = """
# Haushaltsplan 2025

## Einnahmen

| Posten | Plan 2025 | Bemerkung |
| Mitgliedsbeiträge | 7.800,00 € | 146 Mitglieder zu Jahresbeginn |
| Spenden | 4.500,00 € | ohne zweckgebundene Spenden |
| Zuschuss der Stadt | 6.000,00 € | Antrag gestellt im Januar |
| Erlöse aus Reparaturen | 9.200,00 € | |
| Kursgebühren | 2.400,00 € | |
| Austausch mit Bristol | 5.400,00 € | erste Rate der Förderung |
| Summe | 35.300,00 € | |

## Ausgaben

| Posten | Plan 2025 | Bemerkung |
| Miete und Nebenkosten | 9.420,00 € | zwölf Monate |
| Lohn Werkstattleitung | 14.400,00 € | einschließlich Abgaben |
| Werkzeug und Maschinen | 3.250,00 € | darunter ein Zentrierständer |
| Versicherungen | 1.184,00 € | |
| Kurse | 1.900,00 € | Honorare und Material |
| Austausch mit Bristol | 3.800,00 € | Fahrt im Juni |
| Verwaltung | 620,00 € | Porto, Bank, Internet |
| Zuführung zur Rücklage | 726,00 € | |
| Summe | 35.300,00 € | |
"""

_CASH_BOOK = """
Datum;Beleg;Buchungstext;Kategorie;Einnahme;Ausgabe
01.04.2025;2025-031;Miete April, Wohnbau Auenfeld;Miete;;785,00
04.04.2025;2025-032;Lastschriften Beiträge, 1. Lauf;Beiträge;3.480,00;
11.04.2025;2025-033;Kursgebühren Frühjahr, 14 Personen;Kurse;420,00;
22.04.2025;2025-034;Meridian Youth Fund, 1. Rate;Austausch;5.400,00;
28.04.2025;2025-035;Zahnkranz Großhandel, Rechnung 2025-0417;Werkzeug;;616,42
29.04.2025;2025-036;Stadt Auenfeld, Zuschuss 1. Rate;Zuschuss;3.000,00;
30.04.2025;2025-037;Lohn April, S. Wiegand;Lohn;;1.200,00
02.05.2025;2025-038;Miete Mai, Wohnbau Auenfeld;Miete;;785,00
06.05.2025;2025-039;Bahnfahrkarten Bristol, acht Personen;Austausch;;1.936,00
13.05.2025;2025-040;Barspenden Werkstattkasse, Monat April;Spenden;187,30;
20.05.2025;2025-041;Zwölf Warnwesten;Werkzeug;;98,40
30.05.2025;2025-042;Lohn Mai, S. Wiegand;Lohn;;1.200,00
02.06.2025;2025-043;Miete Juni, Wohnbau Auenfeld;Miete;;785,00
05.06.2025;2025-044;Umtausch in Pfund, Taschengeld Bristol;Austausch;;240,00
17.06.2025;2025-045;Erlöse aus Reparaturen, April bis Juni;Reparaturen;2.361,50;
24.06.2025;2025-046;Rückzahlung Lastschrift, Mitglied 0088;Beiträge;;60,00
30.06.2025;2025-047;Lohn Juni, S. Wiegand;Lohn;;1.200,00
"""

_INVOICE = """
# Rechnung 2025-0417

Zahnkranz Großhandel GmbH · Industriering 9 · Kastenrode

Radwerkstatt Lindenhof e. V. \\
Gerberstraße 14 \\
Auenfeld

Rechnungsdatum: 17. April 2025 · Kundennummer: 30877 · Lieferschein: L-25-2096

Vielen Dank für Ihre Bestellung vom 8. April. Wir berechnen wie folgt; die Einzelpreise verstehen
sich ohne Umsatzsteuer.

| Pos. | Artikel | Menge | Einzelpreis | Gesamt |
| 1 | Zentrierständer TruePro 3 | 1 | 189,00 € | 189,00 € |
| 2 | Kettenpeitsche mit Gummigriff | 4 | 18,90 € | 75,60 € |
| 3 | Kassettenabzieher | 4 | 9,50 € | 38,00 € |
| 4 | Innenlagerschlüssel, Satz | 1 | 64,40 € | 64,40 € |
| 5 | Bremsbelag für V-Bremse, Paar | 30 | 3,20 € | 96,00 € |
| 6 | Schaltzug Edelstahl, 2,1 m | 50 | 1,10 € | 55,00 € |

| Zusammenfassung | Betrag |
| Nettosumme | 518,00 € |
| Umsatzsteuer 19 % | 98,42 € |
| Rechnungsbetrag | 616,42 € |

Zahlbar innerhalb von 30 Tagen ohne Abzug, innerhalb von zehn Tagen mit 2 % Skonto. Die Ware bleibt
bis zur vollständigen Bezahlung unser Eigentum. Rückgaben nehmen wir innerhalb von 14 Tagen in der
Originalverpackung an; ausgenommen sind Schaltzüge, die gekürzt wurden.
"""

_GRANT_NOTICE = """
# Stadt Auenfeld

Fachbereich Klimaschutz und Mobilität \\
Rathausplatz 1, Auenfeld

Radwerkstatt Lindenhof e. V. \\
Gerberstraße 14, Auenfeld

Auenfeld, den 14. April 2025 \\
Aktenzeichen: 61.3-K-2025/118

## Zuwendungsbescheid

Sehr geehrte Frau Petersen,

auf Ihren Antrag vom 20. Januar 2025 bewillige ich dem Verein für das Jahr 2025 eine Zuwendung in
Höhe von 6.000 Euro zum Betrieb der offenen Werkstatt.

Der Betrag wird in zwei gleichen Raten ausgezahlt, die erste bis Ende April, die zweite im September
2025.

Nebenbestimmungen:

1. Die Werkstatt ist in mindestens 40 Wochen des Jahres an wenigstens zwei Tagen geöffnet.

2. Auf Plakaten und im Internet ist auf die Förderung hinzuweisen.

3. Der Verwendungsnachweis ist bis zum 31. März 2026 mit Belegliste vorzulegen.

4. Nicht verbrauchte Mittel sind unaufgefordert zu erstatten.

Gegen diesen Bescheid kann innerhalb eines Monats nach Bekanntgabe Widerspruch erhoben werden.

Mit freundlichen Grüßen \\
im Auftrag \\
Sieglinde Wolters
"""

_WORKSHOP_LEASE = """
# Mietvertrag über Gewerberäume

zwischen der Wohnbau Auenfeld eG (Vermieterin) und der Radwerkstatt Lindenhof e. V. (Mieter)

## § 1 Mietsache

Vermietet werden die Räume im Erdgeschoss des Hauses Gerberstraße 14, bestehend aus Werkstatt,
Lager und WC, zusammen 180 Quadratmeter, nebst vier Stellplätzen im Hof.

## § 2 Mietzeit

Das Mietverhältnis beginnt am 1. Mai 2023 und läuft auf unbestimmte Zeit. Es kann von beiden Seiten
mit einer Frist von sechs Monaten zum Ende eines Kalendervierteljahres gekündigt werden. Die
Kündigung bedarf der Schriftform.

## § 3 Miete

| Bestandteil | Monatlich |
| Grundmiete | 640,00 € |
| Vorauszahlung auf Betriebs- und Heizkosten | 145,00 € |
| Zusammen | 785,00 € |

Die Miete ist bis zum dritten Werktag eines Monats zu zahlen. Eine Erhöhung der Grundmiete ist
frühestens nach drei Jahren möglich.

## § 4 Sicherheit

Der Mieter leistet eine Kaution von 1.920 Euro. Sie wird verzinslich angelegt.

## § 5 Nutzung

Die Räume dienen dem Betrieb einer Selbsthilfewerkstatt für Fahrräder. Lackieren mit Spritzpistolen
ist nur mit einer Absauganlage erlaubt. Zwischen 21 und 7 Uhr sind laute Arbeiten zu unterlassen.

## § 6 Instandhaltung

Schäden an Heizung, Dach und Leitungen behebt die Vermieterin. Kleine Reparaturen bis 120 Euro im
Einzelfall trägt der Mieter.

Auenfeld, den 3. April 2023
"""

_INSURANCE = """
# Versicherungsschein BH-2209-7714

Auentaler Versicherung · Vereine und Ehrenamt

Versicherungsnehmer: Radwerkstatt Lindenhof e. V., Gerberstraße 14, Auenfeld \\
Beginn: 1. Januar 2025, 0 Uhr · Ablauf: 1. Januar 2026, 0 Uhr, mit stillschweigender Verlängerung

## Umfang

| Baustein | Versicherungssumme | Selbstbehalt je Schaden | Jahresbeitrag |
| Vereinshaftpflicht | 5.000.000 € | 250 € | 642,00 € |
| Inhalt der Werkstatt | 40.000 € | 150 € | 386,00 € |
| Elektronik | 6.000 € | 100 € | 156,00 € |
| Gesamt | | | 1.184,00 € |

## Besondere Vereinbarungen

Mitversichert sind Schäden, die Helferinnen und Helfer bei der Anleitung an fremden Fahrrädern
verursachen, bis 3.000 Euro je Rad. Nicht versichert sind Schäden an Fahrrädern mit Motor von mehr
als 250 Watt.

Diebstahl aus der Werkstatt ist nur versichert, wenn die Tür verschlossen war und Spuren eines
Einbruchs zu sehen sind. Bei Fahrten ins Ausland gilt die Haftpflicht weltweit für höchstens
sechs Wochen.

Schäden melden Sie bitte innerhalb einer Woche unter Angabe der Nummer des Versicherungsscheins.
Gekündigt werden kann mit einer Frist von drei Monaten zum Ablauf.
"""

_THANKS = """
# Dank für Ihre Spende

Radwerkstatt Lindenhof e. V., Gerberstraße 14, Auenfeld

Papierfabrik Hollnagel GmbH & Co. KG \\
z. Hd. Frau Mechthild Hollnagel

Auenfeld, 15. September 2025

Sehr geehrte Frau Hollnagel,

im Namen des ganzen Vereins danke ich Ihnen herzlich für Ihre Spende von 1.500 Euro und für die
beiden Fahrradständer, die seit letzter Woche im Hof stehen und schon am ersten Tag voll waren.

Das Geld verwenden wir, wie besprochen, für Fahrräder, die wir an Auszubildende weitergeben. Neun
Räder stehen dafür bereit; es fehlen vor allem Schlösser, Lichter und kindersichere Anhänger.

| Wofür | Stückzahl | Geplant |
| Bügelschlösser | 9 | 405 € |
| Lichtanlagen | 9 | 540 € |
| Reifen und Schläuche | 18 | 555 € |

Eine Zuwendungsbestätigung liegt bei. Wir würden uns freuen, wenn Sie am 8. Dezember zur Übergabe
der Räder kommen.

Mit herzlichen Grüßen \\
Johanna Petersen, Kasse
"""

_ACCOUNTS = """
# Jahresabschluss 2024

## Ergebnis

| Posten | Einnahmen 2024 | Ausgaben 2024 |
| Mitgliedsbeiträge | 7.320,00 € | |
| Spenden | 3.905,00 € | |
| Zuschuss der Stadt | 5.500,00 € | |
| Erlöse aus Reparaturen | 8.744,50 € | |
| Kurse | 1.980,00 € | 1.204,30 € |
| Miete und Nebenkosten | | 9.420,00 € |
| Lohn Werkstattleitung | | 12.000,00 € |
| Werkzeug und Maschinen | | 2.318,75 € |
| Versicherungen | | 1.142,00 € |
| Verwaltung | | 548,15 € |
| Summe | 27.449,50 € | 26.633,20 € |

## Bestand

| Konto | 01.01.2024 | 31.12.2024 |
| Girokonto | 4.820,38 € | 5.516,28 € |
| Barkasse | 194,50 € | 314,90 € |
| Tagesgeld (Rücklage) | 1.200,00 € | 1.200,00 € |
| Summe | 6.214,88 € | 7.031,18 € |
"""

FILES = (
    FolderFile("Verein/Finanzen/Haushaltsplan 2025.xlsx", _BUDGET, date="2025-02-11"),
    FolderFile("Verein/Finanzen/Kassenbuch 2025 Quartal 2.csv", _CASH_BOOK, date="2025-07-01"),
    FolderFile(
        "Verein/Finanzen/Rechnung Zahnkranz 2025-0417.pdf",
        _INVOICE,
        date="2025-04-17",
        running="Zahnkranz Großhandel GmbH",
    ),
    FolderFile(
        "Verein/Finanzen/Zuwendungsbescheid Stadt.pdf",
        _GRANT_NOTICE,
        date="2025-04-16",
        is_scanned=True,
    ),
    FolderFile("Verein/Finanzen/Mietvertrag Werkstatt.docx", _WORKSHOP_LEASE, date="2023-04-03"),
    FolderFile(
        "Verein/Finanzen/Versicherungsschein.pdf",
        _INSURANCE,
        date="2024-12-04",
        running="Auentaler Versicherung",
    ),
    FolderFile("Verein/Finanzen/Dank Hollnagel.rtf", _THANKS, date="2025-09-15"),
    FolderFile("Verein/Finanzen/Jahresabschluss 2024.ods", _ACCOUNTS, date="2025-02-27"),
)
