"""Evidence packs for the command line: made by the process that has the home open, with the desk beside it."""
