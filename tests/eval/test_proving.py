from __future__ import annotations

import json
from collections import Counter
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import pytest

import eval.prove_command
from base.errors import UsageError
from corpus.document import Language
from eval.command import main
from eval.pairs import LabelledPair, find_pairs
from eval.proving import Proof, figures, prove_all, sample
from models.training.quotations import written_quotations


@dataclass(frozen=True)
class FakeProof:
    supported: bool
    score: float
    reasons: tuple[str, ...] = ()


def shares_words(
    quote: str,
    statement: str,
    quote_language: Language | None = None,
    statement_language: Language | None = None,
) -> Proof:
    """A check with known mistakes: every word of the statement stands in the quotation."""
    there, said = set(quote.lower().split()), statement.lower().split()
    share = sum(word in there for word in said) / len(said)
    return FakeProof(share == 1.0, share, () if share == 1.0 else ("a word is new",))


def pair(name: str, statement: str, *, label: bool, kind: str = "number") -> LabelledPair:
    return LabelledPair(
        id=name,
        quote="it costs five euros and not six",
        quote_language="en",
        statement=statement,
        statement_language="en",
        label=label,
        kind=kind,
    )


PAIRS = (
    pair("a", "it costs five euros", label=True, kind="inflection"),
    pair("b", "the price is five euros", label=True, kind="synonym"),
    pair("c", "it costs six euros", label=False),
    pair("d", "it costs seven euros", label=False),
)


def test_what_is_counted() -> None:
    found = {row.name: row for row in figures(prove_all(PAIRS, shares_words))}
    every = found["all"]
    assert (every.false_accepted.hits, every.false_accepted.count) == (1, 2)
    assert (every.right_rejected.hits, every.right_rejected.count) == (1, 2)
    assert every.false_accepted.low < 0.5 < every.false_accepted.high
    assert every.area_under_roc == pytest.approx(0.375)
    assert found["kind synonym"].right_rejected.value == 1.0
    assert found["kind synonym"].area_under_roc is None
    assert "across languages" not in found


def test_a_lot_is_the_same_every_time() -> None:
    assert sample(PAIRS, 2, 7) == sample(PAIRS, 2, 7)
    assert sample(PAIRS, None, 7) == PAIRS


def test_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(eval.prove_command, "product_check", lambda **_: nullcontext(shares_words))
    file, out = tmp_path / "mine.jsonl", tmp_path / "out.jsonl"
    file.write_text("".join(one.model_dump_json() + "\n" for one in PAIRS), "utf-8")
    assert main(["eval", "prove", str(file), "--out", str(out)]) == 0
    assert "0.500" in capsys.readouterr().out
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [row["supported"] for row in rows] == [True, False, True, False]
    assert main(["eval", "prove", "--limit", "30", "--json"]) == 0
    assert {row["name"] for row in json.loads(capsys.readouterr().out)} >= {"all", "pair de-en"}
    assert main(["eval", "prove", "nobody"]) == 2
    assert "adversarial" in capsys.readouterr().err
    assert main(["eval", "prove", str(file), "--out", str(tmp_path)]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_a_faulty_line_is_named(tmp_path: Path) -> None:
    file = tmp_path / "mine.jsonl"
    file.write_text(PAIRS[0].model_dump_json() + "\n" + PAIRS[0].model_dump_json() + "\n", "utf-8")
    with pytest.raises(UsageError, match="line 2: the id 'a' comes a second time"):
        find_pairs(file)
    file.write_text('{"id": "a"}\n', "utf-8")
    with pytest.raises(UsageError, match="line 1: the field 'quote' is missing"):
        find_pairs(file)
    (tmp_path / "x.pairs.toml").write_text("name = ", "utf-8")
    with pytest.raises(UsageError, match="is not TOML"):
        find_pairs(tmp_path / "x.pairs.toml")


def test_the_set_that_comes_with_belegt() -> None:
    pairs = find_pairs("adversarial").pairs
    assert len(pairs) >= 800
    languages = Counter(one.languages for one in pairs)
    assert set(languages) == {"de-de", "en-en", "de-en", "en-de"}
    assert min(languages.values()) >= 200
    for wanted in languages:
        labels = [one.label for one in pairs if one.languages == wanted]
        assert 0.4 < sum(labels) / len(labels) < 0.6
    kinds = {one.kind for one in pairs if not one.label}
    assert kinds >= {
        "year", "day", "month", "clock time", "number", "unit", "scale", "sign", "negation",
        "opposite", "swapped roles", "another entity", "another value", "quantity word",
        "comparison", "plan against fact", "tense", "number of the question",
    }  # fmt: skip
    texts = Counter((one.quote, one.statement) for one in pairs)
    assert max(texts.values()) == 1
    assert all(one.statement != one.quote for one in pairs)


def test_statements_in_own_and_other_words_alike() -> None:
    pairs = find_pairs("statements").pairs
    assert len(pairs) == 1552
    assert sum(pair.label for pair in pairs) == 776
    assert {pair.languages for pair in pairs} == {"de-de", "en-en", "de-en", "en-de"}
    assert not {pair.quote for pair in pairs} & {one.quote for one in written_quotations()}
    shares: dict[bool, list[float]] = {True: [], False: []}
    for pair in pairs:
        if pair.quote_language == pair.statement_language:
            own = {word for word in pair.statement.lower().split() if len(word) > 3}
            shared = own & set(pair.quote.lower().split())
            shares[pair.label].append(len(shared) / max(len(own), 1))
    means = {label: sum(values) / len(values) for label, values in shares.items()}
    assert abs(means[True] - means[False]) < 0.2
