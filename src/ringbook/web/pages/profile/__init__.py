"""One's own profile: name, zone, language, theme, password, second factor, passkeys, sessions."""
