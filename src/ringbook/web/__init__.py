"""Pages and API over the desk and the calls. They hold no rule of their own."""
