"""The playbook language: YAML -> source -> schema -> checks -> plan, with every mistake told."""

from orchestrator.language.canonical import FORMAT, canonical, digest, from_canonical
from orchestrator.language.checking import Checked, check, check_group
from orchestrator.language.groups import Group, Groups
from orchestrator.language.schema import json_schema
from orchestrator.language.vocabulary import Vocabulary

__all__ = [
    "FORMAT",
    "Checked",
    "Group",
    "Groups",
    "Vocabulary",
    "canonical",
    "check",
    "check_group",
    "digest",
    "from_canonical",
    "json_schema",
]
