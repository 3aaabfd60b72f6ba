"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import pathlib
import tempfile

from .network import BadInput


def write_whole(path: pathlib.Path, text: str) -> None:
    """Writes beside the place and renames. Raises BadInput where that is impossible."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=path.name, delete=False) as file:
            file.write(text)
        os.chmod(file.name, 0o644)
        os.replace(file.name, path)
    except OSError as error:
        raise BadInput(f"cannot write {path}: {error.strerror}") from None
