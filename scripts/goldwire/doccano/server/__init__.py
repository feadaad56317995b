"""The Doccano server that goldwire runs.

`environment` installs Doccano apart from goldwire, `lifecycle` starts and stops it, `processes` are its processes,
`network` its addresses, `state` what is stored between two commands, and `health` whether it works. `backup` saves
what is not in git, under `encryption` with a `passphrase`. `django` is what runs inside Doccano.
"""
