"""Requests to any Doccano server.

`session` signs in, `http` guards every request, `package` imports doccano-client. `project_reader` and `download`
read, `upload` and `labeling` write, `label_types` reads and writes label types, and `jobs` waits for the server's
background jobs.
"""
