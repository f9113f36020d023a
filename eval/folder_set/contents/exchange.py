"""Running the exchange with Bristol: minutes, budget, lists, programme (English)."""

from __future__ import annotations

from eval.folder_set.parts import FolderFile

_MINUTES = """
# Minutes: online meeting of 2 July 2025

Present: Dafydd Rees, Imogen Pryce (Harbour Wheels); Johanna Petersen, Ruben Haas (Lindenhof)

## Looking back at June

Everybody was happy with the hostel and the mixed pairs. The ferry idea for next time was dropped:
it would add a night and cost about the same. Two guests lost their luggage for a day in Brussels.

## October visit

Ten people will come from Bristol. The school project takes place on Tuesday and Wednesday at the
Grundschule am Mühlbach. Ruben books the youth hostel. Imogen asks for at least one evening without
a programme.

## Handouts

Five of the eight handouts are drafted. The one about wheel building is too long; Johanna cuts it to
two pages. Drawings come from a student in Bristol and will cost £180.

## Actions

| Action | Who | By |
| Take over the project blog from Priya Nair | Carla Sievers | 15 July |
| Send out the participants' survey | Dafydd Rees | 20 July |
| Book the youth hostel in Auenfeld | Ruben Haas | 31 July |
| Find an interpreter for the workshop days | Johanna Petersen | 31 August |
| Outline of the interim report | Imogen Pryce | 30 November |

Next meeting: 3 September 2025, 18:00 in Bristol, 19:00 in Auenfeld
"""

_BUDGET = """
# Spokes Together: budget

## Budget

| Line | Harbour Wheels | Lindenhof | Total |
| Travel | €3,300.00 | €3,100.00 | €6,400.00 |
| Accommodation | €2,100.00 | €1,800.00 | €3,900.00 |
| Tools and materials | €1,450.00 | €1,300.00 | €2,750.00 |
| Interpreting | €500.00 | €750.00 | €1,250.00 |
| Food | €1,200.00 | €1,100.00 | €2,300.00 |
| Publicity and blog | €500.00 | €400.00 | €900.00 |
| Administration | €850.00 | €250.00 | €1,100.00 |
| Total | €9,900.00 | €8,700.00 | €18,600.00 |

## Spent by June 2025

| Line | Harbour Wheels | Lindenhof |
| Travel | €214.00 | €1,936.00 |
| Accommodation | €1,359.36 | €0.00 |
| Tools and materials | €402.50 | €98.40 |
| Food | €611.20 | €0.00 |
| Publicity and blog | €260.00 | €0.00 |
"""

_PARTICIPANTS = """
# Participants

## June, to Bristol

| Name | Age | Food | T-shirt | Passport number seen |
| Johanna Petersen | 41 | everything | M | yes |
| Ruben Haas | 46 | everything | L | yes |
| Leon Brückner | 22 | vegetarian | L | yes |
| Carla Sievers | 19 | vegan | S | yes |
| Yusuf Demir | 34 | no pork | XL | yes |
| Emilia Thoms | 17 | lactose intolerant | S | yes |
| Finn Gerlach | 18 | everything | M | yes |
| Sanne Ohlsen | 20 | nut allergy, carries an injector | M | yes |

## October, to Auenfeld

| Name | Age | Food | T-shirt | Room |
| Imogen Pryce | 52 | vegetarian | M | 11 |
| Dafydd Rees | 38 | everything | L | 12 |
| Hamza Yusuf | 16 | halal | M | 14 |
| Keira Boyle | 17 | gluten free | S | 15 |
| Tom Ashdown | 18 | everything | L | 14 |
| Blessing Adeyemi | 21 | everything | M | 15 |
| Jonah Pike | 19 | vegan | XL | 14 |
| Rosa Fenn | 23 | vegetarian | M | 16 |
| Callum Teague | 17 | everything | S | 14 |
| Mina Farah | 20 | halal | S | 16 |
"""

_PROGRAMME = """
# Spokes Together: programme of the visit to Auenfeld

6 to 12 October 2025

Welcome to Auenfeld! You live in the youth hostel Talblick, fifteen minutes on foot from the
workshop. Breakfast is from seven to nine; please leave the kitchen as you found it.

| Day | Morning | Afternoon | Evening |
| Monday 6 | travel | travel | soup at the workshop |
| Tuesday 7 | school project | school project | free |
| Wednesday 8 | school project | tour of the old town | games at the hostel |
| Thursday 9 | workshop: brakes | open workshop | open workshop |
| Friday 10 | workshop: wheels | swimming | choir rehearsal, if you like |
| Saturday 11 | ride to the Auesee, 34 km | picnic, ride back | farewell party |
| Sunday 12 | travel | | |

Things to bring: slippers for the hostel, a rain jacket, a helmet if you have one that fits. We have
locks, lights and bicycles for everybody.

Money: meals on Saturday evening are paid by the project. On Thursday you eat when you are hungry;
there is a bakery across the street that takes cash only.

In an emergency call Johanna first, then Ruben. The numbers are on the card in your welcome bag. The
doctor's surgery in Bahnhofstraße sees visitors without an appointment until eleven.
"""

_SURVEY = """
{"date": "2025-07-22", "from": "Bristol", "rating": 5, "comment": "Best week of my year."}
{"date": "2025-07-22", "from": "Auenfeld", "rating": 4, "comment": "More time in the city, please."}
{"date": "2025-07-23", "from": "Auenfeld", "rating": 5, "comment": "I can true a wheel now!"}
{"date": "2025-07-25", "from": "Bristol", "rating": 3, "comment": "Mornings started too early."}
{"date": "2025-07-26", "from": "Bristol", "rating": 5, "comment": "The picture cards were clever."}
{"date": "2025-07-28", "from": "Auenfeld", "rating": 4, "comment": "Hostel beds squeak."}
{"date": "2025-08-02", "from": "Bristol", "rating": 4, "comment": "We need more 20 inch tubes."}
{"date": "2025-08-09", "from": "Auenfeld", "rating": 5, "comment": "Lunch by the women's kitchen."}
"""

_PACKING = """
Packing list for the Bristol trip
(written by Carla, checked by Ruben)

Everybody
  passport, not the identity card: since 2021 that is not enough
  health insurance card and a printed copy of the travel insurance
  rain jacket, it will rain
  adapter for British sockets; we only have four to lend
  work clothes that may get black

Leaders
  consent forms for Emilia (she is 17)
  first aid kit, the red one, not the one from the workshop
  list of allergies
  240 euros changed into pounds, in an envelope in Johanna's bag

Group luggage (one suitcase, Yusuf carries it)
  twelve warning vests
  the folding truing stand
  a box of gingerbread for the hosts, although it is June
  two sets of picture cards

Please leave at home: hair dryers, more than one pair of heavy shoes, anything you would miss.
Meeting point: station Auenfeld, platform 1, Monday 9 June at 6:10. The train does not wait.
"""

FILES = (
    FolderFile("Austausch/Minutes 2025-07-02.odt", _MINUTES, language="en", date="2025-07-03"),
    FolderFile("Austausch/project-budget.xlsx", _BUDGET, language="en", date="2025-07-08"),
    FolderFile("Austausch/participants.ods", _PARTICIPANTS, language="en", date="2025-09-22"),
    FolderFile("Austausch/Programme October.rtf", _PROGRAMME, language="en", date="2025-09-26"),
    FolderFile("Austausch/survey.jsonl", _SURVEY, language="en", date="2025-08-10"),
    FolderFile("Austausch/packing-list.txt", _PACKING, language="en", date="2025-05-30"),
)
