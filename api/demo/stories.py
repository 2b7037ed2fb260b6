"""The words: won-case stories, voice summaries, log entries.

A story is put together from sentences of its industry and of the methods used. Sentences are picked by position on
wheels of pairwise coprime sizes, so that two stories of one industry share at most a few sentences however many
there are, and numbers inside the sentences are drawn anew each time.
"""

import re
from collections import Counter
from dataclasses import dataclass
from random import Random

from api.demo.catalogue import Content, Industry, Obstacle, Situation
from api.demo.records import Requirement

MINIMUM_CHARACTERS, MAXIMUM_CHARACTERS = 100, 250
_NUMBER = re.compile(r"\{(\d+)-(\d+)\}")
_HONORIFICS = ("总", "院长", "校长", "主任", "董事长")
_VOICE_NAMES = {"≥": "不低于", "≤": "不超过", "=": "等于"}


@dataclass(frozen=True, slots=True)
class Scene:
    """What a story is about: one deal at one customer, seen by its rep."""

    industry: Industry
    situation: Situation
    obstacle: Obstacle
    #: situation and obstacle with names and numbers put in, once, so that every text tells the same
    situation_words: str
    obstacle_words: str
    methods: tuple[str, ...]
    slots: dict[str, str]
    #: place on the wheels; grows by one with each story of the industry
    position: int


def address(surname: str, title: str) -> str:
    """How one speaks of a person: 许总, 许院长."""
    honorific = next((word for word in _HONORIFICS if title.endswith(word)), "总")
    return surname + honorific


class Storyteller:
    """Writes what people of the demo company wrote."""

    def __init__(self, content: Content, rng: Random) -> None:
        self._content = content
        self._rng = rng
        self._positions: Counter[str] = Counter()

    def scene(self, industry: Industry, methods: frozenset[str], decider: str, product: str) -> Scene:
        """The next situation and obstacle of an industry, with everything that the sentences need."""
        position = self._positions[industry.code] + self._start(industry.code)
        self._positions[industry.code] += 1
        slots = {
            "person": decider,
            "site": self._rng.choice(industry.sites),
            "evidence": self._rng.choice(industry.evidence),
            "rival": self._rng.choice(industry.rivals),
            "product": product,
            "industry": industry.name,
            **{part: industry.titles[part] for part in ("uses", "tech", "buys", "pays")},
        }
        situation = industry.situations[position % len(industry.situations)]
        obstacle = industry.obstacles[position % len(industry.obstacles)]
        return Scene(
            industry=industry,
            situation=situation,
            obstacle=obstacle,
            situation_words=self.fill(situation.text, slots),
            obstacle_words=self.fill(obstacle.text, slots),
            methods=tuple(sorted(methods)),
            slots=slots,
            position=position,
        )

    def _start(self, industry: str) -> int:
        return sum(ord(letter) for letter in industry) * 7

    def fill(self, text: str, slots: dict[str, str]) -> str:
        """A sentence with its names and numbers put in."""
        text = _NUMBER.sub(lambda match: str(self._rng.randint(int(match[1]), int(match[2]))), text)
        return text.format_map(slots)

    def story(self, scene: Scene) -> str:
        """How the deal was won: 100 to 250 characters in the rep's own voice."""
        plans = [p for p in self._content.phrases["plans"] if ("b" in p) == (len(scene.methods) > 1)]
        parts = self._parts(scene)
        plan = plans[scene.position % len(plans)]
        text = self._tell(plan, parts)
        for droppable in "tc":
            if len(text) > MAXIMUM_CHARACTERS:
                plan = plan.replace(droppable, "")
                text = self._tell(plan, parts)
        for addition in "ct":
            if len(text) < MINIMUM_CHARACTERS and addition not in plan:
                plan += addition
                text = self._tell(plan, parts)
        return text

    def _parts(self, scene: Scene) -> dict[str, str]:
        phrases, position = self._content.phrases, scene.position
        moves = [self._move(method, position) for method in scene.methods[:2]] or [self._move("payback", position)]
        sentences = {
            "a": moves[0],
            "b": moves[-1],
            "t": phrases["turns"][position % len(phrases["turns"])],
            "r": scene.industry.results[position % len(scene.industry.results)],
            "c": phrases["closings"][position % len(phrases["closings"])],
        }
        told = {part: self.fill(text, scene.slots) for part, text in sentences.items()}
        return {"s": scene.situation_words, "o": scene.obstacle_words, **told}

    def _move(self, method: str, position: int) -> str:
        moves = self._content.methods[method].moves
        return moves[position % len(moves)]

    def _tell(self, plan: str, parts: dict[str, str]) -> str:
        phrases, variant = self._content.phrases, len(parts["s"])
        if plan[0] == "r":
            flashback = phrases["link_flashback"][variant % len(phrases["link_flashback"])]
            rewind = phrases["link_rewind"][variant % len(phrases["link_rewind"])]
            return flashback + parts["r"] + rewind + "".join(parts[part] for part in plan[1:])
        link = phrases["link_result"][variant % len(phrases["link_result"])]
        return "".join(link + parts[part] if part == "r" else parts[part] for part in plan)

    def voice_summary(self, scene: Scene, parameters: tuple[Requirement, ...]) -> str:
        """What the rep said into the phone after the diagnosis visit, with the customer's own words in it."""
        plan = self._content.phrases["voice"][scene.position % len(self._content.phrases["voice"])]
        slots = {
            **scene.slots,
            "text": scene.situation_words,
            "obstacle": scene.obstacle_words,
            "parameters": "，".join(spoken(parameter) for parameter in parameters),
        }
        return plan.format_map(slots)

    def log(self, kind: str, scene: Scene) -> str:
        """A line of a rep's log: log_call, log_visit, log_message, log_email, log_quote, log_renewal."""
        return self.fill(self._rng.choice(self._content.phrases[kind]), scene.slots)

    def pick(self, key: str) -> str:
        """One of a list of phrases."""
        return self._rng.choice(self._content.phrases[key])


def spoken(parameter: Requirement) -> str:
    """A requirement as a rep says it: 响应时间不超过200ms."""
    return f"{parameter.name}{_VOICE_NAMES[parameter.comparator]}{parameter.value:g}{parameter.unit}"
