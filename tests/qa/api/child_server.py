"""``belegt`` with stand-ins for the models: ``python child_server.py PAUSE_S serve ...``.

Everything else is the command as people run it. The engine waits PAUSE_S before each piece of an
answer, so that a test can come in between.
"""

from __future__ import annotations

import sys

from api_samples import GOOD
from fakes import HashingEncoder, Script, ScriptedEngine

from eval.command import main
from qa.cli import serve

if __name__ == "__main__":
    engine = ScriptedEngine(Script(answer=GOOD, pause_s=float(sys.argv[1])))
    serve.load_models = lambda _: (HashingEncoder(), engine)
    sys.exit(main(sys.argv[2:]))
