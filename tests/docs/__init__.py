"""What people read is true: the examples in the README and in ``docs`` run, and their links lead somewhere."""
