"""Work in threads, processes and on a cluster, in order and with bounded memory.

`threads` and `processes` map a function over items; `tasks` runs independent tasks although workers die, and
`ray_cluster` does so on Ray.
"""
