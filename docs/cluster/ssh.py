"""Starts a scheduler here and a worker on each host over SSH, and keeps them until Ctrl-C.

export DASK_CONFIG=~/cluster GRADER_CERTIFICATES=~/cluster    # of `grader cluster certificates ~/cluster`
python ssh.py host1 host2 host3
"""

import signal
import sys

from distributed import SSHCluster

if __name__ == "__main__":
    scheduler, *hosts = ["localhost", *sys.argv[1:]]
    options = {"memory_limit": 0}  # the sandboxes have limits of their own; "nthreads" would set the slots
    with SSHCluster([scheduler, *hosts], worker_options=options) as cluster:
        print(f"grader grade … --scheduler {cluster.scheduler_address}", flush=True)
        signal.sigwait({signal.SIGINT, signal.SIGTERM})
