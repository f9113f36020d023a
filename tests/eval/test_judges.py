from __future__ import annotations

from pathlib import Path

import pytest
from fakes import Script, ScriptedEngine

from base.errors import UsageError
from base.settings import Settings
from corpus.document import Language
from eval.judges import ModelJudge, RememberingJudge, judge_called
from qa.engine.protocol import Engine


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize(("stated", "verdict"), [(2.0, True), (-2.0, False)])
def test_the_likelier_word_decides(language: Language, stated: float, verdict: bool) -> None:
    engine = ScriptedEngine()
    engine.script = Script("", stated)
    judge = ModelJudge("scripted", lambda: engine)
    assert judge.supports("A costs five.", "A costs five.", "What?", language, "en") is verdict
    (prompt,) = engine.prompts
    assert [one.text for one in prompt if not one.trusted] == [
        "A costs five.",
        "What?",
        "A costs five.",
    ]


def test_nothing_is_judged_twice(tmp_path: Path) -> None:
    file = tmp_path / "judgements.jsonl"
    engine = ScriptedEngine()
    asked = ("premise", "claim", "question", "en", "en")
    first = RememberingJudge(ModelJudge("scripted", lambda: engine), file)
    said = [first.supports(*asked), first.supports(*asked)]  # type: ignore[arg-type]

    def never() -> Engine:
        raise AssertionError("it was judged before")

    again = RememberingJudge(ModelJudge("scripted", never), file)
    said.append(again.supports(*asked))  # type: ignore[arg-type]
    assert len(set(said)) == 1
    assert len(engine.prompts) == 1


def test_a_broken_memory_is_named(tmp_path: Path) -> None:
    file = tmp_path / "judgements.jsonl"
    file.write_text('{"key": "a"}\n')
    with pytest.raises(UsageError, match="line 1 is not a judgement"):
        RememberingJudge(ModelJudge("scripted", ScriptedEngine), file)


def test_without_the_model_only_the_other_judge_is_there(
    tmp_path: Path, settings: Settings
) -> None:
    with judge_called("overlap", settings, tmp_path) as judge:
        assert judge.name
    with (
        pytest.raises(UsageError, match="belegt models pull"),
        judge_called("model", settings, tmp_path),
    ):
        pass


def test_a_torn_judgement_is_made_again(tmp_path: Path) -> None:
    file = tmp_path / "judgements.jsonl"
    file.write_text('{"key": "a", "supports": true}\n{"key": "b", "supp')
    RememberingJudge(ModelJudge("scripted", ScriptedEngine), file)
