"""The SQL door: what analysts ask in SQL, over documented views and within their scope."""
