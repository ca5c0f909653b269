"""Takes bytes off wires, files and HTTP, and has them durable before anyone says "received".

What comes over TCP and HTTP goes to the *spool* (``spool``) first; files are durable themselves and are only followed
(``tail``). Both give out the same: chunks of streams (``chunk``), each stream in order, each chunk knowing where it stands.
Nothing here knows what the bytes mean.
"""
