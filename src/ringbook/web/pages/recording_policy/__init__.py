"""The pages on which it is decided what is recorded, what never, and who has to be asked."""
