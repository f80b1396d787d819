"""Files as no planner should write them: made of a JSON schema, or sound ones changed in one place."""

import random
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import tomlkit

WORDS = (
    "iwaki", "ninohe", "baseline", "trend", "P03", "P06", "census", "sustained", "childbirth", "slots_health", "",
    "字" * 300, "../../x", "<script>", "\u202e", "=1+1", "P03 ", "ｉｗａｋｉ",
)  # fmt: skip
NUMBERS = (0, 1, -1, 0.5, 2, 10, 2015, 2060, 1e9, -0.0, 1e309, float("nan"), 2**63)
VALUES = ("-1", "nan", "inf", '""', "true", "[]", "1e309", '"' + "字" * 300 + '"', "{}", "2999-01-01", '"../../x"')
ODDNESS = 0.01
PLACED = re.compile(r", line \d+: |at line \d+|: key is |at end of document")  # how a refusal says where to look
Tree = Mapping[str, Any]


class Fuzzed(NamedTuple):
    """How many files were refused, and how many read."""

    refused: int
    read: int


def fuzzed(file: Path, texts: Iterable[str], check: Callable[[Path], str]) -> Fuzzed:
    """Write each text to the file and check it; AssertionError where a refusal is not one line that says where."""
    refused = read = 0
    for text in texts:
        file.write_text(text, encoding="utf-8", newline="\n")
        problem = check(file)
        read += not problem
        refused += bool(problem)
        sound = problem.startswith(str(file)) and "\n" not in problem and PLACED.search(problem)
        assert sound or not problem, f"{problem}\n{text}"
    return Fuzzed(refused, read)


def changed(text: str, chance: random.Random) -> str:
    """One place of a TOML text changed: a value, a name, a line twice, a line gone, a stray byte."""
    lines = text.splitlines()
    place = chance.choice([number for number, line in enumerate(lines) if "=" in line or line.startswith("[")])
    name, _, _ = lines[place].partition("=")
    match chance.randrange(6):
        case 0:
            lines[place] = f"{name}= {chance.choice(VALUES)}"
        case 1:
            lines[place] = lines[place].replace("e", "o", 1)
        case 2:
            lines.insert(place, lines[place])
        case 3:
            del lines[place]
        case 4:
            lines[place] += chance.choice(["]", "\x00", '"', "＝１"])
        case _:
            lines[place] = re.sub(r"\d", lambda _: str(chance.randrange(10)), lines[place])
    return "\n".join(lines)


def made_of(schema: Tree, chance: random.Random) -> str:
    """A file nearly as the schema asks."""
    return tomlkit.dumps(instance(schema, chance, ODDNESS))


def instance(schema: Tree, chance: random.Random, oddness: float = 0.03) -> dict[str, Any]:
    """An object of the schema; every value, name and length is off it with probability `oddness`."""
    return _Maker(schema.get("$defs", {}), chance, oddness).table(schema)


class _Maker:
    def __init__(self, named: Tree, chance: random.Random, oddness: float) -> None:
        self.named, self.chance, self.oddness = named, chance, oddness

    def of(self, schema: Tree) -> Any:
        """A value of a schema."""
        chance = self.chance
        if "$ref" in schema:
            return self.of(self.named[schema["$ref"].rsplit("/", 1)[1]])
        if chance.random() < self.oddness:
            return chance.choice([*WORDS, *NUMBERS, True, [], {}, [[1]], {"low": 1}])
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return chance.choice(schema["enum"])
        for union in ("anyOf", "oneOf"):
            if union in schema:
                return self.of(chance.choice([one for one in schema[union] if one.get("type") != "null"]))
        match schema.get("type"):
            case "object":
                return self.table(schema)
            case "array":
                return self.array(schema)
            case "integer" | "number":
                return self.number(schema)
            case "boolean":
                return chance.random() < 0.5
            case "string":
                return chance.choice([*(schema.get("examples") or ()), *WORDS])
        return chance.choice(WORDS)

    def table(self, schema: Tree) -> dict[str, Any]:
        """Required fields nearly always, optional ones every second time, a field that there is not now and then."""
        fields, required = schema.get("properties", {}), set(schema.get("required", ()))
        kept = {name: 1 - self.oddness if name in required else 0.5 for name in fields}
        made = {name: self.of(fields[name]) for name, likely in kept.items() if self.chance.random() < likely}
        if isinstance(free := schema.get("additionalProperties"), Mapping):
            made |= {word: self.of(free) for word in self.chance.sample(WORDS, self.chance.randrange(3))}
        if self.chance.random() < self.oddness:
            made[self.chance.choice(WORDS)] = 1
        return made

    def array(self, schema: Tree) -> list[Any]:
        """Some items, as many as are asked for or a few."""
        items = schema.get("prefixItems") or [schema.get("items", {})] * self.chance.randint(
            schema.get("minItems", 0), schema.get("maxItems", 4)
        )
        return [self.of(one) for one in items]

    def number(self, schema: Tree) -> int | float:
        """A number between the bounds, mostly."""
        low = schema.get("minimum", schema.get("exclusiveMinimum", 0))
        high = schema.get("maximum", schema.get("exclusiveMaximum", max(low, 0) + 100))
        if schema["type"] == "integer":
            return self.chance.randint(int(low), int(high))
        return self.chance.choice([low, high, self.chance.uniform(low, high)])
