"""Every select() of the house. Functions take the session of the use case that called them."""
