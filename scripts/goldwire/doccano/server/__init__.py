"""The Doccano server that goldwire runs."""
