from __future__ import annotations

import difflib
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from made_pdfs import made_pdf
from reportlab.lib.colors import black, white
from reportlab.pdfgen.canvas import Canvas

from base.errors import UsageError
from corpus.loaded import Block, LoadedDocument
from corpus.loaders import ocr
from corpus.loaders.pdf.loader import PdfLoader
from corpus.loaders.pdf.picture import draw
from corpus.loaders.pdf.words import Word

Draw = Callable[[Canvas], None]


def pdf(path: Path, *pages: Draw) -> LoadedDocument:
    canvas = Canvas(str(path), pagesize=(600, 800))
    for page in pages:
        page(canvas)
        canvas.showPage()
    canvas.save()
    return read(path)


def read(path: Path) -> LoadedDocument:
    (document,) = PdfLoader().load(path)
    document.check()
    return document


def lines(canvas: Canvas, texts: list[str], x: float = 60, y: float = 700, size: int = 10) -> None:
    canvas.setFont("Helvetica", size)
    for number, text in enumerate(texts):
        canvas.drawString(x, y - 13 * number, text)


def of(document: LoadedDocument, role: str) -> list[Block]:
    return [block for block in document.blocks if block.role == role]


def words(document: LoadedDocument) -> list[str]:
    text = " ".join(
        block.text.replace("-\n", "").replace("|", " ")
        for block in document.blocks
        if block.role not in ("furniture", "hidden")
    )
    return text.split()


def word_errors(known: list[str], found: list[str]) -> int:
    matcher = difflib.SequenceMatcher(None, known, found, autojunk=False)
    return sum(
        max(last - first, end - start)
        for kind, first, last, start, end in matcher.get_opcodes()
        if kind != "equal"
    )


@pytest.mark.parametrize("seeds", [range(0, 12)])
def test_columns_tables_notes_and_hyphens_are_read_in_order(tmp_path: Path, seeds: range) -> None:
    errors = count = 0
    for seed in seeds:
        made = made_pdf(seed, pages=2)
        file = tmp_path / f"{seed}.pdf"
        file.write_bytes(made.content)
        errors += word_errors(made.words, words(read(file)))
        count += len(made.words)
    assert errors <= 0.01 * count


def test_a_two_column_sheet_keeps_each_pump_its_values(tmp_path: Path) -> None:
    left = ["Die Pumpe P1 fördert kaltes Wasser", "und wird mit 230 Volt betrieben. Sie",
            "wiegt 8 Kilogramm und braucht wenig", "Platz im Keller des Hauses."]  # fmt: skip
    right = ["Die Pumpe P2 fördert heißes Wasser", "und wird mit 400 Volt betrieben. Sie",
             "wiegt 21 Kilogramm und steht auf", "einem Sockel aus Beton."]  # fmt: skip

    def page(canvas: Canvas) -> None:
        for number in range(4):
            lines(canvas, [left[number]], 60, 700 - 13 * number)
            lines(canvas, [right[number]], 320, 700 - 13 * number)

    text = " ".join(block.text for block in pdf(tmp_path / "a.pdf", page).blocks)
    assert " ".join(left) in text
    assert " ".join(right) in text


def test_furniture_between_halves_of_a_sentence_comes_after_it(tmp_path: Path) -> None:
    def page(number: int, texts: list[str]) -> Draw:
        def draw_page(canvas: Canvas) -> None:
            lines(canvas, ["Wartungsvertrag Nr. 7"], y=770)
            lines(canvas, texts)
            lines(canvas, [f"Seite {number} von 3"], x=270, y=30)

        return draw_page

    document = pdf(
        tmp_path / "a.pdf",
        page(1, ["Der Auftragnehmer haftet für Schäden, die er verursacht hat, bis zu"]),
        page(2, ["50.000 Euro je Schadensfall. Die Kündigungs-", "frist beträgt sechs Wochen."]),
        page(3, ["Schluss."]),
    )
    assert of(document, "paragraph")[0].text == (
        "Der Auftragnehmer haftet für Schäden, die er verursacht hat, bis zu "
        "50.000 Euro je Schadensfall. Die Kündigungs-\nfrist beträgt sechs Wochen."
    )
    assert len(of(document, "furniture")) == 6
    assert all(block.reason for block in of(document, "furniture"))


@pytest.mark.parametrize(
    "more", [[], ["Die Preise gelten bis zum Ende des Jahres und enthalten alles, was in der"]]
)
def test_a_line_below_a_table_does_not_join_its_columns(tmp_path: Path, more: list[str]) -> None:
    table = [("Leistung", "Anzahl", "Preis"), ("Zimmer", "2", "89,50"), ("Rad", "1", "14,00")]

    def page(canvas: Canvas) -> None:
        for number, row in enumerate(table):
            for x, cell in zip((60, 180, 300), row, strict=True):
                lines(canvas, [cell], x, 700 - 16 * number)
        lines(canvas, ["Bezahlt mit Karte am 18. September 2025.", *more], y=630)

    found = pdf(tmp_path / "a.pdf", page)
    assert [
        [block.text[start:end] for start, end in block.cells]
        for block in found.blocks
        if block.role.startswith("table")
    ] == [list(row) for row in table]
    assert of(found, "paragraph")[0].text.startswith("Bezahlt mit Karte")


def test_a_table_with_a_date_in_each_row_is_no_furniture(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        for number, row in enumerate(
            [("Vertrag", "Ende"), ("Stapler", "14.01.2027"), ("Aufzug", "30.06.2026")]
        ):
            for column, cell in enumerate(row):
                lines(canvas, [cell], 60 + 200 * column, 770 - 14 * number)
        lines(canvas, ["Ein Satz, der weit darunter steht und die Seite füllt."], y=600)

    document = pdf(tmp_path / "a.pdf", page, page)
    assert [block.text for block in of(document, "table_row")][:2] == [
        "Stapler | 14.01.2027",
        "Aufzug | 30.06.2026",
    ]
    assert not of(document, "furniture")


def test_raised_digits_are_no_digits_of_the_number(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, ["Der Grenzwert beträgt 10"], size=12)
        at = 60 + canvas.stringWidth("Der Grenzwert beträgt 10", "Helvetica", 12)
        canvas.setFont("Helvetica", 7)
        canvas.drawString(at, 705, "6")
        canvas.setFont("Helvetica", 12)
        canvas.drawString(at + 6, 700, " Zellen.")

    assert pdf(tmp_path / "a.pdf", page).blocks[0].text == "Der Grenzwert beträgt 10⁶ Zellen."


def test_what_nobody_sees_is_hidden(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, ["Sichtbarer Text dieser Seite."])
        canvas.setFillColor(white)
        lines(canvas, ["weiß auf weiß"], y=600)
        canvas.setFillColor(black)
        canvas.rect(50, 495, 300, 20, fill=1)
        canvas.setFillColor(white)
        lines(canvas, ["weiß auf schwarz"], y=500)
        canvas.setFillColor(black)
        lines(canvas, ["zu klein zum Lesen"], y=400, size=1)
        lines(canvas, ["neben der Seite"], x=900, y=300)
        text = canvas.beginText(60, 200)
        text.setTextRenderMode(3)
        text.textLine("unsichtbar")
        canvas.drawText(text)

    document = pdf(tmp_path / "a.pdf", page)
    assert {block.text for block in of(document, "hidden")} == {
        "weiß auf weiß", "zu klein zum Lesen", "neben der Seite", "unsichtbar",
    }  # fmt: skip
    assert "weiß auf schwarz" in " ".join(words(document))


def test_links_keep_their_address(tmp_path: Path) -> None:
    def page(canvas: Canvas) -> None:
        lines(canvas, ["Antrag hier stellen."])
        canvas.linkURL("https://portal.example.org/saal", (95, 695, 115, 712))

    text = pdf(tmp_path / "a.pdf", page).blocks[0].text
    assert "(https://portal.example.org/saal)" in text


def test_each_character_has_its_place(tmp_path: Path) -> None:
    document = pdf(tmp_path / "a.pdf", lambda canvas: lines(canvas, ["Zwei Wörter"]))
    (run,) = document.blocks[0].runs
    assert run.place is not None and run.place.page == 1
    assert run.place.rectangle is not None
    left, top, right, bottom = run.place.rectangle
    assert left == pytest.approx(60, abs=0.3)
    assert top < 100 < bottom + 1
    assert len(run.edges) == len(run.text) + 1
    assert run.edges[0] == left and run.edges[-1] == right


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_rotated_page_is_read_as_it_is_shown(tmp_path: Path, degrees: int) -> None:
    import pypdf

    pdf(tmp_path / "a.pdf", lambda canvas: lines(canvas, ["Ein Satz auf der Seite."]))
    writer = pypdf.PdfWriter(clone_from=tmp_path / "a.pdf")
    writer.pages[0].transfer_rotation_to_content()
    writer.pages[0].rotate(degrees)
    writer.write(tmp_path / "b.pdf")
    found = read(tmp_path / "b.pdf")
    assert "".join(word for word in " ".join(words(found)) if word.isalpha())


def test_encrypted_and_damaged_files_are_named(tmp_path: Path) -> None:
    import pypdf

    pdf(tmp_path / "a.pdf", lambda canvas: lines(canvas, ["Geheim."]))
    writer = pypdf.PdfWriter(clone_from=tmp_path / "a.pdf")
    writer.encrypt("wort", algorithm="RC4-128")
    writer.write(tmp_path / "b.pdf")
    with pytest.raises(UsageError, match=r"b\.pdf.*encrypted"):
        read(tmp_path / "b.pdf")
    (tmp_path / "c.pdf").write_bytes((tmp_path / "a.pdf").read_bytes()[:150])
    with pytest.raises(UsageError, match=r"c\.pdf.*damaged"):
        read(tmp_path / "c.pdf")


SCANNED = ["Die Widerspruchsfrist beträgt einen Monat.", "Größe und Gewicht sind geprüft."]


def scan(path: Path, tmp_path: Path, text: list[str] = SCANNED) -> None:
    pdf(tmp_path / "text.pdf", lambda canvas: lines(canvas, text, size=12))
    from PIL import Image

    picture = Image.open(io.BytesIO(draw(tmp_path / "text.pdf", 1, 300 / 72)))
    picture.convert("RGB").save(path, resolution=300)


def test_a_scan_is_named_where_no_ocr_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scan(tmp_path / "scan.pdf", tmp_path)
    monkeypatch.setattr(ocr, "is_there", lambda: False)
    with pytest.raises(UsageError, match=r"scan\.pdf.*pictures \(scans\).*tesseract"):
        read(tmp_path / "scan.pdf")


@pytest.mark.skipif(not ocr.is_there(), reason="Tesseract is not installed")
def test_a_scan_is_read_with_its_places(tmp_path: Path) -> None:
    scan(tmp_path / "scan.pdf", tmp_path)
    document = read(tmp_path / "scan.pdf")
    text = " ".join(words(document))
    assert "Die Widerspruchsfrist beträgt einen Monat." in text
    assert "Größe und Gewicht" in text
    assert document.blocks[0].runs[0].place is not None
    rectangle = document.blocks[0].runs[0].place.rectangle
    assert rectangle is not None and rectangle[0] == pytest.approx(60, abs=2)


@pytest.mark.skipif(not ocr.is_there(), reason="Tesseract is not installed")
def test_letters_of_other_heights_do_not_end_a_paragraph_of_a_scan(tmp_path: Path) -> None:
    text = [
        "Von Weihnachten bis zum Dreikönigstag bleibt die Werkstatt des Vereins",
        "geschlossen.",
    ]
    scan(tmp_path / "scan.pdf", tmp_path, text)
    (block,) = read(tmp_path / "scan.pdf").blocks
    assert block.text == " ".join(text)


def test_boxes_of_neighbours_that_overlap_in_a_scan_are_parted() -> None:
    words = [Word("Ms", [100.0, 112.0], [112.0, 124.0], 10, 20, 1_001_001),
             Word("J.", [116.0, 120.0], [120.0, 126.0], 10, 20, 1_001_002)]  # fmt: skip
    ocr._part(words)
    assert (words[0].lefts, words[0].rights, words[0].right) == ([100, 108], [108, 116], 116)


def test_a_page_is_drawn(tmp_path: Path) -> None:
    pdf(tmp_path / "a.pdf", lambda canvas: lines(canvas, ["Ein Satz."]))
    assert draw(tmp_path / "a.pdf", 1, 1.0).startswith(b"\x89PNG")
    with pytest.raises(UsageError, match="no page 2"):
        draw(tmp_path / "a.pdf", 2, 1.0)
