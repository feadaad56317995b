"""Run work in threads and processes, in order and with bounded memory."""
