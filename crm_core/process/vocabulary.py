"""The company's own words: pain points, methods, skills, courses."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Slug = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,39}$")]


class Word(BaseModel):
    """A named thing; `name` is in the company's language, `name_en` for English screens."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    code: Slug
    name: str
    name_en: str


class PainPoint(Word):
    """Something that troubles customers, with its other names and the ways customers say it."""

    aliases: tuple[str, ...] = ()
    expressions: tuple[str, ...] = ()


class Lexicon(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    pain_points: tuple[PainPoint, ...] = Field(min_length=3)

    def pain_point(self, code: str) -> PainPoint | None:
        return next((entry for entry in self.pain_points if entry.code == code), None)


class Method(Word):
    """A way of winning that can be taught."""

    definition: str
    typical_situations: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


class Skill(Word):
    #: the level that every rep should have, 1 to 5
    required_level: float = Field(ge=1, le=5)
    description: str = ""


class TrainingCourse(Word):
    #: code of the skill that the course trains
    skill: Slug
    description: str = ""
    hours: float = Field(default=1, gt=0)
