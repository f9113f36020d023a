from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from corpus.loaders import load_file
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

Ein Absatz mit Umbruch und Link sowie fett.
Neue Zeile. Tag &

- eins
- zwei
  1. innen

Zitat

A | B
1 | 2

code  hier

Block

3. drei
4. vier"""


def test_rendering() -> None:
    assert render(MARKDOWN) == (PLAIN, "Titel kursiv & x")


def test_the_first_heading_is_the_title(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_text("Vorspann ohne Punkt\n\n## Der Titel\n\nEin Satz.", encoding="utf-8")
    assert load_file(file).title == "Der Titel"


@given(st.text(max_size=300) | st.text(alphabet="#-*>|`1. \n\t<a>[]()!", max_size=300))
def test_arbitrary_markdown_never_fails(markdown: str) -> None:
    render(markdown)
