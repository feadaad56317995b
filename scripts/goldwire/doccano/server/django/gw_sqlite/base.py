"""Django's SQLite backend with the settings that several simultaneous writers need."""

from django.db.backends.sqlite3 import base


class DatabaseWrapper(base.DatabaseWrapper):
    """Readers do not wait for writers, and transactions wait for their turn before they begin."""

    def get_new_connection(self, conn_params):
        """Open with a write-ahead log; syncing only at checkpoints then still survives a killed process."""
        connection = super().get_new_connection(conn_params)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        return connection

    def _start_transaction_under_autocommit(self):
        # A transaction that reads and then writes fails at once, whatever the timeout, if another wrote in between; one
        # that begins as a writer waits.
        self.cursor().execute("BEGIN IMMEDIATE")
