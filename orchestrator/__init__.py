"""How: the playbook language, planner, ledger, channels and use cases of the engine."""
