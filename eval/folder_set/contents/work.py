"""The treasurer's job at an English company (English)."""

from __future__ import annotations

from eval.folder_set.parts import FolderFile

_CONTRACT = """
# Contract of employment

Northgate Manuals Ltd, 4 Kirkgate Yard, Leeds, and Johanna Petersen, Auenfeld

## 1 Post

You are employed as a technical writer from 1 September 2023. You report to the head of
documentation, Graham Tunnicliffe.

## 2 Place of work

You work from your home in Auenfeld. You come to the Leeds office up to four times a year; travel
and lodging are paid by the company.

## 3 Hours and pay

| Item | Agreed |
| Weekly hours | 28 |
| Monthly salary before tax | €3,150 |
| Core time | 9:30 to 13:00, Monday to Thursday |
| Review of pay | every January |

## 4 Holidays

You are entitled to 27 days of paid holiday a year, besides the public holidays at your place of
work. Up to five days may be carried over until the end of March.

## 5 Sickness

Please tell your manager before ten in the morning. A doctor's note is needed from the third day.

## 6 Probation and notice

The first six months are probationary, with two weeks' notice on either side. After that, notice is
eight weeks to the end of a month.

## 7 Equipment

The company lends you a laptop, a screen and a chair. They stay its property and are insured by it.

## 8 Confidentiality

Drafts of manuals for machines that are not yet on sale may not be shown to anybody outside the
company, nor put into any online service that has not been approved.
"""

_RECEIPT = """
# The Aire View Hotel

12 Canal Wharf, Leeds

Guest: Ms J. Petersen, Northgate Manuals Ltd \\
Room 317, arrival 16 September 2025, departure 18 September 2025 \\
Invoice no. 88214

| Item | Quantity | Each | Amount |
| Single room, one night | 2 | £89.50 | £179.00 |
| Breakfast | 2 | £11.00 | £22.00 |
| Bicycle hire | 1 | £14.00 | £14.00 |
| Total | | | £215.00 |

Paid by card on 18 September 2025.

Prices include VAT at 20 per cent. Thank you for staying with us. Guests who come back within six
months get ten per cent off the room.
"""

_ONBOARDING = """
---
title: Notes from my first weeks at Northgate
date: 2023-10-06
author: Johanna Petersen
language: en
---

# Notes from my first weeks

## How a manual comes about

1. Kick-off with the engineers, always on a Wednesday.
2. I write the draft in **Quillstore**, one topic a file.
3. Bettany Crowe reads it for style, the engineer for facts.
4. The nightly build makes the PDF; whoever broke it brings biscuits.

## Who knows what

| Subject | Ask |
| --- | --- |
| Drawings | Tariq Hussain |
| Translation memory | Bettany Crowe |
| Warning symbols | Graham Tunnicliffe |
| Expenses | Priscilla Okoye |

## Things nobody tells you

- The glossary is frozen in the last week of each quarter.
- Torque values are written in newton metres, *never* in foot-pounds.
- The Osprey compressor has two serial number plates; the one under the lid counts.
- Meetings on Friday are forbidden. Nobody remembers why.
"""

_TIMESHEET = """
{
  "employee": "Johanna Petersen",
  "month": "2025-08",
  "approved_by": "Graham Tunnicliffe",
  "projects": [
    {"code": "KST-12", "name": "Kestrel pump manual", "hours": 46.5, "billable": true},
    {"code": "OSP-07", "name": "Osprey compressor, edition 2", "hours": 38.0, "billable": true},
    {"code": "LIN-03", "name": "Linnet valve, quick guide", "hours": 9.25, "billable": true},
    {"code": "INT-01", "name": "Style guide working group", "hours": 6.0, "billable": false},
    {"code": "INT-02", "name": "Training", "hours": 4.25, "billable": false}
  ],
  "absent": [
    {"from": "2025-08-11", "to": "2025-08-15", "reason": "holiday"}
  ],
  "remark": "Kestrel hours include the extra review round that the client asked for."
}
"""

_STYLE = """
# Northgate house style: sentences and numbers

Last reviewed by Bettany Crowe, May 2025

## Sentences

A sentence in a procedure has at most 20 words, a sentence in a description at most 25. One
instruction is one sentence. Put the condition first: "If the lamp is red, close the valve."

## Words

| Write | Do not write |
| make sure | ensure |
| start | initiate, commence |
| remove | take off, dismount |
| about | approximately |

## Numbers and units

Write numbers below ten as words, except with units. A space stands between number and unit. Ranges
have an en dash and no spaces: 5–8 bar. Temperatures are in degrees Celsius only.

## Warnings

A warning says what can happen before it says what to do. Never put more than three warnings on a
page; if there are more, the procedure is wrong.

## Exceptions

The client's own word wins over ours where it is printed on the machine.
"""

FILES = (
    FolderFile(
        "Privat/Arbeit/employment-contract.docx", _CONTRACT, language="en", date="2023-07-17"
    ),
    FolderFile("Privat/Arbeit/hotel-leeds.png", _RECEIPT, language="en", date="2025-09-18"),
    FolderFile("Privat/Arbeit/first-weeks.md", _ONBOARDING, language="en", date="2023-10-06"),
    FolderFile(
        "Privat/Arbeit/timesheet-2025-08.json", _TIMESHEET, language="en", date="2025-08-29"
    ),
    FolderFile(
        "Privat/Arbeit/house-style.mhtml",
        _STYLE,
        language="en",
        date="2025-05-21",
        running="Handbook · House style · Templates · People",
    ),
)
