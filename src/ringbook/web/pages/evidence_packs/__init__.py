"""Evidence packs: asking for one, watching it being made, and the key that they are signed with."""
