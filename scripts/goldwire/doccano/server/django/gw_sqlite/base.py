"""Django's SQLite, with what several writers at once need."""

from django.db.backends.sqlite3 import base


class DatabaseWrapper(base.DatabaseWrapper):
    """Readers that do not wait for writers, and transactions that wait for their turn before they begin."""

    def get_new_connection(self, conn_params):
        """Open with a write-ahead log; with it, syncing at checkpoints only still survives a killed process."""
        connection = super().get_new_connection(conn_params)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        return connection

    def _start_transaction_under_autocommit(self):
        # A transaction that reads first and then writes fails at once, whatever the timeout, where another wrote
        # in between; one that begins as a writer waits.
        self.cursor().execute("BEGIN IMMEDIATE")
