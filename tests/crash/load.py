"""Reps at work: they add customers, change one over and over, hand in voice notes, and remember every answer."""

import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

from tests.crash.installation import LOGIN_NAME, MICRO_WHISPER, PASSWORD

_PAUSE_SECONDS = 0.05
_NOTE_PAUSE_SECONDS = 0.7
_TIMEOUT_SECONDS = 20


@dataclass
class Ledger:
    """What the product has promised; everything else that was sent may or may not have been kept."""

    #: name of a customer → its id
    customers: dict[str, str] = field(default_factory=dict)
    #: numbers written into one field of one customer, in order
    confirmed_numbers: list[int] = field(default_factory=list)
    sent_numbers: list[int] = field(default_factory=list)
    #: ids of transcripts that were accepted
    notes: list[str] = field(default_factory=list)
    unanswered: int = 0
    refused: list[str] = field(default_factory=list)


class Load:
    """Threads that write through the API until they are stopped, undeterred by failures."""

    def __init__(self, address: str) -> None:
        self.ledger = Ledger()
        self._client = httpx.Client(base_url=address, timeout=_TIMEOUT_SECONDS, trust_env=False)
        self._numbers = itertools.count(1)
        self._is_over = threading.Event()
        self._log_in()
        customer = self._client.post("/api/customers", json={"name": "风雨集团"}).raise_for_status().json()
        lead = {"customer_id": customer["id"], "title": "风雨项目"}
        self.changed_customer = customer["id"]
        self._lead = self._client.post("/api/leads", json=lead).raise_for_status().json()["id"]
        writers = (self._add_customer, self._change_customer, self._hand_in_note)
        self._threads = [threading.Thread(target=self._repeat, args=(write,)) for write in writers]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    def get(self, path: str) -> httpx.Response:
        return self._client.get(path)

    def close(self) -> None:
        self._client.close()

    def _log_in(self) -> None:
        answer = self._client.post("/api/login", json={"login_name": LOGIN_NAME, "password": PASSWORD})
        self._client.headers["authorization"] = f"Bearer {answer.raise_for_status().json()['token']}"

    def _repeat(self, write: Callable[[int], None]) -> None:
        while not self._is_over.is_set():
            try:
                write(next(self._numbers))
            except httpx.HTTPStatusError as refusal:
                # 503 is the product's word that nothing was kept because its database is away
                if refusal.response.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                    self.ledger.refused.append(f"{refusal.response.status_code} {refusal.response.text[:200]}")
                time.sleep(_PAUSE_SECONDS)
            except httpx.HTTPError:
                self.ledger.unanswered += 1
                time.sleep(_PAUSE_SECONDS)

    def _add_customer(self, number: int) -> None:
        name = f"第{number}号客户"
        values = {"name": name, "is_distinct": True}
        answer = self._client.post("/api/customers", json=values).raise_for_status()
        self.ledger.customers[name] = answer.json()["id"]
        time.sleep(_PAUSE_SECONDS)

    def _change_customer(self, number: int) -> None:
        self.ledger.sent_numbers.append(number)
        change = {"changes": {"budget_range": str(number)}}
        self._client.patch(f"/api/customers/{self.changed_customer}", json=change).raise_for_status()
        self.ledger.confirmed_numbers.append(number)
        time.sleep(_PAUSE_SECONDS)

    def _hand_in_note(self, number: int) -> None:
        # what follows the sound makes each file another one without changing what is heard
        sound = (MICRO_WHISPER / "notes" / "machine_stops.wav").read_bytes() + f"note {number}".encode()
        answer = self._client.post(f"/api/leads/{self._lead}/transcripts", files={"file": ("note.wav", sound)})
        self.ledger.notes.append(answer.raise_for_status().json()["id"])
        self._is_over.wait(_NOTE_PAUSE_SECONDS)
