"""Our own people: who is let in, who is away, who did what to the house."""
