"""The settings: what an organisation says of itself."""
