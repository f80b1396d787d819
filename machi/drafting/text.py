"""TOML as a planner edits it: one field a line, with a comment where a field wants one."""

import json
from collections.abc import Iterable, Mapping

Value = str | bool | int | float | Iterable[str]
COMMENT_AT = 32  # the column of comments, as in the files that are shipped


def quoted(text: str) -> str:
    """A text as a TOML basic string (JSON leaves DEL as it is, TOML does not allow that)."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def value_text(value: Value) -> str:
    """A value as TOML writes it; a float keeps its point, so that it is read as one."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, int | float):
        return repr(value)
    return f"[{', '.join(quoted(one) for one in value)}]"


def line(key: str, value: Value, comment: str = "") -> str:
    """One field, its comment in the column of comments."""
    field = f"{key} = {value_text(value)}"
    return f"{field:<{COMMENT_AT}} # {comment}" if comment else field


def table(header: str, fields: Mapping[str, Value], comments: Mapping[str, str] | None = None) -> list[str]:
    """A table with its fields, after an empty line."""
    said = comments or {}
    return ["", header, *(line(key, value, said.get(key, "")) for key, value in fields.items())]
