"""Who reacts to what: the one table of it. Reactions run in the transaction of the event."""

from collections.abc import Mapping, Sequence

from api.document_checking import check_uploaded_document
from crm_core.customers.events import DocumentUploaded
from crm_core.foundation.events import Event, Reaction
from crm_core.people.events import PersonLeft, TeamCalendarChanged
from crm_core.pipeline.assignment.jobs import promise_assignment, promise_assignments
from crm_core.pipeline.dwell.jobs import promise_rescheduling
from crm_core.pipeline.events import LeadCreated, LeadsArrived
from crm_core.pipeline.handover.running import hand_over_at_leaving
from crm_core.process.events import PlaybookPublished
from knowledge.cases.events import CaseCaptured
from knowledge.methods.events import MethodUsed
from knowledge.points.rewards import reward_method_use, reward_new_case

REACTIONS: Mapping[type[Event], Sequence[Reaction]] = {
    PersonLeft: (hand_over_at_leaving,),
    TeamCalendarChanged: (promise_rescheduling,),
    PlaybookPublished: (promise_rescheduling,),
    LeadCreated: (promise_assignment,),
    LeadsArrived: (promise_assignments,),
    DocumentUploaded: (check_uploaded_document,),
    CaseCaptured: (reward_new_case,),
    MethodUsed: (reward_method_use,),
}
