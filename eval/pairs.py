"""Sets of quotations and statements, by which a check of support is measured.

In: the name of a set that ships with belegt (``eval/sets/*.pairs.toml``), or the path of such a
file, or of its JSON Lines alone. Out: checked pairs. What can fail, each one sentence with file
and line: a set that nobody knows, a field that is missing, not known or of the wrong kind, an id
that comes twice.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from base.errors import UsageError
from corpus.document import Language
from eval.readers.source import Identifier, Text, json_lines, one_sentence, text_lines

_BUNDLED = Path(__file__).parent / "sets"
SUFFIX = ".pairs.toml"


class LabelledPair(BaseModel):
    """A line: whether ``quote`` alone supports all that ``statement`` says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Identifier
    quote: Text
    quote_language: Language
    statement: Text
    statement_language: Language
    label: bool = Field(description="True: the quotation supports the statement.")
    kind: Text = Field(description="What was changed, or how it was said in other words.")
    origin: Literal["hand", "rule"] = "hand"

    @property
    def languages(self) -> str:
        """Of the quotation and of the statement, such as ``de-en``."""
        return f"{self.quote_language}-{self.statement_language}"


class PairSetFile(BaseModel):
    """The TOML file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")
    description: Text
    licence: Text = "not stated"
    pairs: Text = Field(description="The JSON Lines, relative to the set file.")


class PairSet(BaseModel):
    """A set with all its pairs."""

    model_config = ConfigDict(frozen=True)

    name: str
    pairs: tuple[LabelledPair, ...]


def find_pairs(name_or_path: str | Path) -> PairSet:
    """The set of that name, or the one in that file."""
    bundled = {file.name.removesuffix(SUFFIX): file for file in sorted(_BUNDLED.glob(f"*{SUFFIX}"))}
    path = bundled.get(str(name_or_path), Path(name_or_path))
    if not path.is_file():
        raise UsageError(
            f"There is no set of pairs '{name_or_path}'; known are {', '.join(bundled)}, or give "
            "the path of one."
        )
    if path.suffix != ".toml":
        return PairSet(name=path.stem, pairs=_read(path))
    text = "".join(line for _, line in text_lines(path))
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"'{path}' is not TOML ({error}); mend it there.") from None
    with one_sentence(f"'{path}'", PairSetFile):
        described = PairSetFile.model_validate(content)
    return PairSet(name=described.name, pairs=_read(path.parent / described.pairs))


def _read(path: Path) -> tuple[LabelledPair, ...]:
    found: dict[str, LabelledPair] = {}
    for place, pair in json_lines(path, LabelledPair):
        if pair.id in found:
            raise UsageError(
                f"{place}: the id '{pair.id}' comes a second time; give every pair an id of its "
                "own."
            )
        found[pair.id] = pair
    return tuple(found.values())
