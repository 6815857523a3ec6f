"""A Slurm of one node on this machine, from Debian's packages, for the time of a test.

It needs root, and `apt-get install --no-install-recommends slurmctld slurmd slurm-client munge`.
It keeps its state in a folder of its own and listens on ports of its own, and all its programs end
with the test. There is no accounting (slurmdbd).
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

PROGRAMS = ("munged", "mungekey", "slurmctld", "slurmd", "sbatch", "sinfo")
CONF = """\
ClusterName=nxtool
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort=16817
SlurmdPort=16818
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket
CredType=cred/munge
SlurmUser=root
SlurmdUser=root
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
SchedulerParameters=sched_interval=1,batch_sched_delay=1
ReturnToService=2
MailProg=/bin/true
MpiDefault=none
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} State=UNKNOWN
PartitionName=all Nodes={host} Default=YES MaxTime=60 State=UP OverSubscribe=NO
"""


@contextmanager
def slurm_node(folder: Path) -> Iterator[Mapping[str, str]]:
    """The variables with which programs find the Slurm that runs in `folder`.

    Skips the test, with the reason, where it cannot be started.
    """
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        pytest.skip(f"Slurm is not installed: no {', '.join(missing)}")
    if os.getuid():
        pytest.skip("only root can start a Slurm")
    folder.chmod(0o755)
    for name in ("state", "spool", "munge"):
        (folder / name).mkdir()
    host = socket.gethostname().partition(".")[0]
    conf = folder / "slurm.conf"
    conf.write_text(CONF.format(host=host, folder=folder, cpus=os.cpu_count()))
    variables = {"SLURM_CONF": str(conf)}
    with ExitStack() as programs:
        _start_munge(programs, folder)
        for command in (["slurmctld", "-D"], ["slurmd", "-D", "-N", host]):
            _start(programs, [*command, "-f", str(conf)], folder)
        _await_node(folder, variables)
        yield variables


def _start_munge(programs: ExitStack, folder: Path) -> None:
    """A munged of our own, with a key of its own."""
    munge = folder / "munge"
    subprocess.run(["mungekey", "--create", f"--keyfile={munge}/key"], check=True)
    command = [
        "munged", "--foreground", "--force", f"--key-file={munge}/key", f"--socket={munge}/socket",
        f"--pid-file={munge}/pid", f"--log-file={munge}/log", f"--seed-file={munge}/seed",
    ]  # fmt: skip
    _start(programs, command, folder)


def _start(programs: ExitStack, command: list[str], folder: Path) -> None:
    with (folder / f"{command[0]}.out").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    programs.callback(process.wait, 60)
    programs.callback(process.terminate)


def _await_node(folder: Path, variables: Mapping[str, str]) -> None:
    """Wait until a job has run; `srun` waits for a node by itself, and for the controller too."""
    done = subprocess.run(
        ["srun", "--immediate=60", "true"], env={**os.environ, **variables}, check=False,
        capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        logs = "".join(
            f"\n{path.name}: {path.read_text(errors='replace')[-600:]}"
            for path in sorted(folder.glob("*.out"))
        )
        pytest.skip(f"Slurm does not start here: {done.stderr.strip()}{logs}")
