"""The pages of completeness: which calls should have been recorded, and were not."""
