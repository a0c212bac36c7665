"""Where values are kept: the interface, and what implements it."""
