"""Values only: what an account is, what a request asks, what an answer says. No I/O, no clock, no screen."""
