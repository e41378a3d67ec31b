"""The desk: whose task is next, who closed it first, and the way back."""
