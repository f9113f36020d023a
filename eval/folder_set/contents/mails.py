"""Single mails (German, English)."""

from __future__ import annotations

from eval.folder_set.contents.mailboxes import mail
from eval.folder_set.parts import FolderFile

_DONATION = """
From: Mechthild Hollnagel <m.hollnagel@hollnagel-papier.example>
To: Johanna Petersen <johanna.petersen@radwerkstatt-lindenhof.example>
Date: Wed, 27 Aug 2025 11:03:00 +0200
Subject: Unsere Spende für Ihre Werkstatt
Message-ID: <d1@hollnagel-papier.example>

Sehr geehrte Frau Petersen,

beim Rundgang durch Ihre Werkstatt hat mich vor allem der Stapel der wartenden Spendenräder
beeindruckt. Unsere Firma wird in diesem Jahr 110 Jahre alt, und statt Geschenken für Kunden möchten
wir 1.500 Euro dorthin geben, wo sie gebraucht werden. Unser Betriebsleiter Armin Tegtmeier hat
außerdem zwei Fahrradständer übrig, die er Ihnen in der ersten Septemberwoche bringt.

Eine Bitte: Nennen Sie uns nicht auf einem Schild an der Hauswand. Ein Satz im Rundbrief genügt.

Mit freundlichen Grüßen
Mechthild Hollnagel
"""

_HOSTEL = """
From: Severn Lodge Hostel <bookings@severnlodge.example>
To: Dafydd Rees <dafydd@harbourwheels.example>
Cc: Johanna Petersen <johanna.petersen@radwerkstatt-lindenhof.example>
Date: Thu, 17 Apr 2025 15:26:00 +0100
Subject: Your group booking is confirmed
Message-ID: <s1@severnlodge.example>

<html>
Dear Dafydd, thank you for choosing Severn Lodge. Please check the details and bring this message
with you.

| Detail | Your booking |
| Reference | SLH-40917 |
| Arrival | Monday 9 June 2025, from 15:00 |
| Departure | Sunday 15 June 2025, by 10:30 |
| Beds | 8, in two rooms of four |
| Price | £24 per person and night |
| Total | £1,152 |

Bed linen is included, towels are not: you can hire them for £2. There is room for ten bicycles in
the cellar; ask at the desk for the code. Quiet hours begin at eleven.

You may cancel free of charge until 19 May. After that we charge the first night.
"""

_SERVICE_CHARGES = """
From: Brinkmann Immobilien <verwaltung@brinkmann-immobilien.example>
To: Johanna Petersen <johanna@petersen-auenfeld.example>
Date: Tue, 09 Sep 2025 14:30:00 +0200
Subject: Nebenkostenabrechnung 2024, Lessingstraße 8
Message-ID: <n1@brinkmann-immobilien.example>

Sehr geehrte Frau Petersen,

im Auftrag der Familie Dr. Engel übersenden wir Ihnen die Abrechnung der Nebenkosten für das Jahr
2024. Nach Abzug Ihrer Vorauszahlungen ergibt sich eine Nachzahlung, die Sie der Anlage entnehmen.
Bitte überweisen Sie den Betrag bis zum 10. Oktober 2025.

Die Belege können Sie nach Anmeldung in unserem Büro einsehen, montags und donnerstags von 14 bis
17 Uhr. Die Vorauszahlung bleibt vorerst unverändert.

Mit freundlichen Grüßen
Ute Brinkmann

--\x20
Brinkmann Immobilien, Poststraße 3, Auenfeld
"""

_CHARGES_SHEET = """
# Nebenkosten 2024, Lessingstraße 8, 3. Obergeschoss

## Abrechnung

| Kostenart | Gesamtkosten Haus | Schlüssel | Ihr Anteil |
| Heizung und Warmwasser | 8.960,00 € | Verbrauch | 1.142,40 € |
| Wasser und Abwasser | 3.115,00 € | Personen | 389,38 € |
| Müllabfuhr | 1.244,00 € | Personen | 155,50 € |
| Grundsteuer | 1.530,00 € | Wohnfläche | 208,08 € |
| Gebäudeversicherung | 1.075,00 € | Wohnfläche | 146,20 € |
| Hausstrom, Treppenhaus | 862,00 € | Wohnfläche | 118,19 € |
| Summe | 16.786,00 € | | 2.159,75 € |
| Ihre Vorauszahlungen | | | 2.016,00 € |
| Nachzahlung | | | 143,75 € |
"""

_PARENTS = """
From: Grundschule am Mühlbach <sekretariat@gs-muehlbach.example>
To: Eltern der Klasse 4b <eltern-4b@gs-muehlbach.example>
Date: Tue, 04 Nov 2025 07:55:00 +0100
Subject: Elternabend der Klasse 4b
Message-ID: <e1@gs-muehlbach.example>

Liebe Eltern,

unser Elternabend findet am Dienstag, dem 18. November 2025, um 19:30 Uhr in Raum 204 statt. Bitte
benutzen Sie den Eingang am Sportplatz, vorne wird gebaut.

Themen sind der Übergang auf die weiterführenden Schulen, die Fahrradprüfung im April und der
Adventsbasar. Für den Basar suchen wir noch jemanden, der die Kasse macht.

Die Anmeldung zum Beratungsgespräch geben Sie Ihrem Kind bitte bis zum 14. November mit.

Herzliche Grüße
Sevda Öztürk, Klassenlehrerin
"""

_LAPTOP = """
From: Priscilla Okoye <people@northgate.example>
To: Johanna Petersen <johanna.petersen@northgate.example>
Date: Thu, 02 Oct 2025 10:44:00 +0100
Subject: Your new laptop and the October timesheet
Message-ID: <p1@northgate.example>

Hi Johanna,

your new laptop left Leeds this morning and should be with you on Tuesday. It asks for a password
when you first open it; that is in the sealed letter, not in this mail. Please send the old machine
back in the same box by 24 October. The courier is paid for, just stick the label on.

Timesheets for October close one day early, on the 30th, because payroll moves to a new system.

One more thing: the Leeds office is shut for rewiring from 17 to 21 November. If you meant to come
over then, talk to Graham about another week.

All the best,
Priscilla
"""

FILES = (
    mail("Post/2025-08-27 Spende.eml", _DONATION),
    mail("Post/2025-04-17 Severn Lodge.eml", _HOSTEL, language="en"),
    mail(
        "Post/2025-09-09 Nebenkosten.eml",
        _SERVICE_CHARGES,
        FolderFile("Nebenkosten 2024.xlsx", _CHARGES_SHEET, date="2025-09-08"),
    ),
    mail("Post/2025-11-04 Elternabend.eml", _PARENTS),
    mail("Post/2025-10-02 Northgate.eml", _LAPTOP, language="en"),
)
