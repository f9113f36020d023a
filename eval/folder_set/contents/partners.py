"""Agreements of the exchange with Bristol, and what was presented (English)."""

from __future__ import annotations

from eval.folder_set.parts import FolderFile

_GRANT = """
# Grant agreement MYF-2025-0342

between the Meridian Youth Fund ("the Fund") and Harbour Wheels CIC, Bristol ("the lead partner"),
for the project "Spokes Together"

## 1 Purpose

The Fund supports an exchange between two community bicycle workshops. The lead partner carries it
out together with Radwerkstatt Lindenhof e. V. in Auenfeld, Germany ("the second partner").

## 2 Term

The project runs from 1 March 2025 to 31 August 2026. Costs outside this period are not eligible.

## 3 Amount and payment

| Instalment | Lead partner | Second partner | Due |
| First | €6,100 | €5,400 | April 2025 |
| Second | €3,800 | €3,300 | after approval of the interim report |
| Total | €9,900 | €8,700 | |

The grant covers up to 85 per cent of eligible costs; the rest is met by the partners' own work,
valued at €14 an hour.

## 4 Reports

An interim report is due on 31 January 2026. The final report, with accounts and at least ten
photographs, must reach the Fund by 30 September 2026. Late reports may lead to a reduction of the
second instalment by five per cent for every week begun.

## 5 Records

Receipts are kept for seven years. Each partner keeps a list of hours signed by the people who
worked them. The Fund may inspect the records after giving ten working days' notice.

## 6 Safeguarding

Young people under 18 travel only with the written consent of a parent or guardian. There is at
least one adult leader for every six participants.

## 7 Changes

Up to 15 per cent of a budget line may be moved to another line without asking. Anything beyond
needs the Fund's agreement in writing.

Signed on 3 February 2025
"""

_PARTNERSHIP = """
# Partnership agreement

Harbour Wheels CIC, Old Ropeworks, Meadow Lane, Bristol, and Radwerkstatt Lindenhof e. V.,
Gerberstraße 14, Auenfeld

## Roles

Harbour Wheels leads the project, reports to the Fund and keeps the joint accounts. Radwerkstatt
Lindenhof hosts the visit to Auenfeld and translates the handouts into German.

| Task | Harbour Wheels | Radwerkstatt Lindenhof |
| Contact | Dafydd Rees | Johanna Petersen |
| Deputy | Imogen Pryce | Ruben Haas |
| Safeguarding | Imogen Pryce | Aylin Korkmaz |

## Decisions

The partners meet online at least once a quarter. Decisions are made jointly; where no agreement can
be reached within two weeks, the Fund's officer is asked to mediate.

## Insurance

Each partner insures its own volunteers and equipment. Visitors bring their own health cover.

## What we make together

Handouts, drawings and texts are published under the licence CC BY 4.0 and name both partners.
Photographs are shown only with the consent of the people in them.

## Ending early

Either partner may leave with three months' notice. Money not yet spent goes back to the lead
partner within 30 days.

Bristol and Auenfeld, 19 February 2025
"""

_KICKOFF = """
# Spokes Together: kick-off

Online meeting, 11 March 2025 \\
Presented by Dafydd Rees

## Why we do this

- Two workshops that face the same questions: volunteers, space, money
- Young people who have never travelled without their family
- Skills that can be passed on in a second language

## What we want to reach

- 120 young people aged 14 to 25 take part in a workshop day
- 16 volunteers are trained as trainers
- A bilingual set of eight handouts

Notes: The Fund counts a person once, even if they come to both towns.

## Timetable

| When | What | Where |
| June 2025 | First visit, with a public repair day | Bristol |
| October 2025 | Second visit, with a school project | Auenfeld |
| January 2026 | Interim report | online |
| May 2026 | Trainers' weekend | Bristol |

## Risks

- Passports take up to ten weeks
- Both workshops close for repairs in August
- Exchange rate: budget is in euros, half the costs are in pounds

Notes: Imogen suggests to change pounds in two steps, in May and in September.
"""

_VISIT_REPORT = """
# The Bristol visit, 9 to 15 June 2025

Report for the partners \\
Dafydd Rees, 24 June 2025

## Who came

- Eight guests from Auenfeld, aged 17 to 46
- Nine volunteers of Harbour Wheels as hosts
- A film student, Priya Nair, who made the short video

## The repair day

| Figure | 12 June, Eastfield Community Hall |
| Visitors | 84 |
| Bicycles repaired | 57 |
| Sent home with advice only | 19 |
| Volunteers on duty | 17 |

Notes: Rain until eleven, then a queue to the corner. Next time put two people at the door.

## What went well

- Mixed pairs of one local and one guest at every stand
- Picture cards for tools, so that nobody had to know the word
- Lunch by the Somali women's kitchen

## What we change

- Start at ten, not at nine
- Bring spare inner tubes in 20 inch: we ran out by noon
- Agree beforehand who takes photographs
"""

FILES = (
    FolderFile(
        "Austausch/Verträge/grant-agreement.pdf",
        _GRANT,
        language="en",
        date="2025-02-03",
        running="Meridian Youth Fund · MYF-2025-0342",
    ),
    FolderFile(
        "Austausch/Verträge/partnership-agreement.docx",
        _PARTNERSHIP,
        language="en",
        date="2025-02-19",
    ),
    FolderFile("Austausch/kick-off.pptx", _KICKOFF, language="en", date="2025-03-10"),
    FolderFile(
        "Austausch/Bristol visit report.pptx", _VISIT_REPORT, language="en", date="2025-06-24"
    ),
)
