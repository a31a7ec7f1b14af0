"""Ask for the state of a job that a task with ``async`` started."""

import os

from fleet.remote import jobs
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "jid": Arg(required=True, help="The job: `ansible_job_id` of the task that started it."),
        "mode": Arg(default="status", choices=("status", "cleanup"), help="Ask, or remove what the job left."),
    },
    returns={
        "ansible_job_id": "The job.",
        "started": "Whether the job was started.",
        "finished": "Whether the job has ended.",
        "erased": "The file that mode cleanup removed.",
    },
)

EXAMPLES = """
- async_status: {jid: "{{ started.ansible_job_id }}"}
  register: job
  until: job is finished
  retries: 30
"""


def run(host, args):
    """``_async_dir``: where jobs are kept. ``_wait``: seconds to wait for the end. ``_erase``: leave nothing behind."""
    job = args["jid"]
    path = jobs.path_of(job, args.get("_async_dir"))
    result = jobs.look(path, args.get("_wait", 0))
    streams = {"stdout": "", "stderr": ""}
    if result is None:
        raise Failed("could not find job", ansible_job_id=job, started=True, finished=True, results_file=path, **streams)
    if args["mode"] == "cleanup":
        os.unlink(path)
        return dict(streams, ansible_job_id=job, erased=path, started=False, finished=False, changed=False)
    result = dict(streams, **result)
    result["results_file"] = path
    result.setdefault("changed", False)
    if not result.get("finished"):
        result["changed"] = False
    elif args.get("_erase"):
        os.unlink(path)
    return result
