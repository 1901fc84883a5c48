"""Images: a name that pods use, and what stands for its content on this machine."""

import json
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

from tests.sandbox.image.dockerfile import stages
from tests.sandbox.paths import OPERATOR_SOURCE
from tests.sandbox.pods.container import Mount

NAME = "emrjobs"
"""The last part of the operator's image name, whatever its registry, tag and digest."""
SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"


@dataclass(frozen=True, slots=True)
class Image:
    """What a container gets from its image. The container sees `mounts` and nothing else of this machine."""

    mounts: tuple[Mount, ...]
    environment: dict[str, str] = field(default_factory=dict)
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    user: int = 0
    group: int = 0

    @classmethod
    def read(cls, raw: dict[str, object]) -> Self:
        return cls(
            **{  # type: ignore[arg-type]
                **raw,
                "mounts": tuple(Mount(**mount) for mount in raw["mounts"]),  # type: ignore[attr-defined]
                "entrypoint": tuple(raw["entrypoint"]),  # type: ignore[arg-type]
                "command": tuple(raw["command"]),  # type: ignore[arg-type]
            }
        )


def of_environment(folder: Path, *more: Path, at: str | None = None) -> Image:
    """Return the operator's image with a virtual environment of this machine in place of the Dockerfile's own.

    `at` is the environment's place in the container, where it differs; `more` are folders that it refers to.
    What the Dockerfile says of user, environment and command holds.
    """
    place = at or str(folder)
    mounts = [Mount(str(folder), place), *(Mount(str(path), str(path)) for path in (interpreter(), *more))]
    final = stages()[-1]
    user, _, group = final.last("USER").text.partition(":")
    environment = final.environment({"PATH": SYSTEM_PATH})
    return Image(
        mounts=tuple(mounts),
        environment={**environment, "PATH": f"{place}/bin:{environment['PATH']}"},
        entrypoint=tuple(final.last("ENTRYPOINT").words),
        command=tuple(final.last("CMD").words),
        user=int(user),
        group=int(group or 0),
    )


def interpreter() -> Path:
    """The folder of the Python that virtual environments of this one lean on."""
    return Path(sys.base_prefix).resolve()


def of_this_checkout() -> Image:
    """Return the image of the environment that the tests run in, with the source as it is now."""
    return of_environment(Path(sys.prefix), OPERATOR_SOURCE)


def write(images: dict[str, Image], path: Path) -> None:
    path.write_text(json.dumps({name: asdict(image) for name, image in images.items()}), encoding="utf-8")


def read(path: Path) -> dict[str, Image]:
    raw = json.loads(path.read_text(encoding="utf-8"))
    return {name: Image.read(image) for name, image in raw.items()}


def find(images: dict[str, Image], reference: str) -> Image | None:
    """Return the image for a reference: of its very text first, then of its name without registry, tag and digest."""
    name = reference.partition("@")[0].rpartition("/")[2].partition(":")[0]
    return images.get(reference) or images.get(name)
