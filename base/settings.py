"""Every knob of belegt, in one place.

In: environment variables ``BELEGT_NAME`` and keyword arguments. Out: one immutable
``Settings``. What can fail: a value of the wrong kind, an unknown ``BELEGT_`` variable or a user
without a home folder, each a :class:`~base.errors.UsageError` that names the variable, and its
value where it has one.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Literal

from pydantic import Field, JsonValue, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from base.chosen import chosen_llm
from base.errors import UsageError
from base.home import cache_folder, corpus_folder

PREFIX = "BELEGT_"
_MARK = "bears_on_answers"
_BEARS: dict[str, JsonValue] = {_MARK: True}
"""Marks a setting that makes one answer differ from another; others bear on cost, limits, places.

A server that has another value of it is not asked by ``belegt ask``."""


class Settings(BaseSettings):
    """All settings; see each field's description (``belegt doctor --settings`` prints them)."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    cache: Path = Field(
        default_factory=cache_folder,
        description="Folder for models, native builds and anything that can be made again.",
    )
    corpus: Path = Field(
        default_factory=corpus_folder,
        description="Folder that holds one corpus: its database and its dense index.",
    )
    encoder: str = Field(
        json_schema_extra=_BEARS,
        default="multilingual-e5-small",
        description="Encoder: a name of the manifest or a sentence-transformers folder.",
    )
    encoder_dtype: Literal["auto", "float32", "bfloat16"] = Field(
        json_schema_extra=_BEARS,
        default="auto",
        description="Number format of the encoder; auto takes bfloat16 where the CPU computes it.",
    )
    llm: str = Field(
        json_schema_extra=_BEARS,
        default_factory=lambda known: chosen_llm(known.get("cache") or cache_folder()),
        description="Language model: a name of the manifest or a GGUF file with a chat template.",
    )
    adapter: str = Field(
        json_schema_extra=_BEARS,
        default="default",
        description="LoRA for the language model: 'default' (that of the manifest for this model, "
        "if any), 'none', or a GGUF file.",
    )
    cross_encoder: str = Field(
        json_schema_extra=_BEARS,
        default="default",
        description="What makes the encoder judge passages and answers: 'default' (that of the "
        "manifest for this encoder, if any), 'none', or a safetensors file.",
    )
    threads: int | None = Field(
        default=None,
        ge=1,
        le=512,
        description="CPU threads; unset takes what 'belegt tune' chose, or all usable cores.",
    )
    gpu_layers: int = Field(
        default=-1,
        ge=-1,
        description="Layers put on the GPU where there is one; -1: as many as fit.",
    )
    context_tokens: int = Field(
        json_schema_extra=_BEARS,
        default=4096,
        ge=1024,
        le=131072,
        description="Longest prompt with its answer, in tokens.",
    )
    cells: int = Field(
        default=8192,
        ge=1024,
        le=1_048_576,
        description="Cells for keys and values, one a token, shared by all requests "
        "(28 KiB each with the default model).",
    )
    kept_cells: int = Field(
        default=1024,
        ge=0,
        le=1_048_576,
        description="Cells that prompts of earlier requests may keep, for those that begin alike.",
    )
    requests: int = Field(
        default=8, ge=1, le=64, description="Requests that are answered at the same time."
    )
    waiting_requests: int = Field(
        default=64, ge=1, le=10_000, description="Requests that may wait; more are refused."
    )
    drafts: bool = Field(
        json_schema_extra=_BEARS,
        default=True,
        description="Whether answers are drafted by lookup in their prompts.",
    )
    passage_tokens: int = Field(
        json_schema_extra=_BEARS,
        default=160,
        ge=32,
        le=500,
        description="Longest passage in tokens of the encoder.",
    )
    passage_overlap: int = Field(
        json_schema_extra=_BEARS,
        default=1,
        ge=0,
        le=5,
        description="Sentences that a passage repeats from the one before.",
    )
    top_k: int = Field(
        json_schema_extra=_BEARS,
        default=5,
        ge=1,
        le=50,
        description="Passages an answer may draw on.",
    )
    passages_read: int = Field(
        json_schema_extra=_BEARS,
        default=3,
        ge=1,
        le=8,
        description="Passages read at once for an answer; where none of them holds it, the next.",
    )
    at_most_wrong: float | None = Field(
        json_schema_extra=_BEARS,
        default=None,
        ge=0.0,
        le=1.0,
        description="Share of all questions that may be answered wrongly; fewer wrong answers mean "
        "more refusals. Unset takes the threshold that was fitted to the reader.",
    )
    candidates: int = Field(
        json_schema_extra=_BEARS,
        default=100,
        ge=10,
        le=10000,
        description="Passages each retriever hands to the fusion.",
    )
    index: str = Field(
        json_schema_extra=_BEARS,
        default="local",
        pattern=r"^(local|milvus://.+)$",
        description="Where dense search runs: local, milvus://HOST:PORT, or milvus:///FILE.db for "
        "milvus-lite.",
    )
    index_token: SecretStr | None = Field(
        default=None, description="Token for the Milvus that BELEGT_INDEX names."
    )
    exact_passages: int = Field(
        json_schema_extra=_BEARS,
        default=50_000,
        ge=0,
        le=10_000_000,
        description="Passages of one language up to which a question is compared with each; more "
        "are kept in 8 bits a number, of which a search looks at a measured part.",
    )
    lexical_weight: float = Field(
        json_schema_extra=_BEARS,
        default=0.4,
        ge=0.0,
        le=1.0,
        description="Share of BM25 in the score of a passage in the question's language.",
    )
    evidence_tokens: int = Field(
        json_schema_extra=_BEARS,
        default=240,
        ge=64,
        le=8192,
        description="Budget of evidence in the prompt, in LLM tokens.",
    )
    answer_tokens: int = Field(
        json_schema_extra=_BEARS,
        default=160,
        ge=16,
        le=2048,
        description="Longest answer in LLM tokens.",
    )
    question_characters: int = Field(
        json_schema_extra=_BEARS,
        default=4000,
        ge=100,
        le=100_000,
        description="Longest question accepted.",
    )
    host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="Address that 'belegt serve' listens on; beyond this machine it needs keys.",
    )
    port: int = Field(
        default=8765, ge=0, le=65535, description="Port of 'belegt serve'; 0 takes a free one."
    )
    answer_seconds: float = Field(
        default=300.0, gt=0, le=86_400, description="Longest time a server spends on an answer."
    )
    shutdown_seconds: int = Field(
        default=20, ge=0, le=3600, description="Time a stopping server leaves to running answers."
    )
    upload_files: int = Field(
        default=50, ge=1, le=1000, description="Files that one upload may hold."
    )
    runs: Path = Field(
        default=Path("runs"),
        description="Folder of evaluation runs, which 'belegt serve' shows.",
    )
    eval_api_key: SecretStr | None = Field(
        default=None, description="Key for the server that 'belegt eval run --system http' asks."
    )
    threads_batch: int | None = Field(
        default=None,
        ge=1,
        le=512,
        description="CPU threads while a prompt is read; unset takes what 'belegt tune' chose, or "
        "the number of BELEGT_THREADS.",
    )
    flash_attention: bool | None = Field(
        json_schema_extra=_BEARS,
        default=None,
        description="Whether attention is computed in blocks; unset takes what 'belegt tune' "
        "chose, or true.",
    )
    micro_batch: int | None = Field(
        default=None,
        ge=32,
        le=512,
        description="Rows that the library computes at once; unset takes what 'belegt tune' "
        "chose, or 512.",
    )
    kv_type: Literal["f16", "q8_0"] | None = Field(
        json_schema_extra=_BEARS,
        default=None,
        description="Number format of keys and values; unset takes what 'belegt tune' chose, or "
        "f16.",
    )
    saved_starts_mb: int = Field(
        default=256,
        ge=1,
        le=100_000,
        description="Disk space for the static prefixes of prompts, in MB; those used longest ago "
        "go first.",
    )
    keep_passages: Literal["never", "idle", "always"] = Field(
        json_schema_extra=_BEARS,
        default="idle",
        description="Whether passages are read by themselves and kept for all later questions: "
        "'idle' lets 'belegt serve' do so while nobody asks, 'always' does so before the first "
        "answer that needs one, so that an answer does not depend on what was asked before.",
    )
    kept_passages_mb: int = Field(
        default=2048,
        ge=0,
        le=1_000_000,
        description="Disk space for passages that were read, in MB for each corpus (28 KiB a token "
        "with the default model); those used longest ago go first, 0 keeps none.",
    )
    allowed_hosts: str = Field(
        default="",
        description="Names, separated by commas, that the Host header may carry besides those of "
        "the loopback; empty: any name when 'belegt serve' listens beyond this machine.",
    )
    allowed_origins: str = Field(
        default="",
        description="Origins of other web sites, separated by commas, whose scripts may use the "
        "API (CORS), such as https://intranet.example; empty: none.",
    )
    trusted_proxies: str = Field(
        default="",
        description="Addresses or networks of proxies, separated by commas, whose X-Forwarded-For "
        "is believed, such as 127.0.0.1; empty: nobody's.",
    )
    requests_per_minute: int = Field(
        default=0, ge=0, le=1_000_000, description="Requests a key may make a minute; 0: no limit."
    )
    answers_per_day: int = Field(
        default=0, ge=0, le=10_000_000, description="Answers a key may ask for a day; 0: no limit."
    )
    body_bytes: int = Field(
        default=1_048_576,
        ge=1024,
        le=1_073_741_824,
        description="Largest body of a request that is no upload.",
    )
    upload_bytes: int = Field(
        default=67_108_864,
        ge=1024,
        le=68_719_476_736,
        description="Largest body of an upload, all its files together.",
    )
    header_bytes: int = Field(
        default=16_384, ge=1024, le=1_048_576, description="Largest head of a request."
    )
    header_seconds: float = Field(
        default=10.0, gt=0, le=3600, description="Longest time the head of a request may take."
    )
    body_seconds: float = Field(
        default=20.0,
        gt=0,
        le=3600,
        description="Longest time a body may take, with a second more for each 64 KiB received.",
    )
    stalled_seconds: float = Field(
        default=60.0,
        gt=0,
        le=3600,
        description="Longest time a client may not read what is sent to it.",
    )
    connections: int = Field(
        default=512, ge=1, le=100_000, description="Connections served at once; more get 429."
    )
    log_format: Literal["text", "json"] = Field(
        default="text", description="How 'belegt serve' writes its log: text or json lines."
    )
    kept_answers_days: int = Field(
        default=90,
        ge=1,
        le=36_500,
        description="Days that a server keeps answers and conversations; answers with feedback "
        "stay.",
    )
    engine: str = Field(
        json_schema_extra=_BEARS,
        default="local",
        description="What runs the language model: local, or the address of an OpenAI-compatible "
        "server such as http://127.0.0.1:8080/v1.",
    )
    engine_api_key: SecretStr | None = Field(
        default=None, description="Key for the server that BELEGT_ENGINE names."
    )
    engine_model: str | None = Field(
        json_schema_extra=_BEARS,
        default=None,
        description="Model to ask that server for; unset takes the first that it lists.",
    )
    prefill: Literal["auto", "llama", "torch"] = Field(
        json_schema_extra=_BEARS,
        default="auto",
        description="Who reads prompts: auto takes PyTorch where it was measured to be faster "
        "(BELEGT_TUNE) and memory suffices, torch wherever it can, llama never.",
    )
    tune: Literal["auto", "off"] = Field(
        default="auto",
        description="Whether it is measured by itself, once for each machine, library and model, "
        "who reads prompts faster (20 s): auto does so with 'belegt tune --quick', before 'belegt "
        "index read', and in the first seconds in which nobody asks 'belegt serve'; off neither "
        "measures nor goes by such a measurement, and leaves it to 'belegt tune'.",
    )
    writer: Literal["auto", "llama", "torch"] = Field(
        json_schema_extra=_BEARS,
        default="auto",
        description="Who writes answers where PyTorch reads prompts: torch has more of several "
        "answers at once, and gives each that is drafted what it would get alone; llama is faster "
        "with a lone one; auto is torch in 'belegt serve' and llama elsewhere.",
    )
    memory_limit: int | None = Field(
        default=None,
        ge=256,
        le=10_000_000,
        description="Memory of the process in MB beyond which PyTorch does not read prompts.",
    )

    def of_server(self) -> Settings:
        """The same, with what ``auto`` means where many ask at once."""
        return self.model_copy(update={"writer": "torch"}) if self.writer == "auto" else self


def bearing_on_answers() -> set[str]:
    """The names of the settings that are marked as bearing on answers."""
    return {
        name
        for name, field in Settings.model_fields.items()
        if isinstance(field.json_schema_extra, dict) and field.json_schema_extra.get(_MARK)
    }


def load_settings(**overrides: object) -> Settings:
    """Read the environment and apply ``overrides`` (None values are left out).

    Raises UsageError with one sentence for the first value that is not acceptable.
    """
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    for variable in os.environ:
        if variable.startswith(PREFIX) and variable not in known:
            raise UsageError(
                f"Unknown setting {variable} in the environment; "
                f"known are {', '.join(sorted(known))}."
            )
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise UsageError(
            f"Setting {PREFIX}{name.upper()} has the value '{first['input']}': {first['msg']}."
        ) from None


def explain(settings: Settings, *, json_wanted: bool = False) -> str:
    """Every setting with its variable, its value and what it is for; secrets are not shown."""
    values = settings.model_dump(mode="json")
    rows = {
        PREFIX + name.upper(): {"value": values[name], "description": field.description or ""}
        for name, field in Settings.model_fields.items()
    }
    if json_wanted:
        return json.dumps(rows, ensure_ascii=False, indent=2)
    return "\n".join(
        f"{name}={row['value']}\n    {row['description']}" for name, row in rows.items()
    )
