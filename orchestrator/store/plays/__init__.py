"""Playbooks and who runs them: versions, target lists, enrolling, holding, moving."""
