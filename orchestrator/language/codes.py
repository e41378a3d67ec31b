"""Every finding has a code, so that pages can explain it and people can look it up."""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """A kind of finding: its code, one line on what it means, and whether it is an error."""

    doc: str
    severity: str

    def __new__(cls, code: str, doc: str, severity: str = "error") -> Code:
        self = str.__new__(cls, code)
        self._value_ = code
        self.doc, self.severity = doc, severity
        return self

    # The source as YAML
    SYNTAX = "ABM001", "The text is not YAML."
    ENCODING = "ABM002", "The file is not plain UTF-8 text."
    TOO_BIG = "ABM003", "The file is too long, too deep, or has too many parts."
    SHARING = "ABM004", "Anchors, aliases, merge keys and tags are not part of the language."
    DUPLICATE_KEY = "ABM005", "A key stands twice in one map; one of them would be lost."
    BAD_VALUE = "ABM006", "A value that no reader could take the same way: not a number, too large."
    DOCUMENT = "ABM007", "A file holds exactly one document."
    BAD_KEY = "ABM008", "Keys are plain words."
    SILENCE = (
        "ABM009",
        "A comment that allows a warning says why, and stands where there is one.",
        "warning",
    )
    # Keys and values
    UNKNOWN_KEY = "ABM101", "The key does not exist here."
    WRONG_TYPE = "ABM102", "A value of another sort is wanted here, such as a list."
    MISSING_KEY = "ABM103", "A key that must be there is missing."
    WRONG_VALUE = "ABM105", "The value is of the right sort, but not one that is allowed."
    WRONG_COUNT = "ABM106", "A list has too few or too many entries."
    BAD_NAME = "ABM107", "A name may hold letters, digits, - and _."
    BAD_CONDITION = "ABM108", "The condition cannot be read."
    STEP_KIND = "ABM109", "A step does exactly one thing."
    WRONG_KIND = "ABM110", "The key belongs to steps of another kind."
    # Names
    UNKNOWN_SEAT = "ABM201", "A step reaches for a seat that the committee does not have."
    UNKNOWN_STEP = "ABM202", "There is no step of this name."
    UNKNOWN_TEMPLATE = "ABM203", "There is no template of this name."
    UNKNOWN_ROLE = "ABM204", "Nobody at a buying committee has this role."
    UNKNOWN_PERSONA = "ABM205", "The agreement defines no persona of this name."
    UNKNOWN_SEGMENT = "ABM206", "The agreement defines no segment of this name."
    UNKNOWN_TEAM_ROLE = "ABM207", "No account team has this role."
    UNKNOWN_EVENT = "ABM208", "No event of this kind can come in."
    UNKNOWN_KEEP = "ABM209", "`keep` names kinds of steps or ids of steps."
    DUPLICATE_ID = "ABM210", "Two steps, or two rules for one event, cannot be told apart."
    SIMILAR_ID = "ABM211", "Two names differ only in the case of their letters."
    RESERVED_ID = "ABM212", "The name is a word of the language."
    UNKNOWN_DATE = "ABM213", "The playbook names no such date."
    WAS = "ABM214", "A step was another one that is still there, or that two claim to have been."
    # Groups of steps
    UNKNOWN_GROUP = "ABM251", "There is no group of steps of this name."
    BAD_GROUP = "ABM252", "The file of a group cannot be read."
    INCLUDES = "ABM253", "Groups take in themselves, or too many of each other."
    UNKNOWN_PARAMETER = "ABM254", "The group has no parameter of this name."
    UNUSED_PARAMETER = "ABM255", "No step of the group uses the parameter.", "warning"
    # Order
    SELF = "ABM301", "A step waits for itself."
    CYCLE = "ABM302", "Steps wait for each other in a circle."
    UNREACHABLE = "ABM303", "A step waits for one that can never end."
    NOT_BEFORE = "ABM304", "A step uses the result of one that does not come before it."
    MANY_PEOPLE = "ABM305", "`step.contact` needs a step that reaches one person."
    NO_END = "ABM306", "Only ads that run `for` a time have an end to wait for."
    # Conditions
    WHOSE = "ABM401", "The condition does not say whose fact it asks for."
    NO_PERSON = "ABM402", "A step for the whole account has no contact to ask about."
    OPENED = (
        "ABM403",
        "Mail programs fetch pictures by themselves, so opens prove little.",
        "warning",
    )
    UNKNOWN_KIND = "ABM404", "No activity of this kind is known; it may never happen.", "warning"
    NEVER_TRUE = "ABM405", "The condition asks for what cannot happen to a step of this kind."
    SENSELESS = "ABM406", "The condition can never be true, or never be false.", "warning"
    SHADOWED = "ABM407", "A branch of which nobody is left: those above it take all.", "warning"
    # Steps
    TEMPLATE_MISSING = "ABM501", "A mail or a variant of a split has no template."
    UNKNOWN_VARIABLE = "ABM502", "A template uses a variable that messages do not have."
    NO_UNSUBSCRIBE = "ABM503", "An e-mail without a way to unsubscribe."
    ENDLESS_CHAIN = "ABM504", "An `overdue` chain ends in `skip` or `proceed`, and only there."
    TOO_LONG = "ABM505", "A wait of more than a year."
    NO_WAIT = "ABM506", "A wait of nothing.", "warning"
    BRANCHES = "ABM508", "Every branch but `otherwise` has a condition; `otherwise` stands last."
    BAD_TEMPLATE = "ABM507", "The template is there, but a message cannot be made of it."
    NO_INSIGHT = "ABM509", "The first mail to a person says nothing to learn from.", "warning"
    LATE_INSIGHT = (
        "ABM510",
        "The first mail to a person begins with something else than its insight.",
        "warning",
    )
    # Calendar and people
    ZONE = "ABM601", "There is no such time zone."
    FIXED_ZONE = "ABM602", "The zone has no daylight saving time.", "warning"
    NEVER_OPEN = "ABM603", "The calendar is never open, so that nothing would ever leave."
    COUNTRY = "ABM604", "Nobody knows the public holidays of this country."
    UNUSED_SEAT = "ABM605", "No step reaches for the seat.", "warning"
    TIER = "ABM606", "A step is only for accounts that the playbook is not for."
    OVER_BUDGET = "ABM607", "A step costs more than the whole budget."
    IDLE_BUDGET = "ABM608", "No step costs anything, so that the budget bounds nothing.", "warning"
    COLLIDES = "ABM609", "More mails are due within a cap's span than the cap allows.", "warning"
    DEAD_STOP = "ABM610", "A stop rule that never binds.", "warning"
    PAST_SIGNATURE = "ABM611", "A wait of longer than the agreement's signatures hold.", "warning"
    IDLE_QUIET = "ABM612", "Quiet hours that the workspace's cover already.", "warning"
    LATE_HAND_OFF = "ABM613", "A hand-off that leaves more time than the agreement.", "warning"
    # Scenarios
    UNKNOWN_PERSON = "ABM701", "The scenario has no person of this name."
    UNKNOWN_PLAYBOOK = "ABM702", "There is no sound playbook of this name to be tested."
    NOT_ENROLLED = "ABM703", "The playbook is not for such an account: it would never begin."
