"""The engine's tables. Importing this package registers every table of the house."""

import accounts.records  # noqa: F401 - the ground floor's tables are the house's too
from orchestrator.records.access import (
    Arrival,
    Credential,
    OutsideIdentity,
    SetUp,
    Share,
    SignInLink,
    Tries,
    WebSession,
)
from orchestrator.records.audit import Audit, HouseKey
from orchestrator.records.desk import Feed, Mention, SavedView
from orchestrator.records.log import Activity, Inbox, Tick
from orchestrator.records.outgoing import Body, MailboxDay, Outgoing, Touch
from orchestrator.records.plays import (
    AgreementVersion,
    Enrollment,
    Expense,
    Invitation,
    Playbook,
    PlaybookVersion,
    SeatHolder,
    StepRun,
    Stop,
)
from orchestrator.records.tasks import Task
from orchestrator.records.tokens import ApiCall, ApiToken

__all__ = [
    "Activity",
    "AgreementVersion",
    "ApiCall",
    "ApiToken",
    "Arrival",
    "Audit",
    "Body",
    "Credential",
    "Enrollment",
    "Expense",
    "Feed",
    "HouseKey",
    "Inbox",
    "Invitation",
    "MailboxDay",
    "Mention",
    "Outgoing",
    "OutsideIdentity",
    "Playbook",
    "PlaybookVersion",
    "SavedView",
    "SeatHolder",
    "SetUp",
    "Share",
    "SignInLink",
    "StepRun",
    "Stop",
    "Task",
    "Tick",
    "Touch",
    "Tries",
    "WebSession",
]
