"""Doccano: the client for any server, the server that goldwire runs, and the conversion of records between the two.

`client` sends the requests, `server` runs Doccano. Between them and the stages:

- push: `batch` is what is planned, `task_view` the text of a task, `guideline_page` and `label_type_plan` the
  settings of a `project`, `conversion` its rows. `reconciliation` compares the project with the plan and `sync`
  changes what differs; `removal` deletes unplanned work.
- pull: `project_pull` reads a project; `export_rows` are its rows, `export_file` stores them, `layers` turns them
  into records, and `lost_work` finds what the server has lost.
- the expert's project: `adjudication`
- private notes of this machine, never in git: `ledger`, `accounts`, `credentials`
- shared with the server: `label_digest`; its installation: `uv_command`
- times: `work_time` and `pulled_times`; what is reported: `reports`
"""
