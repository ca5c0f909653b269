"""The tokens of programs that use the API, and the answers kept for those that ask twice."""
