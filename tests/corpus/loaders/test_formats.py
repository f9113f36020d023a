from __future__ import annotations

import datetime
import io
import json
import mailbox
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import docx
import odfdo
import openpyxl
import pytest
from openpyxl.comments import Comment
from pptx import Presentation

from base.errors import UsageError
from corpus.loaded import Block, LoadedDocument
from corpus.loaders.registry import load_unguarded
from corpus.loaders.sniff import media_type

ROWS = [["Ort", "Plätze 2023", "Plätze 2024"], ["Aachen", "87", "90"], ["Bonn-Beuel", "", "64"]]


def load(path: Path) -> LoadedDocument:
    first = load_unguarded(path)[0]
    first.check()
    return first


def shown(document: LoadedDocument, *roles: str) -> list[str]:
    return [block.text for block in document.blocks if not roles or block.role in roles]


def cells(block: Block) -> list[str]:
    return [block.text[start:end] for start, end in block.cells]


def rows(document: LoadedDocument) -> list[list[str]]:
    return [cells(block) for block in document.blocks if block.role.startswith("table")]


def made(path: Path, save: Callable[[str], object]) -> LoadedDocument:
    save(str(path))
    return load(path)


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_delimited_rows_keep_empty_cells_and_name_their_cells(
    tmp_path: Path, delimiter: str
) -> None:
    file = tmp_path / "plaetze.csv"
    file.write_text("\n".join(delimiter.join(row) for row in ROWS), "utf-8")
    document = load(file)
    assert rows(document) == ROWS
    assert document.blocks[0].role == "table_header"
    places = [run.place for run in document.blocks[2].runs if run.place]
    assert [(place.line, place.cell) for place in places] == [(3, "A3"), (3, "C3")]


def test_a_line_break_in_a_delimited_cell_stays(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text('Ort;Zeit\nBonn;"9–17 Uhr\nFr 9–13 Uhr"\nKöln;8\n', "utf-8")
    document = load(file)
    assert rows(document)[1] == ["Bonn", "9–17 Uhr\nFr 9–13 Uhr"]
    assert document.blocks[2].runs[0].place is not None
    assert document.blocks[2].runs[0].place.line == 4


def test_json_keeps_names_and_numbers_as_written(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text(
        '{"title": "Bestellung", "preis": 1.50, "posten": [{"art": "Rad", "zahl": 4}, '
        '{"art": "Kette", "zahl": null}], "kunde": {"ort": "Köln"}, "tags": ["neu", "eilig"]}'
    )
    document = load(file)
    assert document.title == "Bestellung"
    assert "preis: 1.50" in shown(document)
    assert rows(document) == [["art", "zahl"], ["Rad", "4"], ["Kette", "null"]]
    ort = next(block for block in document.blocks if "Köln" in block.text)
    assert (ort.text, ort.path) == ("ort: Köln", ("kunde",))
    assert ort.runs[0].place is not None and ort.runs[0].place.part == "$.kunde.ort"
    assert shown(document, "list_item") == ["- neu", "- eilig"]


def test_json_lines_are_a_table(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text('{"a": 1, "b": "x"}\n{"a": 2, "b": "y"}\n')
    assert rows(load(file)) == [["a", "b"], ["1", "x"], ["2", "y"]]


def test_broken_json_names_the_line(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text('{"a": 1,\n "b": }')
    with pytest.raises(UsageError, match="line 2"):
        load(file)


def test_a_page_keeps_what_markup_means(tmp_path: Path) -> None:
    file = tmp_path / "a.html"
    file.write_text(
        "<!doctype html><html lang=de><head><title>Preise</title>"
        "<meta property='article:published_time' content='2024-05-06'></head><body>"
        "<nav><a href='/'>Start</a></nav><h1>Preise 2024</h1>"
        "<p>Grenzwert 10<sup>6</sup> Zellen, H<sub>2</sub>O, <del>alt</del>.<br>Neue Zeile"
        "<p>Antrag <a href='https://portal.example.org/saal'>hier</a><sup>[4]</sup>"
        "<table><tr><th>Ort<th>2023<tr><td>Bonn<br>Beuel<td><tr><td>Köln<td>3<p>1</table>"
        "<table><tr><td><table><tr><td>Layout</table></table>"
        "<ol start=3><li>drei<ul><li><input type=checkbox checked>fertig</ul></ol>"
        "<div style='display: none'>versteckt</div><footer>Impressum</footer></body></html>",
        "utf-8",
    )
    document = load(file)
    assert (document.title, document.date, document.language) == ("Preise", "2024-05-06", "de")
    assert shown(document, "furniture") == ["Start (/)", "Impressum"]
    assert shown(document, "hidden") == ["versteckt"]
    assert shown(document, "paragraph") == [
        "Grenzwert 10⁶ Zellen, H₂O, ~~alt~~.\nNeue Zeile",
        "Antrag hier (https://portal.example.org/saal)[4]",
        "Layout",
    ]
    assert rows(document) == [["Ort", "2023"], ["Bonn\nBeuel", ""], ["Köln", "3\n1"]]
    assert shown(document, "list_item") == ["3. drei", "- [x] fertig"]


def test_a_saved_page_is_read_from_its_archive(tmp_path: Path) -> None:
    message = EmailMessage()
    message["From"] = "<Saved by a browser>"
    message["Snapshot-Content-Location"] = "https://example.org/a"
    message["Subject"] = "Seite"
    message.make_related()
    page = EmailMessage()
    page.set_content("<html><body><p>Grüße aus Köln</p></body></html>", subtype="html")
    message.attach(page)
    file = tmp_path / "a.mhtml"
    file.write_bytes(message.as_bytes())
    assert media_type(file) == "multipart/related"
    assert shown(load(file)) == ["Grüße aus Köln"]


def test_word_documents(tmp_path: Path) -> None:
    document = docx.Document()
    document.core_properties.title = "Ordnung"
    document.add_heading("Fristen", 1)
    paragraph = document.add_paragraph("Grenzwert 10")
    paragraph.add_run("6").font.superscript = True
    paragraph.add_run("alt").font.strike = True
    paragraph.add_run("geheim").font.hidden = True
    document.add_paragraph("eins", style="List Number")
    document.add_paragraph("zwei", style="List Number")
    table = document.add_table(rows=3, cols=3)
    for number, row in enumerate(ROWS):
        for column, text in enumerate(row):
            table.cell(number, column).text = text
    document.sections[0].header.paragraphs[0].text = "Kopfzeile"
    found = made(tmp_path / "a.docx", document.save)
    assert found.title == "Ordnung"
    assert shown(found, "heading") == ["Fristen"]
    assert shown(found, "paragraph") == ["Grenzwert 10⁶~~alt~~"]
    assert shown(found, "hidden") == ["geheim"]
    assert shown(found, "furniture") == ["Kopfzeile"]
    assert shown(found, "list_item") == ["1. eins", "2. zwei"]
    assert rows(found) == ROWS


def test_workbooks_show_values_as_a_reader_sees_them(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Verträge"
    sheet["A1"] = "Übersicht der Verträge des Amtes"
    values = [
        ["Vertrag", "Beginn", "Betrag", "Anteil"],
        ["Leasing für den Stapler", datetime.date(2023, 4, 1), 1234.5, 0.19],
        ["Wartung für den Aufzug", datetime.date(2022, 7, 1), None, 0.5],
    ]
    for number, row in enumerate(values):
        for column, value in enumerate(row):
            cell = sheet.cell(3 + number, 1 + column, value)
            cell.number_format = ("General", "DD.MM.YYYY", '#,##0.00 "€"', "0%")[column]
    sheet["A4"].comment = Comment("läuft aus", "x")
    book.create_sheet("Alt").sheet_state = "hidden"
    book["Alt"]["A1"] = "geheim"
    found = made(tmp_path / "a.xlsx", book.save)
    assert rows(found) == [
        ["Vertrag", "Beginn", "Betrag", "Anteil"],
        ["Leasing für den Stapler", "01.04.2023", "1234,50 €", "19%"],
        ["Wartung für den Aufzug", "01.07.2022", "", "50%"],
    ]
    place = found.blocks[3].runs[2].place
    assert place is not None and (place.sheet, place.cell) == ("Verträge", "B4")
    assert shown(found, "hidden") == ["Alt", "geheim"]
    assert shown(found, "footnote") == ["läuft aus"]


@pytest.mark.parametrize(
    ("form", "text"),
    [('"£"#,##0.00', "-£1234.50"), ("[$€-2]#,##0.00", "-€1234.50"), ('#,##0.00 "€"', "-1234.50 €")],
)
def test_a_currency_stands_on_the_side_on_which_it_is_shown(
    tmp_path: Path, form: str, text: str
) -> None:
    book = openpyxl.Workbook()
    book.active["A1"], book.active["B1"] = "Item", "Amount"
    book.active["A2"], book.active["B2"] = "Rent", -1234.5
    book.active["B2"].number_format = form
    assert rows(made(tmp_path / "a.xlsx", book.save))[-1] == ["Rent", text]


def test_a_formula_that_was_never_calculated_is_shown(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for cell, value in {"A1": "a", "B1": "b", "A2": 1, "B2": "=A2*2"}.items():
        book.active[cell] = value
    assert rows(made(tmp_path / "a.xlsx", book.save))[-1] == ["1", "=A2*2"]


def test_presentations(tmp_path: Path) -> None:
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    slide.shapes.title.text = "Umsatz"
    slide.placeholders[1].text_frame.text = "Erstens"
    slide.placeholders[1].text_frame.add_paragraph().text = "Zweitens"
    slide.notes_slide.notes_text_frame.text = "Notiz"
    table = slide.shapes.add_table(3, 3, 0, 4_000_000, 4_000_000, 900_000).table
    for number, row in enumerate(ROWS):
        for column, text in enumerate(row):
            table.cell(number, column).text = text
    found = made(tmp_path / "a.pptx", deck.save)
    assert shown(found, "heading") == ["Umsatz"]
    assert shown(found, "list_item") == ["- Erstens", "- Zweitens"]
    assert rows(found) == ROWS
    assert shown(found, "footnote") == ["Notiz"]
    assert found.blocks[0].runs[0].place is not None
    assert found.blocks[0].runs[0].place.slide == 1


def test_open_document_texts_and_sheets(tmp_path: Path) -> None:
    text = odfdo.Document("text")
    text.body.clear()
    text.body.append(odfdo.Header(1, "Fristen"))
    paragraph = odfdo.Paragraph("Der Satz mit Note")
    paragraph.insert_note(after="Note", note_id="n1", citation="1", body="Die Note.")
    text.body.append(paragraph)
    text.body.append(odfdo.List(["eins", "zwei"]))
    found = made(tmp_path / "a.odt", text.save)
    assert shown(found) == ["Fristen", "Der Satz mit Note[1]", "[1] Die Note.", "- eins", "- zwei"]
    sheets = odfdo.Document("spreadsheet")
    sheets.body.clear()
    table = odfdo.Table("Blatt", width=2, height=2)
    for cell, value in {"A1": "Ort", "B1": "Zahl", "A2": "Bonn"}.items():
        table.set_value(cell, value)
    table.set_cell("B2", odfdo.Cell(64, text="64 Stück"))
    sheets.body.append(table)
    found = made(tmp_path / "a.ods", sheets.save)
    assert rows(found) == [["Ort", "Zahl"], ["Bonn", "64 Stück"]]
    assert found.blocks[-1].runs[-1].place is not None
    assert found.blocks[-1].runs[-1].place.cell == "B2"


def test_rich_text(tmp_path: Path) -> None:
    file = tmp_path / "a.rtf"
    file.write_text(
        r"{\rtf1\ansi\ansicpg1252 Gr\'fc\'dfe aus K\u246?ln.\par Ende\par\trowd\cellx9\cellx99 "
        r"Ort\cell Zahl\cell\row\trowd\cellx9\cellx99 Bonn\cell 64\cell\row\pard}"
    )
    found = load(file)
    assert shown(found, "paragraph") == ["Grüße aus Köln.", "Ende"]
    assert rows(found) == [["Ort", "Zahl"], ["Bonn", "64"]]


def mail(**headers: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Anna Beispiel <anna@example.org>"
    message["To"] = "b@example.org"
    message["Date"] = "Mon, 04 May 2026 10:00:00 +0200"
    message["Message-ID"] = "<1@example.org>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(
        "Die Halle wird am 5. Mai übergeben.\n\n> Wann wird die Halle übergeben?\n\n-- \nAnna\n"
    )
    return message


def test_a_mail_is_its_sender_date_text_and_attachments(tmp_path: Path) -> None:
    message = mail(Subject="Re: Übergabe der Halle", References="<0@example.org>")
    message.add_attachment(b"a;b\n1;2\n", maintype="text", subtype="csv", filename="tabelle ä.csv")
    file = tmp_path / "a.eml"
    file.write_bytes(message.as_bytes())
    first, attached = load_unguarded(file)
    assert (first.title, first.date) == ("Re: Übergabe der Halle", "2026-05-04")
    assert first.author == "Anna Beispiel <anna@example.org>"
    assert dict(first.metadata)["thread"] == "0@example.org"
    assert shown(first, "furniture") == ["> Wann wird die Halle übergeben?", "-- \nAnna"]
    assert "Die Halle wird am 5. Mai übergeben." in shown(first, "paragraph")
    assert attached.name == "tabelle ä.csv"
    assert rows(attached) == [["a", "b"], ["1", "2"]]


def test_a_mailbox_is_its_messages(tmp_path: Path) -> None:
    file = tmp_path / "a.mbox"
    box = mailbox.mbox(file)
    for subject in ("Eins", "Zwei/Drei"):
        box.add(mail(Subject=subject))
    box.close()
    assert [document.name for document in load_unguarded(file)] == ["1 Eins", "2 Zwei-Drei"]


def test_a_book_is_read_in_the_order_of_its_spine(tmp_path: Path) -> None:
    file = tmp_path / "a.epub"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr(
            "META-INF/container.xml",
            '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="O/c.opf"/></rootfiles></container>',
        )
        archive.writestr(
            "O/c.opf",
            '<package xmlns="http://www.idpf.org/2007/opf"><metadata '
            'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Buch</dc:title></metadata>'
            '<manifest><item id="a" href="a.xhtml"/><item id="b" href="b%20c.xhtml"/></manifest>'
            '<spine><itemref idref="b"/><itemref idref="a"/></spine></package>',
        )
        for name, text in {"a": "Zwei", "b c": "Eins"}.items():
            archive.writestr(f"O/{name}.xhtml", f"<html><body><h1>{text}</h1></body></html>")
    document = load(file)
    assert document.title == "Buch"
    assert shown(document) == ["Eins", "Zwei"]
    assert document.blocks[0].runs[0].place is not None
    assert document.blocks[0].runs[0].place.part == "O/b c.xhtml"


def test_an_archive_is_its_files(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("tief/b.json", json.dumps({"ort": "Bonn"}))
    file = tmp_path / "a.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("ordner/a.md", "# Titel\n\nText")
        archive.writestr("innen.zip", inner.getvalue())
        archive.writestr("bild.bin", b"\0\1\2" * 50)
    documents = load_unguarded(file)
    assert [document.name for document in documents] == ["innen.zip/tief/b.json", "ordner/a.md"]
    assert any("bild.bin" in warning for warning in documents[0].warnings)


@pytest.mark.parametrize("name", ["a", "a.pdf", "a.txt", "a.docx"])
def test_the_content_tells_the_type(tmp_path: Path, name: str) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "x"
    book.save(tmp_path / "x.xlsx")
    file = tmp_path / name
    file.write_bytes((tmp_path / "x.xlsx").read_bytes())
    assert media_type(file).endswith("spreadsheetml.sheet")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"[ ] offen\n[x] fertig\n", "text/plain"),
        (b"[1, 2]", "application/json"),
        (b"<!DOCTYPE html><p>x", "text/html"),
        (b"<p>Ein Absatz ohne Ende", "text/html"),
        (b"<strong> ist ein Element von HTML.", "text/plain"),
        (b"a < b and c > d", "text/plain"),
        (b"From: a@b.de\nTo: c@d.de\nSubject: x\n\nText", "message/rfc822"),
        (b"Datum: 3. Mai\nOrt: Bonn\nThema: x\n\nText", "text/plain"),
        (b"From Anna I heard: a@b is a sign.\nText", "text/plain"),
    ],
)
def test_kinds_of_text_are_told_apart(tmp_path: Path, content: bytes, kind: str) -> None:
    file = tmp_path / "ohne"
    file.write_bytes(content)
    assert media_type(file) == kind
