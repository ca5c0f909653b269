"""Evidence packs: chosen calls with everything behind them in one archive, signed, to be verified by anybody."""
