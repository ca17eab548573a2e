# SPDX-License-Identifier: BSD-3-Clause
"""What is sent to an engine past its client: dropped and counted, and tasks go on. The controller's
relays check nothing. Argument: the client's connection file."""
import hashlib
import hmac
import json
import os
import sys
import time
import uuid

import zmq

info = json.load(open(sys.argv[1]))
context = zmq.Context()


def connect(name):
    socket = context.socket(zmq.DEALER)
    socket.setsockopt(zmq.LINGER, 0)
    socket.connect(f"{info['interface']}:{info[name]}")
    return socket


def message(kind, content, key=info["key"], count=[0]):
    count[0] += 1
    header = dict(msg_id=uuid.uuid4().hex, msg_type=kind, username="x", session="hostile",
                  date="2026-01-01T00:00:00.000000Z", version="5.3")
    parts = [json.dumps(part).encode() for part in (header, {}, {}, content)]
    digest = hmac.new(key.encode(), b"".join(parts), hashlib.sha256).hexdigest().encode()
    return [b"<IDS|MSG>", digest] + parts


def reply(socket, seconds=10):
    assert socket.poll(seconds * 1000), "no reply"
    parts = socket.recv_multipart()
    return json.loads(parts[parts.index(b"<IDS|MSG>") + 5])


hub = connect("registration")
hub.send_multipart(message("connection_request", {}))
engine = list(reply(hub)["engines"].values())[0].encode()
mux, control = connect("mux"), connect("control")


def status():
    control.send_multipart([engine] + message("vtlua_status_request", {}))
    return reply(control)


def works():
    mux.send_multipart([engine] + message("execute_request", dict(code="1 + 1", silent=False)))
    answer = reply(mux)
    assert answer["status"] == "ok", answer


works()
before = status()["dropped"]
# Another's key.
mux.send_multipart([engine] + message("execute_request", dict(code="os.exit(9)"), key="guessed"))
control.send_multipart([engine] + message("shutdown_request", {}, key="guessed"))
# The same frames again.
once = [engine] + message("execute_request", dict(code="count = (count or 0) + 1"))
mux.send_multipart(once)
reply(mux)
mux.send_multipart(once)
# What is no message.
for parts in ([b"x"], [b"<IDS|MSG>"], [b"<IDS|MSG>"] * 9, [os.urandom(64) for _ in range(8)],
              [b"<IDS|MSG>", b"", b"{", b"{}", b"{}", b"{}"], [b""] * 40):
    mux.send_multipart([engine] + parts)
deep = message("execute_request", {})
deep[5] = b"[" * 1000000
mux.send_multipart([engine] + deep)
# A frame of 300 MiB where JSON should be.
large = message("execute_request", {})
large[5] = b" " * (300 << 20)
mux.send_multipart([engine] + large)
end = time.time() + 30
while True:
    works()
    after = status()["dropped"]
    grown = {name: after[name] - before[name] for name in after}
    if grown["signature"] + grown["malformed"] >= 10 or time.time() > end:
        break
    time.sleep(0.1)
assert grown["replayed"] == 1, grown
assert grown["signature"] >= 3 and grown["malformed"] >= 4, grown
assert grown["signature"] + grown["malformed"] == 10, grown
mux.send_multipart([engine] + message("execute_request", dict(code="assert(count == 1)")))
assert reply(mux)["status"] == "ok"
print("hostile: ok")
