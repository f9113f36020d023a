"""Four short documents, a way to write more."""

from __future__ import annotations

from corpus.document import Document, Language


def document(
    name: str,
    text: str,
    language: Language = "de",
    *,
    title: str = "",
    date: str | None = None,
    source: str | None = None,
) -> Document:
    return Document(
        id=name,
        title=title or name,
        source=source,
        date=date,
        language=language,
        text=text,
        path=f"{name}.txt",
    )


DOCUMENTS = (
    document(
        "anteil",
        "Meta zahlte 14,3 Milliarden Dollar für 49 Prozent von Scale AI. "
        "Der Vertrag wurde im Juni 2025 unterschrieben. Sie gilt als große Beteiligung.",
        title="Der Anteil",
        date="2025-06-13",
        source="Reuters",
    ),
    document(
        "layoffs",
        "Scale AI dismissed 200 employees in July. The company named the labeling business.",
        "en",
        title="Layoffs",
        date="2025-07",
        source="Bloomberg",
    ),
    document(
        "valuation",
        "The deal values the startup at 29 billion dollars. Chips were not part of the price.",
        "en",
        title="Valuation",
        date="2025-06-13",
        source="Bloomberg",
    ),
    document(
        "gruendung",
        "Alexandr Wang gründete das Unternehmen mit Lucy Guo. Das Büro liegt in San Francisco.",
        title="Gründung",
    ),
)
