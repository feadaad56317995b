"""The Doccano server and how goldwire talks with it."""
