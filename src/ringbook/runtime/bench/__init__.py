"""What ``ringbook bench`` measures: import, live intake, search, memory and disk, beside the raw engine where it can be.

Data is made by the same simulated company that the demonstration shows. Figures are medians of repeated runs on whatever
machine this is; quote the ratios, which hold when the machine's speed drifts.
"""
