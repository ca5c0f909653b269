"""The sources: what is connected, how it does, adding one, uploading files."""
