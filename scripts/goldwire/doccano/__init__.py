"""Doccano: the client for any server, the server that goldwire runs, and the conversion of records between the two."""
