"""Who: records and pure rules about companies and people. No clock, no network."""
