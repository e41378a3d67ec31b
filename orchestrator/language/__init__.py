"""The playbook language: YAML -> source -> schema -> checks -> plan, with every mistake told."""

from orchestrator.language.canonical import FORMAT, canonical, digest, from_canonical

__all__ = ["FORMAT", "canonical", "digest", "from_canonical"]
