"""From figures to ratios, and their page and pictures."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import pytest
from bench_samples import all_parts, answers, load, results, speed

from eval.bench import pictures
from eval.bench.page import draw, render_bench_page
from eval.bench.plots import Bars, plots
from eval.bench.results import WANTED, BenchParts, headline_ratios, reasons, render_results

NAMES = [
    "first_token_vs_plain",
    "total_vs_plain",
    "first_token_vs_prebuilt",
    "decode_lookup_gain",
    "throughput_8_users",
    "prefill_gain",
    "first_token_under_load",
    "cold_start_vs_naive",
    "kernel_efficiency",
]


def test_all_nine_ratios() -> None:
    found = headline_ratios(all_parts())
    assert list(found) == list(WANTED) == NAMES
    assert found["first_token_vs_plain"] == 0.25
    assert found["total_vs_plain"] == 0.25
    assert found["first_token_vs_prebuilt"] == 0.1
    assert found["decode_lookup_gain"] == 2.0
    assert found["throughput_8_users"] == pytest.approx(8**0.5, abs=1e-3)
    assert found["prefill_gain"] == 1.8
    assert found["kernel_efficiency"] == 0.95
    assert reasons(found, all_parts()) == {}


def test_what_was_not_measured_is_null_and_says_why() -> None:
    parts = BenchParts(
        answers=answers(("belegt", "plain"), {"prebuilt": "run: pip install it"}),
        load=load(streams=3),
        speed=speed(),
        failed={"cold": "It ended early."},
    )
    found = headline_ratios(parts)
    assert list(found) == NAMES
    assert reasons(found, parts) == {
        "first_token_vs_prebuilt": "run: pip install it",
        "first_token_under_load": "Only 3 of 8 streams were growing meanwhile.",
        "cold_start_vs_naive": "It ended early.",
    }
    assert "pip install it" in render_results(results(parts))


def test_without_an_answer_that_quotes_nothing_is_said_of_those() -> None:
    parts = all_parts().model_copy(update={"speed": speed().model_copy(update={"quoting": None})})
    assert headline_ratios(parts)["decode_lookup_gain"] is None
    assert reasons(headline_ratios(parts), parts) == {
        "decode_lookup_gain": "No answer that was to quote its sources did."
    }
    assert plots(results(parts))


def test_nothing_at_all_is_nine_nulls() -> None:
    parts = BenchParts(failed=dict.fromkeys(("answers", "cold", "load", "speed"), "No model."))
    assert set(headline_ratios(parts).values()) == {None}
    assert set(reasons(headline_ratios(parts), parts).values()) == {"No model."}
    assert plots(results(parts)) == []


def test_a_question_that_one_did_not_answer_is_not_paired() -> None:
    whole = answers()
    rows = [{**whole.questions[0], "belegt": None}, *whole.questions[1:]]
    found = whole.model_copy(update={"questions": rows})
    assert found.paired("plain", "total_ms") == 0.25
    nobody = whole.model_copy(update={"questions": rows[:1]})
    assert nobody.paired("plain", "total_ms") is None


def test_results_are_json() -> None:
    written = json.loads(results(all_parts()).model_dump_json())
    assert list(written["ratios"]) == NAMES
    assert written["parts"]["load"]["users"]["8"]["per_minute"]["count"] == 3


def test_it_is_said_who_read_the_prompts() -> None:
    made = results(all_parts())
    assert "Prompts were read by PyTorch (int8) (load, speed)" in render_results(made)
    assert "read by PyTorch (int8)" in render_bench_page(made, [])


def test_every_plot_is_drawn_and_says_its_values() -> None:
    made = plots(results(all_parts()))
    assert len({one.name for one in made}) == len(made)
    for one in made:
        picture = draw(one)
        root = ElementTree.fromstring(str(picture))
        assert root.tag == "svg"
        labels = [label for label, _ in one.rows] if isinstance(one, Bars) else []
        for label in labels:
            assert label in "".join(root.itertext())


def test_the_page_stands_alone() -> None:
    made = results(all_parts())
    text = render_bench_page(made, plots(made))
    assert "default-src 'none'" in unescape(text)
    assert not re.search(r"(?:src|href)=\"(?!data:,|#)", text)
    assert "&lt;Zen &amp; 4&gt;" in text
    assert "<script" not in text
    for name in NAMES:
        assert name in text


def test_pictures(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    made = plots(results(all_parts()))
    said = pictures.draw(made, tmp_path)
    assert f"{len(made)} pictures" in said
    for one in made:
        assert (tmp_path / f"{one.name}.png").read_bytes().startswith(b"\x89PNG")


def test_without_matplotlib_the_command_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "find_spec", lambda _: None)
    assert "pip install" in pictures.draw(plots(results(all_parts())), tmp_path)
    assert list(tmp_path.iterdir()) == []
