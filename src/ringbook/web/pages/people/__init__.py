"""Settings, people: who may sign in and as what, and the teams."""
