"""Our own people: who they are, who is let in, who is away, who does it, who did it."""
