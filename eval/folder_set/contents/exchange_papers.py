"""What is read about the exchange: newsletter, guide, magazine, archives (English, German)."""

from __future__ import annotations

from eval.folder_set.parts import FolderFile

_NEWSLETTER = """
# Harbour Wheels: summer newsletter 2025

Dear friends, what a summer! Here is what kept our hands oily.

## Guests from Auenfeld

In June eight people from our partner workshop in Germany spent a week with us. They slept at Severn
Lodge Hostel, ate their way through Stapleton Road and taught us how to patch a tube without glue.
The public repair day on 12 June at Eastfield Community Hall drew 96 visitors, among them a man with
a penny-farthing.

## New faces

Rosa Fenn joins us as an apprentice. She will look after the Tuesday sessions and the tool library,
which now lends 43 tools. Old hand Gwen Marlow retires after eleven years at the front desk.

## The van

Our van is back on the road with a new clutch. Thank you to everybody who gave to the appeal: we
reached £1,120 in nine days.

## Dates

| Date | Event |
| 6 September | Autumn jumble sale |
| 20 September | Learn to ride for adults |
| 15 November | Volunteers' supper |

Want to help? Come to the Old Ropeworks on any Thursday after six.
"""

_GUIDE = """
# Two Wheels in Bristol: a guide for our guests

## Getting about

Bristol is hilly, and the shortest way is rarely the flattest. The railway path to Bath is flat,
traffic free and 21 kilometres long. Cyclists keep left. On shared paths, ring early and slow down;
people on foot go first.

## Where to lock your bike

By day there are stands at the station, at the harbour and outside the library. Never lock a bike to
the railings of the Arnolfini terrace, they are cut open at once. Overnight bring it into the
courtyard of the Old Ropeworks in Meadow Lane; the gate is shut at half past ten and opened at six.

## Eating

The café at the Ropeworks does a bean stew for £4.50 on weekdays. For breakfast try the bakery on
Picton Street, and ask for the cardamom knots. Tap water is free everywhere.

## If something breaks

Call the workshop before six in the evening. After that, push. Most bus drivers let you on with a
folded bike, none with any other.

## Words you will need

| German | English |
| Schlauch | inner tube |
| Speiche | spoke |
| Mutter | nut |
| Schraubenschlüssel | spanner |
| Tretlager | bottom bracket |
"""

_ARTICLE = """
# Field notes from a crowded workshop

By Imogen Pryce · Commons & Cranks, issue 14, spring 2025

## The problem

Every community workshop knows the corner where bicycles go to wait. Ours held sixty of them at the
worst. People rang every week, volunteers spent half of each session looking for the right machine,
and the ones that were quick to mend stood behind the ones that were not.

## What we tried first

We began with a list. It was tidy for a month. Then somebody took the clipboard home, and the list
and the corner went different ways. A shared spreadsheet fared no better: nobody with grease on
their hands likes to type.

## The triage board

In the autumn of 2023 we hung up a board with four columns and a hook for each bicycle: five
minutes, one hour, needs parts, needs a decision. Whoever takes in a bicycle decides on the spot
where its tag goes. Twice a session somebody reads the fourth column aloud and does not sit down
before it is empty.

## What changed

Before the board, a bicycle waited for 19 days on average. Six months later it was eight. The number
of repairs hardly rose, from 88 to 93 a month; what fell was the time that a bicycle spent being
nobody's business. Complaints at the desk went down from several a week to one or two.

## What did not

Parts still take as long as they take. And the board does not help with the machines that nobody
comes back for: we now write after four weeks and give the bicycle away after ten.

## Would we do it again?

Yes, and with bigger hooks. The board costs less than forty pounds, can be read from the other end
of the room, and starts the right conversation. If you try it, leave the fourth column narrow. A
wide one fills up.
"""

_SESSION = """
---
title: Session plan, introduction to maintenance
date: 2025-05-19
language: en
---

# Session plan: introduction to maintenance

For groups of six to eight, two trainers, two hours and a half.

| Part | Minutes | Who |
| --- | --- | --- |
| Welcome, names, safety | 15 | both |
| The M-check, from wheel to wheel | 35 | trainer A |
| Punctures, everybody takes off a tyre | 45 | both |
| Tea | 10 | |
| Brakes, cable and pads | 40 | trainer B |
| Questions | 5 | both |

Hang the picture cards up *before* people come in. The M-check is told as a story: front hub, up to
the bars, down to the cranks, up to the saddle, down to the rear hub.

If the group is slow, leave out the brakes rather than the tea.
"""

_HANDOUT = """
# Handout 3: does your helmet fit?

## Three checks

1. Level: two fingers between eyebrow and rim.
2. Straps: they meet just below the ear, like a V.
3. Chin: open your mouth wide; the helmet should pull down on your head.

## When to throw it away

After any crash, even if it looks fine, and otherwise after about five years. Cut the straps so that
nobody fishes it out of the bin.

Translated by Radwerkstatt Lindenhof as "Passt dein Helm?"
"""

_KIT = """
item,pieces,box,lent to
tyre levers,24,1,
floor pump,3,2,
picture cards,2,1,Auenfeld until November
truing stand folding,1,3,
chain tool,6,1,
first aid kit,1,4,
"""

_OVERVIEW = """
Datum;Wofür;Beleg;Betrag in Pfund;Betrag in Euro
09.06.2025;Gepäckaufbewahrung Brüssel;1;;24,00
10.06.2025;Busfahrkarten, Gruppe;2;32,00;37,76
11.06.2025;Eintritt Schiffsmuseum;3;96,00;113,28
13.06.2025;Gastgeschenk, Blumen;4;18,50;21,83
14.06.2025;Abschiedsessen, Anteil der Gruppe;5;61,00;71,98
"""

_TICKETS = """
# Buchungsbestätigung Gruppenreise

Auftrag 7731-4405 · acht Personen · Auenfeld – Bristol Temple Meads und zurück

| Abschnitt | Datum | Ab | An |
| Auenfeld – Köln | 9. Juni 2025 | 06:22 | 08:15 |
| Köln – Brüssel | 9. Juni 2025 | 08:43 | 10:35 |
| Brüssel – London | 9. Juni 2025 | 11:56 | 12:57 |
| London – Bristol | 9. Juni 2025 | 14:30 | 16:10 |
| Bristol – London | 15. Juni 2025 | 09:30 | 11:14 |
| London – Brüssel | 15. Juni 2025 | 13:01 | 16:05 |
| Brüssel – Auenfeld | 15. Juni 2025 | 16:25 | 20:38 |

Preis: 1.936,00 Euro, das sind 242 Euro je Person. Umbuchungen sind bis sieben Tage vor der Abfahrt
gegen 40 Euro je Fahrkarte möglich. Die Fahrkarten gelten nur zusammen mit einem Reisepass.
"""

_REMARK = """
Johanna, hier die Belege aus Bristol. Zwei Dinge:

Die Quittung vom Abschiedsessen ist auf Dafydd ausgestellt, er hat vorgelegt und wir haben ihm die
61 Pfund bar gegeben. Er schickt noch eine Bestätigung.

Vom getauschten Geld sind 9 Pfund übrig. Ich lege sie in die Barkasse, für den Besuch im Mai.

Umgerechnet habe ich alles mit 1,18 Euro für ein Pfund, so wie beim Umtausch am 5. Juni.

Ruben
"""

FILES = (
    FolderFile(
        "Austausch/newsletter-summer-2025.html",
        _NEWSLETTER,
        language="en",
        date="2025-07-31",
        running="Home · Workshop · Tool library · News · Contact",
    ),
    FolderFile("Austausch/Bristol guide.epub", _GUIDE, language="en", date="2025-04-22"),
    FolderFile(
        "Austausch/field-notes.pdf",
        _ARTICLE,
        language="en",
        date="2025-03-20",
        columns=2,
        running="Commons & Cranks · 14",
    ),
    FolderFile(
        "Austausch/workshop-materials.zip",
        "",
        language="en",
        date="2025-05-20",
        inner=(
            FolderFile("materials/session-plan.md", _SESSION, language="en", date="2025-05-19"),
            FolderFile("materials/handout-3.docx", _HANDOUT, language="en", date="2025-05-12"),
            FolderFile("materials/kit.csv", _KIT, language="en", date="2025-05-20"),
        ),
    ),
    FolderFile(
        "Austausch/Abrechnung Bristol.zip",
        "",
        date="2025-06-29",
        inner=(
            FolderFile("Belege/Übersicht.csv", _OVERVIEW, date="2025-06-29"),
            FolderFile("Belege/Bahnfahrkarten.pdf", _TICKETS, date="2025-05-06"),
            FolderFile("Anmerkung.txt", _REMARK, date="2025-06-29"),
        ),
    ),
)
