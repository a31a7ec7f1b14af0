"""Ask for the state of a job that a task with ``async`` and ``poll: 0`` started."""

import os

from fleet.remote import jobs
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "jid": Arg(required=True, help="The job: `ansible_job_id` of the task that started it."),
        "mode": Arg(default="status", choices=("cleanup", "status"), help="Ask, or remove what the job left."),
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
    job = args["jid"]
    result = jobs.look(job)
    if result is None:
        raise Failed("could not find job", ansible_job_id=job, started=True, finished=True,
                     results_file=jobs.path_of(job), stdout="", stderr="")
    if args["mode"] == "cleanup":
        os.unlink(jobs.path_of(job))
        return {"ansible_job_id": job, "erased": jobs.path_of(job), "changed": True}
    result = dict({"stdout": "", "stderr": ""}, **result)
    result["results_file"] = jobs.path_of(job)
    result.setdefault("changed", False)
    if not result.get("finished"):
        result["changed"] = False
    return result
