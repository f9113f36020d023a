"""Which questions the benchmark asks."""

from __future__ import annotations

from pathlib import Path

import pytest

from base.settings import Settings
from eval.bench import material as chosen
from eval.bench.material import REPORTED
from eval.questionset import find_set


def test_no_question_comes_twice_nor_do_two_have_one_gold_document(settings: Settings) -> None:
    for corpus in chosen.material(settings):
        documents = [one.gold_documents for one in corpus.questions]
        assert len(set(documents)) == len(documents) > 8
        assert all(one.answerable for one in corpus.questions)


def test_reported_questions_are_not_asked(settings: Settings) -> None:
    corpora = chosen.material(settings)
    if corpora[0].set == "sample":
        pytest.skip("../shared/eval is not on this machine")
    asked = [one.id for corpus in corpora for one in corpus.questions]
    assert len(set(asked)) == len(asked)
    reported = {one.id for one in find_set("xquad").questions("de-de", REPORTED)}
    assert not reported & set(asked)


def test_without_the_sets_the_sample_is_asked(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chosen, "_DEVELOPMENT", str(Path(__file__).with_name("absent.toml")))
    Path(settings.cache).mkdir(parents=True, exist_ok=True)
    absent = settings.cache / "absent.toml"
    absent.write_text(
        'name = "absent"\ndescription = "none"\nlicence = "none"\nroot = "."\n'
        '[[documents]]\nlanguage = "de"\nformat = "belegt"\npath = "none.jsonl"\n'
        '[[questions]]\nlanguage = "de"\nformat = "belegt"\npath = "none_q.jsonl"\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(chosen, "_DEVELOPMENT", str(absent))
    (corpus,) = chosen.material(settings)
    assert corpus.set == "sample"
    assert len(corpus.questions) > 8


def test_another_way_of_cutting_has_another_folder(settings: Settings) -> None:
    (one, *_) = chosen.material(settings)
    (other, *_) = chosen.material(settings.model_copy(update={"passage_tokens": 100}))
    assert one.folder != other.folder
    assert one.folder.is_relative_to(settings.cache)
