"""Coming in and going out: sign-in, second factor, set-up, invitations."""
