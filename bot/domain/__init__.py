"""Pure: the records, the state machine and every rule that needs no I/O."""
