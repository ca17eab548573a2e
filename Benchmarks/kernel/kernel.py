# SPDX-License-Identifier: BSD-3-Clause
"""Cells of the Lua kernel and of ipykernel, through jupyter_client.

    python3 kernel.py ROUNDS

JUPYTER_DATA_DIR has our kernel, "vtlua". Prints lines WORKLOAD<TAB>SIDE<TAB>VALUE: both sides take
turns, and each value is the median of a turn's cells. start: from nothing to the first reply, ms.
cell: `1+1`, from the request until its reply, its result and the word that the kernel is idle were
received, ms. lines: a cell that prints 1,000 lines one by one, ms. memory: of a kernel that has run
those, MiB.
"""

import re
import statistics
import sys
import time
from pathlib import Path

from jupyter_client.manager import start_new_kernel

KERNELS = {"ours": "vtlua", "peer": "python3"}
CODE = {
    "cell": {"ours": "1+1", "peer": "1+1"},
    "lines": {
        "ours": "for i = 1, 1000 do print(i) end",
        "peer": "for i in range(1, 1001): print(i)",
    },
}
CELLS = {"cell": 100, "lines": 20}


def run(client, code):
    """The milliseconds of a cell, and its outputs."""
    text = ""
    began = time.perf_counter()
    id = client.execute(code)
    idle = False
    while not idle:
        message = client.get_iopub_msg(timeout=20)
        if message["parent_header"].get("msg_id") != id:
            continue
        content = message["content"]
        if message["msg_type"] == "execute_result":
            text += content["data"]["text/plain"]
        elif message["msg_type"] == "stream":
            text += content["text"]
        idle = content.get("execution_state") == "idle"
    while client.get_shell_msg(timeout=20)["parent_header"].get("msg_id") != id:
        pass
    return (time.perf_counter() - began) * 1000, text


def main():
    for _ in range(int(sys.argv[1])):
        kernels = {}
        for side, name in KERNELS.items():
            began = time.perf_counter()
            manager, client = start_new_kernel(kernel_name=name)
            run(client, "1+1")
            print("start", side, (time.perf_counter() - began) * 1000, sep="\t")
            kernels[side] = (manager, client)
        expected = {"cell": "2", "lines": "".join(f"{i}\n" for i in range(1, 1001))}
        for workload, code in CODE.items():
            for side, (_, client) in kernels.items():
                assert run(client, code[side])[1] == expected[workload], side
                took = [run(client, code[side])[0] for _ in range(CELLS[workload])]
                print(workload, side, statistics.median(took), sep="\t")
        for side, (manager, client) in kernels.items():
            status = Path(f"/proc/{manager.provisioner.process.pid}/status").read_text()
            kilobytes = int(re.search(r"VmRSS:\s+(\d+)", status)[1])
            print("memory", side, kilobytes / 1024, sep="\t", flush=True)
            client.stop_channels()
            manager.shutdown_kernel()


main()
