"""The files of a checkout: what git tracks or would track, or every file where there is no git."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path, PurePosixPath


def tracked(root: Path) -> list[PurePosixPath]:
    """New files that nothing ignores count too, so that the check speaks before the commit."""
    names = _asked_of_git(root) if (root / ".git").exists() and shutil.which("git") else _walked(root)
    return sorted(path for path in set(names) if (root / path).is_file())


def texts(root: Path) -> Iterator[tuple[PurePosixPath, str]]:
    """Each text file with its content; binary files are left out."""
    for path in tracked(root):
        try:
            yield path, (root / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def machine_paths(root: Path) -> list[str]:
    """Folders that only this machine has; one directly below / could be anybody's."""
    return [f"{folder}/" for folder in (root, Path.home()) if len(folder.parts) > 2]


def _asked_of_git(root: Path) -> Iterator[PurePosixPath]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout
    return (PurePosixPath(name) for name in listed.split("\0") if name)


def _walked(root: Path) -> Iterator[PurePosixPath]:
    for path in root.rglob("*"):
        relative = path.relative_to(root)
        if not any(part.startswith(".") or part == "__pycache__" for part in relative.parts):
            yield PurePosixPath(relative)
