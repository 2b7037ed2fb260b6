"""A cause tells a person once, and everybody reads only what is theirs."""

import pytest

from crm_core.foundation.database import Origin
from crm_core.foundation.resources import Resources
from crm_core.work.errors import NotificationNotFound
from crm_core.work.notifications import Message, mark_all_read, mark_read, notifications_of, notify
from tests.factories.people import make_person


def test_the_same_cause_tells_each_person_once(resources: Resources) -> None:
    with resources.database.transaction(Origin(channel="test")) as session:
        first, second = (make_person(session).id for _ in range(2))
        message = Message("task_assigned", {"title": "x"}, origin_key="cause-1")
        for receiver in (first, second, first):
            notify(session, receiver, message)
        notify(session, first, Message("task_assigned", {"title": "y"}))
        assert notifications_of(session, first, only_unread=True)[1] == 2
        assert notifications_of(session, second, only_unread=True)[1] == 1


def test_messages_are_read_by_their_receiver_alone(resources: Resources) -> None:
    with resources.database.transaction(Origin(channel="test")) as session:
        mine, other = (make_person(session).id for _ in range(2))
        for _ in range(3):
            notify(session, mine, Message("task_assigned", {"title": "x"}))
        [latest, *_] = notifications_of(session, mine, only_unread=True)[0]
        with pytest.raises(NotificationNotFound):
            mark_read(session, other, latest.id)
        assert mark_read(session, mine, latest.id).read_at is not None
        assert mark_all_read(session, mine) == 2
        assert notifications_of(session, mine, only_unread=True)[1] == 0
        assert notifications_of(session, mine, only_unread=False)[1] == 3
