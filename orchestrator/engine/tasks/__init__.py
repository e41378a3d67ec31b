"""A rep's work: tasks read, closed, put off and taken back, and what is said of them."""
