"""One TOML file, one form: strict fields, and one sentence about the first that is wrong."""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from abm.errors import InputError
from abm.reading.toml_lines import line_of

Text = Annotated[str, Field(min_length=1)]
LONGEST_SHOWN = 60  # characters of somebody's text in a sentence about it
Words = Annotated[tuple[str, ...], Field(strict=False)]


class Record(BaseModel):
    """A table of a TOML file: no unknown field, no silent conversion, no NaN; `assumed` names own fields."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False, populate_by_name=True)
    assumed: Words = ()

    @model_validator(mode="after")
    def _assumes_own_fields(self) -> Self:
        for name in self.assumed:
            if name not in type(self).model_fields:
                raise ValueError(f"`assumed` names `{shortened(name)}`, which is no field here")
        return self


_Form = TypeVar("_Form", bound=BaseModel)


def read_form(path: Path, form: type[_Form]) -> _Form:
    """Read one TOML file as `form`; InputError names the file, the first wrong field, its line and what to do."""
    try:
        text = path.read_text(encoding="utf-8")
        table = tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: the file cannot be read ({error}); give a readable TOML file.") from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path}: this is not TOML ({error}); mend the line.") from error
    try:
        return form.model_validate(table)
    except ValidationError as error:
        # a misspelt field is both unknown and missing: naming what was written helps more
        errors = sorted(error.errors(), key=lambda each: each["type"] != "extra_forbidden")
        line = line_of(text, errors[0]["loc"])
        raise InputError(f"{path}, line {line}: {_sentence(errors[0], table)}") from error


def _sentence(error: Any, table: Any) -> str:
    """One wrong field in words: where it stands, what is wrong, what to do."""
    parts: list[str] = []
    for step in error["loc"]:
        table = table[step] if isinstance(step, int) else (table or {}).get(step)
        if isinstance(step, int):
            name = table.get("key", table.get("lever", step + 1)) if isinstance(table, dict) else step + 1
            parts[-1] += f" `{name}`"
        else:
            parts.append(shortened(str(step)))
    where = ", ".join(parts) or "the file"
    match error["type"]:
        case "extra_forbidden":
            return f"{where}: there is no such field; remove it or correct its name."
        case "missing":
            return f"{where}: the field is missing; add it."
        case "value_error":
            return f"{where}: {error['ctx']['error']!s}."
    return f"{where}: {error['msg']}; the value is {shortened(repr(table))}, correct it."


def shortened(text: str) -> str:
    """A text that fits into a sentence: its first 60 characters."""
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."
