"""The tables of the house as statements name them; their columns are described in the records."""

from __future__ import annotations

from sqlmodel import SQLModel

import orchestrator.records  # noqa: F401 - registers every table

_TABLES = SQLModel.metadata.tables

ACCOUNT, ALIAS, CONTACT = _TABLES["account"], _TABLES["alias"], _TABLES["contact"]
EXTERNAL_ID, MERGE = _TABLES["external_id"], _TABLES["account_merge"]
TEAM, USER = _TABLES["account_team"], _TABLES["app_user"]
ABSENCE = _TABLES["absence"]
SUPPRESSION, REVIEW = _TABLES["suppression"], _TABLES["review"]
CALIBRATION, DECISION = _TABLES["calibration_version"], _TABLES["decision"]
AGREEMENT = _TABLES["agreement_version"]
NOMINATION, SIGN_OFF = _TABLES["nomination"], _TABLES["sign_off"]
PLAYBOOK, VERSION = _TABLES["playbook"], _TABLES["playbook_version"]
ENROLLMENT, RUN, HOLDER = _TABLES["enrollment"], _TABLES["step_run"], _TABLES["seat_holder"]
STOP, TASK = _TABLES["stop"], _TABLES["task"]
INVITATION, EXPENSE = _TABLES["invitation"], _TABLES["expense"]
TOUCH, BODY = _TABLES["touch"], _TABLES["body"]
MAILBOX_DAY = _TABLES["mailbox_day"]
ACTIVITY, INBOX, TICK = _TABLES["activity"], _TABLES["inbox"], _TABLES["tick"]
AUDIT, KEY = _TABLES["audit"], _TABLES["house_key"]
TRIES, SET_UP = _TABLES["tries"], _TABLES["set_up"]
IDENTITY, ARRIVAL = _TABLES["outside_identity"], _TABLES["arrival"]
SHARE = _TABLES["share"]
TOKEN, CALL = _TABLES["api_token"], _TABLES["api_call"]
CREDENTIAL, LINK, SESSION = (
    _TABLES["credential"], _TABLES["sign_in_link"], _TABLES["web_session"],
)  # fmt: skip
VIEW, MENTION, FEED = _TABLES["saved_view"], _TABLES["mention"], _TABLES["feed"]
