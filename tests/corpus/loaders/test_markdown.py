from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.loaded import LoadedDocument
from corpus.loaders import load_file
from corpus.loaders.assemble import lay_out
from corpus.loaders.markdown import render

MARKDOWN = """\
# Titel *kursiv* & `x`

Ein Absatz mit
Umbruch und [Link](https://example.org) sowie **fett**.\\
Neue Zeile. <b>Tag</b> &amp; ![Bild](x.png)

- eins
- zwei
  1. innen

> Zitat

| A | B |
|---|---|
| 1 | 2 |

```py
code  hier
```

<!-- versteckt -->
<div>Block</div>

3. drei
4. vier
"""

PLAIN = """\
Titel kursiv & x

Ein Absatz mit Umbruch und Link (https://example.org) sowie fett.
Neue Zeile. Tag & Bild (x.png)

- eins
- zwei
  1. innen

Zitat

A | B
1 | 2

code  hier

versteckt

Block

3. drei
4. vier"""


def text_of(markdown: str) -> str:
    return lay_out(render(markdown))[0]


def test_rendering() -> None:
    assert text_of(MARKDOWN) == PLAIN


def test_every_character_knows_its_line() -> None:
    text, regions, places = lay_out(render(MARKDOWN, above=2))
    lines = MARKDOWN.split("\n")
    for region in regions:
        found = places.provenance(text, region.start, region.end).lines
        assert found is not None
        word = text[region.start : region.end].split()[-1].strip("().")
        assert word in "\n".join(lines[found[0] - 3 : found[1] - 2])


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("10<sup>6</sup> Zellen", "10⁶ Zellen"),
        ("2<sup>n+1</sup> und x<sub>max</sub>", "2ⁿ⁺¹ und x_max"),
        ("H<sub>2</sub>O", "H₂O"),
        ("~~180~~ 210 Euro", "~~180~~ 210 Euro"),
        ("<del>180</del> 210 Euro", "~~180~~ 210 Euro"),
        ("[a](mailto:b@example.org)", "a (b@example.org)"),
        ("<https://example.org/x>", "https://example.org/x"),
        ("- [ ] offen\n- [x] fertig", "- [ ] offen\n- [x] fertig"),
        ("Siehe [2024] und [[Projekt]].", "Siehe [2024] und [[Projekt]]."),
        ("| A | B |\n|---|---|\n| 1<br>2 | |", "A | B\n1\n2"),
        ("a &lt; b <!-- nie --> c", "a < b  c\n\nnie"),
        ("<table><tr><td>Ort<td>12</table>", "Ort | 12"),
        ("<table>\n\n<tr><td>Ort</td><td>12</td></tr>\n\n</table>", "Ort | 12"),
        ("<td><p>3</p><p>1</p></td>", "3\n\n1"),
        ("<ul><li>eins</li><li>zwei</li></ul>", "- eins\n- zwei"),
        ("<p>Preis: 3<br>1 Stück</p>", "Preis: 3\n1 Stück"),
        ("[^1]: Siehe\n\nText[^1]", "Text[^1]\n\n[^1]: Siehe"),
        ("Die Kündigungs-\nfrist", "Die Kündigungs-\nfrist"),
        ("<tr><td>3</td><td>1</td></tr>", "3 | 1"),
        ("<table><tr><td><p>3</p><p>1</p></td></tr></table>", "3\n1"),
    ],
)
def test_what_keeps_its_meaning(markdown: str, text: str) -> None:
    assert text_of(markdown) == text


def test_a_raised_number_with_a_footnote_is_its_mark() -> None:
    blocks = render("Er kostet 100<sup>4</sup> Euro.\n\n<sup>4</sup> ohne Steuer")
    assert [block.role for block in blocks] == ["paragraph", "footnote"]
    assert [run.text for run in blocks[0].runs if run.style == "note"] == ["[4]"]


def test_the_first_heading_is_the_title(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_text("Vorspann ohne Punkt\n\n## Der Titel\n\nEin Satz.", encoding="utf-8")
    assert load_file(file).title == "Der Titel"


@given(st.text(max_size=300) | st.text(alphabet="#-*>|`1. \n\t<a>[]()!", max_size=300))
def test_arbitrary_markdown_never_fails(markdown: str) -> None:
    LoadedDocument(tuple(render(markdown))).check()
