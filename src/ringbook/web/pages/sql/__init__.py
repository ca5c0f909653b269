"""The SQL door for people: a statement, its rows, and files of them."""
