"""The files of folders.

In: paths of files and folders. Out: a :class:`Walk`: the files in a fixed order, each with the
folder it was found from, how many of which kind were left out, and a line for each folder that
cannot be read. What can fail: a path that does not exist (:class:`~base.errors.UsageError`),
before anything else is done; nothing in a folder can.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from base.errors import UsageError
from corpus.loaders import has_loader, printable

WITHOUT_SUFFIX = "without suffix"
_SHOWN_KINDS = 8


@dataclass(frozen=True)
class SourceFile:
    """A file with what tells whether it changed."""

    path: Path
    """Where it lies."""
    root: Path
    """The folder that was named; of a file that was named itself, the folder it lies in."""
    relative: str
    """Its path from ``root``, with "/" between folders."""
    size: int = -1
    """Bytes; -1 where it was not asked for."""
    modified: int = -1
    """When it was changed, in nanoseconds since 1970; -1 where it was not asked for."""


@dataclass
class Walk:
    """What was found."""

    files: list[SourceFile] = field(default_factory=list)
    """Readable names of files that a loader may know."""
    left_out: Counter[str] = field(default_factory=Counter)
    """How many files no loader knows, by suffix."""
    unreadable: dict[Path, str] = field(default_factory=dict)
    """Folders that cannot be read, so that what lies in them is not known; a sentence each."""

    def left_out_summary(self) -> str:
        """One line such as "3 files left out: 1 .pdf, 2 without suffix"; empty if none was."""
        return summary(self.left_out)


def summary(left_out: Counter[str]) -> str:
    """How many files were left out, by kind, most first."""
    total = sum(left_out.values())
    if not total:
        return ""
    kinds = sorted(left_out.items(), key=lambda kind: (-kind[1], kind[0]))
    named = [f"{count} {kind}" for kind, count in kinds[:_SHOWN_KINDS]]
    rest = sum(count for _, count in kinds[_SHOWN_KINDS:])
    if rest:
        named.append(f"{rest} of other kinds")
    files = "file" if total == 1 else "files"
    return f"{total} {files} left out: {', '.join(named)}"


def walk(paths: Iterable[Path], *, known: Callable[[Path], bool] = has_loader) -> Walk:
    """The files that ``paths`` name, each once; those of a folder if ``known`` says so.

    A file that is named itself is always among them. Folders are searched with all their
    subfolders, sorted by name; hidden files and folders are passed over, symbolic links are
    followed once.
    """
    named = list(paths)
    for path in named:
        if not path.exists():
            raise UsageError(f"The path '{path}' does not exist; check its spelling.")
    walker = _Walker(known)
    for path in named:
        if path.is_dir():
            walker.take_folder(path, path)
        else:
            walker.take_file(path, path.parent, is_named=True)
    return walker.found


def iter_files(paths: Iterable[Path]) -> Iterator[Path]:
    """Just the files of :func:`walk`."""
    return iter([file.path for file in walk(paths).files])


class _Walker:
    """Goes through folders, each once."""

    def __init__(self, known: Callable[[Path], bool]) -> None:
        self.found = Walk()
        self._known = known
        self._folders: set[tuple[int, int]] = set()
        self._files: set[str] = set()

    def take_folder(self, folder: Path, root: Path) -> None:
        """Take all of a folder, or one line if it cannot be read."""
        try:
            about = folder.stat()
            if (about.st_dev, about.st_ino) in self._folders:
                return
            self._folders.add((about.st_dev, about.st_ino))
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
            if not os.access(folder, os.X_OK):
                self._refuse(folder, "Permission denied")
                return
        except OSError as error:
            self._refuse(folder, str(error.strerror))
            return
        for entry in entries:
            if entry.name.startswith("."):
                continue
            path = Path(entry.path)
            if _is_folder(entry):
                self.take_folder(path, root)
            elif _is_file(entry):
                self.take_file(path, root)

    def _refuse(self, folder: Path, reason: str) -> None:
        self.found.unreadable[folder] = (
            f"The folder '{printable(folder)}' cannot be read ({reason}); check its permissions."
        )

    def take_file(self, path: Path, root: Path, *, is_named: bool = False) -> None:
        """Take a file that was not taken before."""
        real = os.path.realpath(path)
        if real in self._files:
            return
        if not is_named and not self._known(path):
            self.found.left_out[path.suffix.lower() or WITHOUT_SUFFIX] += 1
            return
        self._files.add(real)
        try:
            about = path.stat()
        except OSError:
            # Whoever reads it says why it cannot be read.
            size = modified = -1
        else:
            size, modified = about.st_size, about.st_mtime_ns
        relative = path.relative_to(root).as_posix()
        self.found.files.append(SourceFile(path, root, relative, size, modified))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _is_file(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:
        return False
