# SPDX-License-Identifier: BSD-3-Clause
"""Runs one cell on the kernel of a directory with a kernel.json: kernel.py DIR."""
import os
import pathlib
import queue
import shutil
import sys
import tempfile
import time

home = tempfile.mkdtemp()
place = pathlib.Path(home, "kernels", "vtlua")
shutil.copytree(sys.argv[1], place)
os.environ["JUPYTER_PATH"] = home

from jupyter_client.manager import KernelManager  # noqa: E402  after JUPYTER_PATH is set

manager = KernelManager(kernel_name="vtlua")
manager.start_kernel()
client = manager.client()
client.start_channels()
try:
    client.wait_for_ready(timeout=60)
    request = client.execute("return 6 * 7")
    end = time.monotonic() + 60
    found = None
    while time.monotonic() < end and found is None:
        try:
            message = client.get_iopub_msg(timeout=5)
        except queue.Empty:
            continue
        if message["msg_type"] == "execute_result":
            found = message["content"]["data"]["text/plain"]
        elif message["msg_type"] == "error":
            found = message["content"]["evalue"]
    if found != "42":
        sys.exit(f"the cell gave {found!r}")
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
    shutil.rmtree(home)
