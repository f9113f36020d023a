"""Texts that the weights are fitted to and checked with, in both languages.

Both hold what prompts hold: news, numbers, names, markup, questions. The text that is checked with
shares no sentence with the other, and goes on as it began, so that a reader that got lost is found
out.
"""

CALIBRATION = """\
Die Bundesregierung hat am Dienstag einen Entwurf vorgelegt, der die Genehmigung von Windrädern \
beschleunigen soll. Nach Angaben des Ministeriums dauert ein Verfahren bisher im Mittel 23 Monate, \
künftig sollen es höchstens zwölf sein. Frage: Wie lange dauert ein Verfahren? Antwort: Im Mittel \
23 Monate [1]. Der Fluss entspringt in 1.240 Metern Höhe und mündet nach 371 Kilometern in die \
Donau. The city council approved a budget of $4.2 million for the new library, which will open in \
spring 2027. Critics said that the roof of the old building could have been repaired for a third \
of the price. Question: How much does the library cost? Answer: It costs $4.2 million [2]. \
<title>Minutes of 3 May</title> The river rises at 1,240 metres and flows north.\
"""

CHECK = """\
Auszug [1]: Das Museum am Hafen hat im Jahr 1998 eröffnet und zählt 52.000 Besucher im Jahr. Es \
zeigt Schiffe, Karten und Werkzeuge. Excerpt [2]: The lighthouse was built in 1874 by Anna Berg \
and is 38 metres high; it has been open to visitors since 2011. Frage: Wann hat das Museum am \
Hafen eröffnet? Antwort: Das Museum am Hafen hat im Jahr 1998 eröffnet [1]. Question: Who built \
the lighthouse, and how high is it? Answer: The lighthouse was built in 1874 by Anna Berg and is \
38 metres high [2].\
"""
