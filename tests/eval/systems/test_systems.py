from __future__ import annotations

import sys

import pytest

from base.errors import UsageError
from base.settings import Settings
from eval.systems import NAMES, make_system


def test_the_names() -> None:
    assert NAMES == ("belegt", "http", "plain", "llamaindex")


def test_an_unknown_system_is_one_sentence_that_names_the_known(settings: Settings) -> None:
    with pytest.raises(UsageError, match="no system 'ragflow'; known are belegt, http, plain"):
        make_system("ragflow", settings)


def test_an_unknown_option_is_one_sentence(settings: Settings) -> None:
    with pytest.raises(UsageError, match="System 'plain' has no option 'url'; it has none"):
        make_system("plain", settings, url="http://127.0.0.1")
    with pytest.raises(UsageError, match="it has model, timeout_s, url"):
        make_system("http", settings, port=1)


def test_options_reach_the_system(settings: Settings) -> None:
    system = make_system("http", settings, url="http://127.0.0.1:9/v1/", model="m")
    assert system.describe().settings["url"] == "http://127.0.0.1:9/v1"
    assert system.describe().models == {"served": "m"}
    system.close()


def test_without_the_extra_the_command_that_installs_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [one for one in sys.modules if one.partition(".")[0] == "llama_index"]:
        monkeypatch.delitem(sys.modules, name)
    # None in this table is Python's own way to say that there is no such module.
    monkeypatch.setitem(sys.modules, "llama_index", None)
    with pytest.raises(UsageError, match=r"run: pip install 'belegt\[peers\]'"):
        make_system("llamaindex", settings)
