from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from base.errors import UsageError
from eval.pairs import SUFFIX
from eval.questionset import QuestionSet, SetAbsentError, bundled_sets, find_set

PARALLEL = """
name = "tiny"
description = "Two languages"
answers_of_both_languages = true
"""
Row = dict[str, object]
HERE = Path(__file__).resolve().parents[2]


def write(path: Path, *rows: object) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")


def entry(part: str, path: str, **more: str | bool) -> str:
    keys = {"format": "belegt", "path": path} | more
    return f"[[{part}]]\n" + "".join(f"{key} = {json.dumps(one)}\n" for key, one in keys.items())


def asked(number: int, answer: str, **more: object) -> Row:
    row: Row = {
        "id": f"q{number}",
        "question": "Wer war es?",
        "answers": [answer],
        "doc_id": "d1.md",
    }
    return row | more


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A parallel set of one document and three questions, as ``set.toml`` describes it."""
    parts = [PARALLEL]
    for language, text in (("de", "Wang gewann."), ("en", "It was Wang.")):
        write(tmp_path / f"documents_{language}", {"id": "d1.md", "title": "", "text": text})
        rows = [asked(n, "Wang", answer_start=text.find("Wang")) for n in range(3)]
        write(tmp_path / f"questions_{language}", *rows)
        for part in ("documents", "questions"):
            parts.append(entry(part, f"{part}_{language}", language=language))
    (tmp_path / "set.toml").write_text("\n".join(parts))
    return tmp_path


def test_a_pair_is_a_corpus_and_its_questions(folder: Path) -> None:
    found = find_set(folder / "set.toml")
    assert found.pairs() == ("de-de", "de-en", "en-de", "en-en")
    assert found.default_pairs == ("de-de", "en-en")
    (document,) = found.documents("de-en")
    assert (document.language, document.text) == ("en", "It was Wang.")
    questions = found.questions("de-en")
    assert {(one.language, one.document_language, one.pair) for one in questions} == {
        ("de", "en", "de-en")
    }
    assert questions[0].answers == ("Wang", "Wang"), "of both languages"
    assert found.questions("de-de")[0].answers == ("Wang",)


def test_without_a_pair_the_usual_ones_come_in_turn(folder: Path) -> None:
    found = find_set(folder / "set.toml")
    questions = found.questions(limit=2)
    assert [one.pair for one in questions] == ["de-de", "de-de", "en-en", "en-en"]
    assert len({(one.pair, one.id) for one in questions}) == 4
    with pytest.raises(UsageError, match="a corpus for each pair; name one of de-de, en-en"):
        found.documents()


def test_an_unknown_pair_names_the_known_ones(folder: Path) -> None:
    with pytest.raises(UsageError, match="no pair 'de-fr'; it has de-de, de-en"):
        find_set(folder / "set.toml").questions("de-fr")


def test_a_missing_counterpart_is_named(folder: Path) -> None:
    write(folder / "questions_en", asked(0, "Wang"), asked(1, "Wang"))
    found = find_set(folder / "set.toml")
    assert len(found.questions("de-de")) == 3
    with pytest.raises(UsageError, match="no question 'q2' in 'en'"):
        found.questions("de-en")


@given(count=st.integers(1, 30), limit=st.integers(0, 40), seed=st.integers(0, 5))
def test_a_limit_takes_what_a_shuffle_of_the_questions_has_first(
    tmp_path_factory: pytest.TempPathFactory, count: int, limit: int, seed: int
) -> None:
    found = mixed(tmp_path_factory.mktemp("set"), *(asked(n, "Wang") for n in range(count)))
    order = [one.id for one in found.questions()]
    assert order == [f"q{n}" for n in range(count)]
    random.Random(seed).shuffle(order)
    assert [one.id for one in found.questions(None, limit, seed)] == order[:limit]


def mixed(folder: Path, *rows: Row) -> QuestionSet:
    """A set whose files say nothing of languages, over ``d1.md`` and ``sub/b.md``."""
    (folder / "docs" / "sub").mkdir(parents=True)
    (folder / "docs" / "d1.md").write_text("Wang gewann das Rennen.\n")
    (folder / "docs" / "sub" / "b.md").write_text("The race was won by Wang.\n")
    write(folder / "asked.jsonl", *rows)
    (folder / "set.toml").write_text(
        'name = "mixed"\ndescription = "Both languages"\n'
        + entry("documents", "docs", format="files")
        + entry("questions", "asked.jsonl")
    )
    return find_set(folder / "set.toml")


def test_documents_of_both_languages_are_one_corpus(tmp_path: Path) -> None:
    rows = asked(1, "Wang", language="de"), asked(2, "Wang", language="en", doc_id="sub/b.md")
    found = mixed(tmp_path, *rows)
    assert found.pairs() == ("any-any", "de-any", "en-any")
    assert found.default_pairs == ("any-any",)
    assert [one.id for one in found.documents()] == ["d1.md", "sub/b.md"]
    assert [one.pair for one in found.questions()] == ["de-any", "en-any"]
    assert [one.id for one in found.questions("en-any")] == ["q2"]
    assert [one.id for one in found.documents("en-any")] == ["d1.md", "sub/b.md"]


def test_a_document_may_be_named_by_its_file(tmp_path: Path) -> None:
    (question,) = mixed(tmp_path, asked(1, "Wang", doc_id="b.md", within=["b.md"])).questions()
    assert question.relevant == {"sub/b.md": 1}
    assert question.within == ("sub/b.md",)


def test_a_file_name_of_two_documents_is_refused(tmp_path: Path) -> None:
    found = mixed(tmp_path, asked(1, "Wang", doc_id="b.md"))
    (tmp_path / "docs" / "other").mkdir()
    (tmp_path / "docs" / "other" / "b.md").write_text("Noch ein Satz.\n")
    with pytest.raises(UsageError, match=r"line 1: .*'b\.md', which could be other/b\.md or sub"):
        found.questions()


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([asked(1, "a"), asked(1, "b")], "line 2: the question id 'q1' comes a second time"),
        ([asked(1, "a"), asked(2, "a", doc_id="d9")], "line 2: question 'q2' names the document"),
        ([asked(1, "a", within=["d9"])], "line 1: question 'q1' names the document 'd9'"),
        ([asked(1, "Wang", answer_start=3)], "line 1: the answer 'Wang' does not stand at"),
    ],
)
def test_questions_that_do_not_fit_the_documents(
    tmp_path: Path, rows: list[Row], said: str
) -> None:
    with pytest.raises(UsageError) as caught:
        mixed(tmp_path, *rows).questions(limit=1)
    assert f"asked.jsonl', {said}" in str(caught.value)


def test_places_of_answers_count_in_their_own_language_only(folder: Path) -> None:
    write(folder / "questions_de", *(asked(n, "Wang", answer_start=1) for n in range(3)))
    found = find_set(folder / "set.toml")
    assert len(found.questions("de-en")) == 3
    with pytest.raises(UsageError, match="it first stands at 0"):
        found.questions("de-de")


def test_a_document_twice_is_refused(folder: Path) -> None:
    row = {"id": "d1", "title": "", "text": "x"}
    write(folder / "documents_de", row, row)
    found = find_set(folder / "set.toml")
    with pytest.raises(UsageError, match=r"documents_de', line 2: the document id 'd1' comes a"):
        list(found.documents("de-de"))


@pytest.mark.parametrize("part", ["documents", "questions"])
def test_a_file_of_blank_lines_is_refused(folder: Path, part: str) -> None:
    (folder / f"{part}_de").write_text("\n\n")
    with pytest.raises(UsageError, match=rf"{part}_de' holds no {part}"):
        find_set(folder / "set.toml").questions("de-de")


def test_what_the_set_says_of_a_whole_file_wins(folder: Path) -> None:
    (folder / "set.toml").write_text(
        'name = "x"\ndescription = "x"\n'
        + entry("documents", "documents_de", language="de")
        + entry("questions", "questions_de", language="de", answerable=False, kind="made")
    )
    for question in find_set(folder / "set.toml").questions():
        assert (question.answerable, question.kind) == (False, "made")
        assert (question.answers, question.relevant) == ((), {})


def test_the_digest_tells_any_change(folder: Path) -> None:
    def digest() -> str:
        return find_set(folder / "set.toml").digest

    before = digest()
    assert digest() == before
    with (folder / "questions_en").open("a") as stream:
        stream.write("\n")
    data = digest()
    with (folder / "set.toml").open("a") as stream:
        stream.write("# a remark\n")
    assert len({before, data, digest()}) == 3


def test_absent_data_is_told_from_faulty_data(folder: Path) -> None:
    found = find_set(folder / "set.toml")
    assert found.present()
    (folder / "documents_de").unlink()
    assert not found.present()
    with pytest.raises(SetAbsentError, match="documents_de"):
        found.questions("de-de")


DOCUMENTS = '[[documents]]\nformat = "belegt"\npath = "d"\n'
QUESTIONS = '[[questions]]\nformat = "belegt"\npath = "q"\n'
HEAD = 'name = "x"\ndescription = "x"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name = \n", "is not TOML"),
        (DOCUMENTS + QUESTIONS, "the field 'name' is missing"),
        (HEAD + DOCUMENTS, "the field 'questions' is missing"),
        (HEAD + "root = 5\n" + DOCUMENTS + QUESTIONS, "the field 'root' is 5"),
        (HEAD + "rooot = '.'\n" + DOCUMENTS + QUESTIONS, "'rooot' is not known; known are name"),
        ('name = "a b"\ndescription = "x"\n' + DOCUMENTS + QUESTIONS, "the field 'name' is 'a b'"),
        (HEAD + DOCUMENTS + QUESTIONS + "langauge = 'de'\n", "'questions.0.langauge' is not known"),
        (HEAD + DOCUMENTS + QUESTIONS + "language = 'fr'\n", "'questions.0.language' is 'fr'"),
        (
            HEAD + DOCUMENTS.replace("belegt", "csv") + QUESTIONS,
            "'documents.0' has the format 'csv'; formats with documents are belegt, squad",
        ),
        (
            HEAD + DOCUMENTS + QUESTIONS.replace("belegt", "files"),
            "'questions.0' has the format 'files'; formats with questions are belegt, squad",
        ),
        (HEAD + DOCUMENTS + QUESTIONS + "split = 'dev'\n", "'questions.0' has 'split'"),
        (HEAD + DOCUMENTS + QUESTIONS + "originals = 'o'\n", "'questions.0' needs 'originals' if"),
        (
            HEAD + "default_pairs = ['de-en']\n" + DOCUMENTS + QUESTIONS,
            "'default_pairs' has 'de-en'; the set has any-any",
        ),
    ],
)
def test_faulty_set_files(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "set.toml"
    path.write_text(text)
    with pytest.raises(UsageError) as caught:
        find_set(path)
    assert str(caught.value).startswith(f"'{path}'")
    assert said in str(caught.value)


def test_data_that_stands_alone_needs_no_set_file(tmp_path: Path) -> None:
    qas = [{"id": "q", "question": "Wer gewann das Rennen?", "answers": [], "is_impossible": True}]
    content = {"context": "Das Rennen war gestern am Abend.", "qas": qas}
    path = tmp_path / "My data.json"
    path.write_text(json.dumps({"data": [{"title": "T", "paragraphs": [content]}]}))
    found = find_set(path)
    assert (found.name, found.pairs()) == ("my-data", ("de-de",))
    assert [one.id for one in found.questions()] == ["q"]
    assert len(found.digest) == 64


@pytest.mark.parametrize("name", ["rows.jsonl", "asked.csv", "notes.txt"])
def test_data_that_cannot_stand_alone_asks_for_a_set_file(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text('{"id": "q"}\n')
    with pytest.raises(UsageError, match="write a set file"):
        find_set(tmp_path / name)


def test_an_unknown_set_names_the_known_ones() -> None:
    with pytest.raises(
        UsageError,
        match=r"no set .x.; known are cases, conversations, desk, gazette, germanquad",
    ):
        find_set("x")


def test_bundled_sets_are_called_as_their_files() -> None:
    found = bundled_sets()
    files = (HERE / "eval" / "sets").glob("*.toml")
    assert [one.name for one in found] == sorted(
        path.stem for path in files if not path.name.endswith(SUFFIX)
    )
    assert all(one.description and one.licence for one in found)


@pytest.mark.parametrize("name", [one.name for one in bundled_sets()])
def test_every_bundled_set_that_is_here_is_sound(name: str) -> None:
    found = find_set(name)
    if not found.present():
        pytest.skip(f"the data of {name} is not on this machine")
    for pair in found.default_pairs:
        assert found.questions(pair, limit=5)


@pytest.mark.parametrize(
    ("name", "pair", "file"),
    [
        ("xquad", "de-en", "xquad/questions_de.jsonl"),
        ("germanquad", "de-de", "germanquad/questions_de.jsonl"),
        ("squad2-unanswerable", "en-en", "squad2/xquad_linked_unanswerable_en.jsonl"),
        ("other-corpus", "de-de", "germanquad/questions_de.jsonl"),
    ],
)
def test_the_questions_of_earlier_reports_are_chosen_again(name: str, pair: str, file: str) -> None:
    """The first hundred after a shuffle by seed 7, as in ``docs/measurements-history.md``."""
    path = HERE.parent / "shared" / "eval" / file
    if not path.is_file():
        pytest.skip(f"the data of {name} is not on this machine")
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    random.Random(7).shuffle(rows)
    chosen = find_set(name).questions(pair, 100, 7)
    assert [(one.id, one.text) for one in chosen] == [
        (row["id"], row["question"]) for row in rows[:100]
    ]


def test_one_kind_for_each_perturbation() -> None:
    found = find_set("germanquad-perturbed")
    if not found.present():
        pytest.skip("the perturbed questions are not on this machine")
    kinds = Counter(one.kind for one in found.questions())
    assert len(kinds) == 5
    assert min(kinds.values()) > 1000
