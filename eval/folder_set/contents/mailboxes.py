"""Two mailboxes with a thread each (German, English)."""

from __future__ import annotations

from eval.folder_set.parts import FolderFile

_ARRIVAL_1 = """
From: Dafydd Rees <dafydd@harbourwheels.example>
To: Johanna Petersen <johanna.petersen@radwerkstatt-lindenhof.example>
Cc: Ruben Haas <ruben.haas@radwerkstatt-lindenhof.example>
Date: Mon, 22 Sep 2025 09:12:00 +0100
Subject: Our journey on 6 October
Message-ID: <a1@harbourwheels.example>

Hi Johanna,

the tickets came through on Friday. I attach the itinerary; we have two tight changes, the one in
Brussels is only twenty minutes. Could you tell me who meets us in Auenfeld? With ten people and all
that luggage the bus might be fun, but not for the driver.

Also: Keira is gluten free, does the hostel know?

Best,
Dafydd
"""

_ITINERARY = """
Leg,Depart,Arrive,Coach
Bristol Temple Meads - London Paddington,07:30,09:14,C
London St Pancras - Brussels Midi,11:04,14:05,8
Brussels Midi - Köln Hbf,14:25,16:15,23
Köln Hbf - Auenfeld,16:43,18:42,no reservation
"""

_ARRIVAL_2 = """
From: Johanna Petersen <johanna.petersen@radwerkstatt-lindenhof.example>
To: Dafydd Rees <dafydd@harbourwheels.example>
Cc: Ruben Haas <ruben.haas@radwerkstatt-lindenhof.example>
Date: Mon, 22 Sep 2025 20:40:00 +0200
Subject: Re: Our journey on 6 October
Message-ID: <a2@radwerkstatt-lindenhof.example>
In-Reply-To: <a1@harbourwheels.example>
References: <a1@harbourwheels.example>

Hi Dafydd,

good news about the tickets. The hostel has the list of diets, gluten free included. About the
station I have to ask; I am at a parents' evening on Monday and cannot come myself.

Please tell everybody that the hostel wants a deposit of five euros for each key, in coins.

Johanna

> Could you tell me who meets us in Auenfeld? With ten people and all
> that luggage the bus might be fun, but not for the driver.
"""

_ARRIVAL_3 = """
From: Ruben Haas <ruben.haas@radwerkstatt-lindenhof.example>
To: Dafydd Rees <dafydd@harbourwheels.example>, Johanna Petersen
 <johanna.petersen@radwerkstatt-lindenhof.example>
Date: Wed, 24 Sep 2025 18:05:00 +0200
Subject: Re: Our journey on 6 October
Message-ID: <a3@radwerkstatt-lindenhof.example>
In-Reply-To: <a2@radwerkstatt-lindenhof.example>
References: <a1@harbourwheels.example> <a2@radwerkstatt-lindenhof.example>

Hello both,

it is settled: Nadja Uhlig will pick you up at the station with the minibus of the rowing club.
It has nine seats, so one of you gets to ride with Yusuf, who takes the luggage in his trailer.
Nadja will stand at the clock on platform 3 and wear a yellow hat, you cannot miss her.

If the train from Köln is late, ring the workshop, not me: I am in the cinema until ten.

Ruben
"""

_ARRIVAL_4 = """
From: Imogen Pryce <imogen@harbourwheels.example>
To: Ruben Haas <ruben.haas@radwerkstatt-lindenhof.example>
Cc: Dafydd Rees <dafydd@harbourwheels.example>
Date: Thu, 25 Sep 2025 08:31:00 +0100
Subject: Re: Our journey on 6 October
Message-ID: <a4@harbourwheels.example>
In-Reply-To: <a3@radwerkstatt-lindenhof.example>
References: <a1@harbourwheels.example> <a3@radwerkstatt-lindenhof.example>

Wonderful, thank you. I bring the second set of picture cards and forty badges for the school
project. One question for the cook: could the soup on Monday be without celery? Tom does not like
to make a fuss, but he comes out in spots.

See you soon,
Imogen
"""

_HEATING_1 = """
From: Stefan Wiegand <stefan.wiegand@radwerkstatt-lindenhof.example>
To: Vorstand <vorstand@radwerkstatt-lindenhof.example>
Date: Mon, 03 Nov 2025 08:20:00 +0100
Subject: Heizung ist kalt
Message-ID: <h1@radwerkstatt-lindenhof.example>

Guten Morgen,

seit gestern bleibt die Heizung in der Werkstatt kalt, im Lager auch. Der Kessel läuft, am
Thermostat liegt es nicht. Ich habe der Wohnbau auf den Anrufbeantworter gesprochen. Bei neun Grad
will ich niemanden an die Werkbank stellen; am Dienstag und am Donnerstag bleibt zu, wenn bis dahin
nichts passiert.

Stefan
"""

_HEATING_2 = """
From: Tomasz Behrend <tomasz.behrend@radwerkstatt-lindenhof.example>
To: Stefan Wiegand <stefan.wiegand@radwerkstatt-lindenhof.example>
Cc: Vorstand <vorstand@radwerkstatt-lindenhof.example>
Date: Mon, 03 Nov 2025 12:47:00 +0100
Subject: Re: Heizung ist kalt
Message-ID: <h2@radwerkstatt-lindenhof.example>
In-Reply-To: <h1@radwerkstatt-lindenhof.example>
References: <h1@radwerkstatt-lindenhof.example>

Hallo Stefan,

ich habe Herrn Jansen von der Wohnbau erreicht. Er schickt einen Monteur, aber nicht vor Freitag.
Häng bitte einen Zettel an die Tür und sag den Leuten vom Dienst ab. Nach dem Vertrag ist die
Heizung Sache der Vermieterin, wir zahlen also nichts.

Tomasz

> Bei neun Grad will ich niemanden an die Werkbank stellen
"""

_HEATING_3 = """
From: Stefan Wiegand <stefan.wiegand@radwerkstatt-lindenhof.example>
To: Vorstand <vorstand@radwerkstatt-lindenhof.example>
Date: Fri, 07 Nov 2025 16:58:00 +0100
Subject: Re: Heizung ist kalt
Message-ID: <h3@radwerkstatt-lindenhof.example>
In-Reply-To: <h2@radwerkstatt-lindenhof.example>
References: <h1@radwerkstatt-lindenhof.example> <h2@radwerkstatt-lindenhof.example>

Liebe alle,

es wird wieder warm! Schuld war die Umwälzpumpe, sie saß fest. Der Monteur der Firma Kessler hat
sie ausgetauscht, den Bericht hänge ich an. Er meint, dass der Kessel selbst noch fünf Jahre hält.
Morgen ist ganz normal geöffnet.

Stefan
"""

_SERVICE_REPORT = """
# Einsatzbericht 25-1188

Kessler Haustechnik · Auftraggeberin: Wohnbau Auenfeld eG · Objekt: Gerberstraße 14, Erdgeschoss

Datum: 7. November 2025 · Monteur: D. Wozniak · Ankunft 13:10 Uhr, Ende 15:50 Uhr

Befund: Läufer der Pumpe im Heizkreis blockiert, Lager trocken. Kein Fehler an der Regelung.

| Leistung | Menge | Betrag |
| Hocheffizienzpumpe 25-60, neu | 1 | 289,00 € |
| Arbeitszeit | 2,5 Stunden | 155,00 € |
| Anfahrt | 1 | 42,20 € |
| Zusammen | | 486,20 € |

Empfehlung: Ausdehnungsgefäß bei der nächsten Wartung prüfen, der Vordruck liegt bei 0,6 bar.
"""

_HEATING_4 = """
From: Aylin Korkmaz <aylin.korkmaz@radwerkstatt-lindenhof.example>
To: Vorstand <vorstand@radwerkstatt-lindenhof.example>
Date: Sat, 08 Nov 2025 10:15:00 +0100
Subject: Re: Heizung ist kalt
Message-ID: <h4@radwerkstatt-lindenhof.example>
In-Reply-To: <h3@radwerkstatt-lindenhof.example>
References: <h1@radwerkstatt-lindenhof.example> <h3@radwerkstatt-lindenhof.example>

Sehr gut. Ich schlage vor, dass wir in der Sitzung am 12. November über zwei elektrische
Heizstrahler sprechen, damit wir beim nächsten Mal nicht schließen müssen. Hanne hat welche zu
verschenken.

Aylin
"""


def mail(name: str, text: str, *inner: FolderFile, language: str = "de") -> FolderFile:
    """A message with its attachments."""
    return FolderFile(name, text, language=language, inner=inner)


FILES = (
    FolderFile(
        "Post/Anreise Oktober.mbox",
        "",
        language="en",
        date="2025-09-25",
        inner=(
            mail(
                "1.eml",
                _ARRIVAL_1,
                FolderFile("itinerary.csv", _ITINERARY, language="en", date="2025-09-19"),
                language="en",
            ),
            mail("2.eml", _ARRIVAL_2, language="en"),
            mail("3.eml", _ARRIVAL_3, language="en"),
            mail("4.eml", _ARRIVAL_4, language="en"),
        ),
    ),
    FolderFile(
        "Post/Heizung.mbox",
        "",
        date="2025-11-08",
        inner=(
            mail("1.eml", _HEATING_1),
            mail("2.eml", _HEATING_2),
            mail(
                "3.eml",
                _HEATING_3,
                FolderFile("Einsatzbericht Kessler.pdf", _SERVICE_REPORT, date="2025-11-07"),
            ),
            mail("4.eml", _HEATING_4),
        ),
    ),
)
