"""What is recorded, what never, who has to be asked, and what each party of a call said to it."""
