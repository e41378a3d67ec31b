"""Use cases: each opens its transaction, orders the work, and hands values between the floors."""
