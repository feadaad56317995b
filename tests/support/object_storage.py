"""An S3 server on 127.0.0.1, and a Ray cluster of two nodes on this machine."""

from __future__ import annotations

import http.client
import logging
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def s3_server(bucket: str) -> Iterator[dict[str, str]]:
    """Start moto's S3 server with an empty bucket, and yield the environment that reaches it.

    The XML API of Google Cloud Storage has the requests of S3 for what goldwire does, with another header for the
    credentials: the same bucket is at gs://, with a token in which moto finds its service.
    """
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # one line per request
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        connection = http.client.HTTPConnection(host, port, timeout=120)
        connection.request("PUT", f"/{bucket}", headers={"Content-Length": "0"})
        assert connection.getresponse().status == 200
        connection.close()
        yield {
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
            "AWS_ACCESS_KEY_ID": "anybody",
            "AWS_SECRET_ACCESS_KEY": "anything",
            "GOOGLE_BASE_URL": f"http://{host}:{port}",
            "GOOGLE_BEARER_TOKEN": "anybody/20260101/us-east-1/s3/aws4_request",
        }
    finally:
        server.stop()
