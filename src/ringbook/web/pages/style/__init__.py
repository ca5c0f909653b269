"""The style page: every component in every state, and the theme that a person chose."""
