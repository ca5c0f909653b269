"""How days are written on the pages, one package a language; the names are Django's."""
