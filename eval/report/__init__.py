"""What runs found, for people: one HTML file, or Markdown.

In: summaries and scored records. Out: a self-contained page that opens without a network, or text
for a terminal and a pull request. What can fail: no run, a file that cannot be written (one
sentence each). Importing this package loads no template engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from base.errors import BelegtError, UsageError
from eval.figures import ScoredRecord, Summary
from eval.report.text import comparison_markdown, markdown

__all__ = ["comparison_markdown", "markdown", "write_report"]


def write_report(runs: Sequence[tuple[Summary, Sequence[ScoredRecord]]], out: Path) -> None:
    """Write one page about all ``runs`` to ``out``, making its folder where there is none.

    Raises ``UsageError`` without runs and ``BelegtError`` where ``out`` cannot be written.
    """
    from eval.report.page import render_report_page

    if not runs:
        raise UsageError("There is no run to report on; name at least one run folder.")
    text = render_report_page(runs)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise BelegtError(
            f"The report cannot be written to '{out}' ({error.strerror}); choose another file."
        ) from error
