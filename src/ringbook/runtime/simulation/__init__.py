"""A simulated company whose phone system writes the records that a real one would: for the demonstration and the benchmark.

Everybody in it is invented; numbers are from the ranges set aside for fiction (555-0100 to 555-0199).
"""
