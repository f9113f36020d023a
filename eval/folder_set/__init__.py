"""The measure "a person's folder": 60 made files of all kinds, and 40 questions about them.

In: a folder (``python -m eval.folder_set OUT``). Out: in it ``documents/``, ``questions.jsonl``
and ``set.toml``, which ``belegt eval run OUT/set.toml --answers`` asks; the same bytes each time
with the same libraries. What can fail, each one sentence: a library of the extra "folder-set" is
not installed, or the folder cannot be written.

``contents`` says what is in the files, ``writing`` how each format is written, ``questions`` what
is asked. The files tell of an association that runs a bicycle workshop in the town of Auenfeld,
of its exchange with a workshop in Bristol, and of the private affairs of its treasurer; all of
them are made up. Facts agree with one another, but for two that two files state differently on
purpose (the questions of the kind "disagreement").
"""
