"""The treasurer's other private papers: tax, health, school, kitchen (German)."""

from __future__ import annotations

from eval.folder_set.parts import FolderFile

_TAX = """
# Bescheid für 2024 über Einkommensteuer

Finanzamt Auenfeld · Steuernummer 044/815/20417 · 3. Juni 2025

Frau Johanna Petersen, Lessingstraße 8, Auenfeld

## Festsetzung

| | Einkommensteuer |
| Festgesetzt werden | 4.386,00 € |
| Ab Steuerabzug vom Lohn | 4.798,18 € |
| Verbleibende Steuer | -412,18 € |
| Erstattung | 412,18 € |

Der Betrag wird Ihrem Konto in den nächsten Tagen gutgeschrieben.

## Besteuerungsgrundlagen

| Posten | Betrag |
| Bruttoarbeitslohn | 37.800 € |
| ab Werbungskosten | 1.746 € |
| Einkünfte | 36.054 € |
| ab Vorsorgeaufwendungen | 5.812 € |
| ab Spenden | 240 € |
| Zu versteuerndes Einkommen | 30.002 € |

## Erläuterungen

Die Aufwendungen für das Arbeitszimmer wurden nicht anerkannt, weil der Raum auch als Gästezimmer
genutzt wird. Stattdessen wurde die Tagespauschale für 168 Tage berücksichtigt. Die Kosten der
Klassenfahrt sind keine außergewöhnliche Belastung.

## Rechtsbehelf

Gegen diesen Bescheid können Sie innerhalb eines Monats nach Bekanntgabe Einspruch einlegen. Bitte
bewahren Sie die Belege bis zum Ablauf dieser Frist auf.
"""

_DENTIST = """
# Heil- und Kostenplan

Zahnarztpraxis Dr. Mareike Wessels, Marktplatz 5, Auenfeld

Patientin: Johanna Petersen · Plan vom 6. Oktober 2025 · gültig bis 6. April 2026

## Befund und Planung

Zahn 26 ist nach der Wurzelbehandlung vom Juli nicht mehr mit einer Füllung zu erhalten. Geplant ist
eine verblendete Krone aus Keramik auf Metall, in zwei Sitzungen mit drei Wochen Abstand. Bis dahin
wird der Zahn mit einer provisorischen Krone versorgt.

## Kosten

| Posten | Betrag |
| Zahnärztliches Honorar | 512,60 € |
| Material und Labor | 573,80 € |
| Gesamtkosten | 1.086,40 € |
| Festzuschuss der Krankenkasse | 488,20 € |
| Eigenanteil | 598,20 € |

Der Zuschuss enthält den Bonus für zehn Jahre lückenlose Vorsorge.

## Hinweise

- Mit der Behandlung darf erst begonnen werden, wenn die Kasse den Plan genehmigt hat.
- Auf die Krone geben wir drei Jahre Gewähr, wenn Sie zweimal im Jahr zur Kontrolle kommen.
- Der Eigenanteil kann in sechs Raten bezahlt werden.
"""

_SCHOOL_TRIP = """
# Klassenfahrt der Klasse 3b

Grundschule am Mühlbach, Auenfeld, 12. Februar 2025

Liebe Eltern,

vom 12. bis 14. Mai 2025 fährt die Klasse 3b in das Schullandheim Wiesenthal. Begleitet wird sie von
Frau Öztürk und dem Referendar Herrn Dahlke.

## Kosten

| Wofür | Betrag |
| Unterkunft und Verpflegung | 86 € |
| Bus | 31 € |
| Waldführung und Töpfern | 21 € |
| Zusammen | 138 € |

Bitte überweisen Sie den Betrag bis zum 28. März. Wer Unterstützung braucht, wendet sich an den
Förderverein; niemand bleibt aus Geldgründen zu Hause.

## Mitzubringen

- Gummistiefel und Regenjacke
- Bettwäsche (kein Schlafsack)
- Taschenlampe
- höchstens zehn Euro Taschengeld
- keine Telefone

## Gesundheit

Kinder mit Allergien geben bitte den gelben Zettel ab. Mika Petersen und Alma Rehm nehmen ihr
Asthmaspray im Handgepäck mit.

Abfahrt ist am Montag um 8:15 Uhr am Parkplatz der Turnhalle, Rückkehr am Mittwoch gegen 14:30 Uhr.
"""

_COOKBOOK = """
# Oma Gretes Küche

## Vorwort

Diese Rezepte hat unsere Großmutter Grete Petersen zwischen 1958 und 1994 in ein Schulheft
geschrieben. Wo sie „nach Gefühl“ schrieb, haben wir nachgemessen.

## Kartoffelsuppe mit Majoran

1. Ein Kilogramm mehligkochende Kartoffeln schälen und würfeln.
2. Zwei Stangen Lauch in Butter anschwitzen, die Kartoffeln dazugeben.
3. Mit anderthalb Litern Brühe 25 Minuten kochen und grob stampfen.
4. Mit Majoran und einem Löffel Senf abschmecken.

Oma stellte den Topf danach zehn Minuten unter die Bettdecke, „damit sie sich setzt“.

## Apfelkuchen vom Blech

| Zutat | Menge |
| Mehl | 500 g |
| Butter | 200 g |
| Zucker | 150 g |
| Hefe | 1 Würfel |
| Boskop-Äpfel | 2 kg |

Den Teig eine Stunde gehen lassen, die Äpfel dicht wie Dachziegel legen und bei 180 Grad 40 Minuten
backen. Streusel nur an Geburtstagen.

## Rote Grütze

Je 300 Gramm Johannisbeeren, Himbeeren und Sauerkirschen mit einem halben Liter Kirschsaft
aufkochen, mit 60 Gramm Sago binden. Dazu kalte Vanillesoße; Sahne fand Oma übertrieben.
"""

FILES = (
    FolderFile(
        "Privat/Behörden/Steuerbescheid 2024.pdf",
        _TAX,
        date="2025-06-03",
        running="Finanzamt Auenfeld",
    ),
    FolderFile("Privat/Gesundheit/Heil- und Kostenplan.odt", _DENTIST, date="2025-10-06"),
    FolderFile("Privat/Schule/Klassenfahrt 3b.docx", _SCHOOL_TRIP, date="2025-02-12"),
    FolderFile("Privat/Oma Gretes Küche.epub", _COOKBOOK, date="2019-12-01"),
)
