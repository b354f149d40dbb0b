"""Files: built front-end files, read once, kept in memory and answered with their ETag."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.errors import NotFound, Unavailable
from core.routes import Answer

IMMUTABLE = "public, max-age=31536000, immutable"  # for names that carry a hash of the content
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class File:
    """A file as it is sent."""

    content: bytes
    zipped: bytes
    etag: str
    content_type: str

    def answer(
        self, asked: Mapping[str, str], *, cache: str, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """The file, zipped if the browser takes that; 304 if it has this very version."""
        every = {
            "etag": self.etag,
            "cache-control": cache,
            "vary": "accept-encoding",
            **(headers or {}),
        }
        if self.etag in asked.get("if-none-match", ""):
            return Answer(b"", 304, every, self.content_type)
        if "gzip" in asked.get("accept-encoding", ""):
            every["content-encoding"] = "gzip"
            return Answer(self.zipped, 200, every, self.content_type)
        return Answer(self.content, 200, every, self.content_type)


def to_file(content: bytes, name: str) -> File:
    """Content under the type its name implies."""
    suffix = Path(name).suffix
    return File(
        content=content,
        zipped=gzip.compress(content, 9, mtime=0),
        etag=f'"{hashlib.sha256(content).hexdigest()[:20]}"',
        content_type=TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "text/plain",
    )


class Folder:
    """The files of one folder, by their path below it; nothing else can be asked for."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._files = {
            str(file.relative_to(path)): to_file(file.read_bytes(), file.name)
            for file in sorted(path.rglob("*"))
            if file.is_file() and not file.name.startswith(".")
        }

    def file(self, name: str) -> File:
        """The file of this name, or NotFound."""
        found = self._files.get(name)
        if found is None:
            raise NotFound("There is no such file.")
        return found

    def built(self, name: str) -> File:
        """A file that `./run web` builds; Unavailable, saying so, if it has not."""
        if name not in self._files:
            raise Unavailable(f"{self._path.name}/{name} is not built yet: run ./run web.")
        return self._files[name]
