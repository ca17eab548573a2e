# SPDX-License-Identifier: BSD-3-Clause
"""Messages that do not come from the engine's client: the engine drops and counts them, and runs
tasks as before. The controller's relays check nothing. Argument: the client's connection file."""
import fcntl
import hashlib
import hmac
import json
import os
import re
import sys
import tempfile
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


def message(kind, content, key=info["key"], metadata={}, **changes):
    header = dict(msg_id=uuid.uuid4().hex, msg_type=kind, username="x", session="hostile",
                  date="2026-01-01T00:00:00.000000Z", version="5.3") | changes
    parts = [json.dumps(part).encode() for part in (header, {}, metadata, content)]
    digest = hmac.new(key.encode(), b"".join(parts), hashlib.sha256).hexdigest().encode()
    return [b"<IDS|MSG>", digest] + parts


LIMIT = 120  # seconds of each wait; the bound only ends a test that hangs


def reply(socket):
    assert socket.poll(LIMIT * 1000), "no reply"
    parts = socket.recv_multipart()
    return json.loads(parts[parts.index(b"<IDS|MSG>") + 5])


hub = connect("registration")


def engines():
    hub.send_multipart(message("connection_request", {}))
    return [name.encode() for name in reply(hub)["engines"].values()]


engine = engines()[0]
mux, control = connect("mux"), connect("control")


def equal(got, wanted):
    assert got == wanted, f"got      {got!r}\nexpected {wanted!r}"


def status():
    control.send_multipart([engine] + message("vtlua_status_request", {}))
    return reply(control)


def works():
    mux.send_multipart([engine] + message("execute_request", dict(code="1 + 1", silent=False)))
    answer = reply(mux)
    assert answer["status"] == "ok", answer


works()
before = status()["dropped"]
# A wrong key.
mux.send_multipart([engine] + message("execute_request", dict(code="os.exit(9)"), key="guessed"))
control.send_multipart([engine] + message("shutdown_request", {}, key="guessed"))
# The same frames again.
once = [engine] + message("execute_request", dict(code="count = (count or 0) + 1"))
mux.send_multipart(once)
reply(mux)
mux.send_multipart(once)
# Frames that are not a message.
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
end = time.time() + LIMIT
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

# Signed, but not as the engine expects: refused, with no effect.
worker = status()["worker"]


def refused(parts):
    mux.send_multipart([engine] + parts)
    answer = reply(mux)
    assert answer["status"] == "error", answer
    works()
    return answer["evalue"]


def native(buffers, **changes):
    content = dict(lang="lua", v=3, lua=release, job=count[0], call=0, first=0, count=1, head=1,
                   payload=1, digest=digest(buffers))
    count[0] += 1
    content.update(changes)
    return message("apply_request", content, metadata=dict(target=engine.decode())) + buffers


def digest(buffers):
    state = hashlib.blake2b(digest_size=32)
    for buffer in buffers:
        state.update(len(buffer).to_bytes(8, "little") + buffer)
    return state.hexdigest()


count = [1]
task = [bytes(8), bytes([0x82, 0x80, 1]), b"\x80"]
malformed = "the request is malformed"
release = "Lua"
text = refused(native(task))
release = text.split(" runs ")[1].split(" and ")[0]
name = text.split(" runs ")[0]
assert re.fullmatch(r"engine [01] on \S+", name), name
equal(text, f"{name} runs {release} and the client Lua; install the same release of Lua on both")
right = native(task)
# Buffers are not signed: these do not match the digest.
equal(refused(right[:-1] + [b"\x81\x01"]),
      "the buffers differ from those that the client has signed")
equal(refused(native(task, v=1)),
      f"{name} uses version 3 of the protocol and the client 1; install the same release of vtlua "
      "on both")
for changes in (dict(count=(1 << 24) - 1), dict(count=0), dict(first=-1), dict(head=9),
                dict(call=99), dict(payload=None), dict(payload=dict(process=-1))):
    equal(refused(native(task, **changes)), malformed)
equal(refused(native([b"\7" + bytes(7)] + task[1:])), malformed)
equal(refused(native([])), "the buffers differ from those that the client has signed")
# A head without bytes, in a buffer and in memory; a header without a name or a type.
empty = "the request has an empty head"
equal(refused(native([task[0], b"", task[2]])), empty)
file = os.memfd_create("vtlua", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
os.ftruncate(file, 1 << 20)
fcntl.fcntl(file, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK)
# The first word is the number of the content.
os.pwrite(file, (7).to_bytes(8, "little"), 0)
memory = dict(process=os.getpid(), descriptor=file, number=7, lengths=[0])
equal(refused(native([task[0], task[2]], head=memory)), empty)
equal(os.pread(file, 8, 0), bytes(8))
before = status()["dropped"]["malformed"]
for changes in (dict(msg_id=""), dict(msg_type=""), dict(msg_id=None), dict(msg_id=5)):
    mux.send_multipart([engine] + message("execute_request", dict(code="os.exit(9)"), **changes))
headless = message("execute_request", dict(code="os.exit(9)"))
headless[2] = b"{}"
headless[1] = hmac.new(info["key"].encode(), b"".join(headless[2:]), hashlib.sha256).hexdigest().encode()
mux.send_multipart([engine] + headless)
works()
equal(status()["dropped"]["malformed"], before + 5)

# Shared memory that does not exist, or is too short.
for lengths in ([5], [1 << 43] * 3):
    memory = dict(process=os.getpid(), descriptor=0, number=7, lengths=lengths)
    equal(refused(native(task[:2], payload=memory)), "UnreachableMemory")
# A file of the client, which must not change: only sealed anonymous memory is mapped.
with tempfile.TemporaryFile() as kept:
    kept.write(b"kept" * 4096)
    kept.flush()
    memory = dict(process=os.getpid(), descriptor=kept.fileno(),
                  number=int.from_bytes(b"keptkept", "little"), lengths=[5])
    equal(refused(native(task[:2], payload=memory)), "UnreachableMemory")
    kept.seek(0)
    equal(kept.read(8), b"keptkept")
open_memory = os.memfd_create("vtlua")
os.ftruncate(open_memory, 8192)
os.pwrite(open_memory, (7).to_bytes(8, "little"), 0)
memory = dict(process=os.getpid(), descriptor=open_memory, number=7, lengths=[5])
equal(refused(native(task[:2], payload=memory)), "UnreachableMemory")
# Memory that has another content by now: it is neither read nor released.
os.pwrite(file, (8).to_bytes(8, "little"), 0)
memory = dict(process=os.getpid(), descriptor=file, number=7, lengths=[5])
equal(refused(native(task[:2], payload=memory)), "UnreachableMemory")
equal(os.pread(file, 8, 0), (8).to_bytes(8, "little"))
# A process that does not exist, or none.
for process in (1 << 40, -1, 0, "x", True):
    refused(native([b"\7" + bytes(7)] + task[1:], shares=process))
# Not a function, with a time limit beyond the range of any clock.
for seconds in (1e300, 1e10):
    equal(refused(native(task, timeout=seconds)), "attempt to call a number value")
for seconds in (-1, 0):
    refused(native(task, timeout=seconds))
refused(native([task[0], os.urandom(400), task[2]]))
refused(native(task[:2] + [os.urandom(400)]))
# A buffer of 300 MiB, and a small one, that hold no Python call.
equal(refused(message("apply_request", {}) + [b"x" * (300 << 20)]),
      "cannot read the request: pickle, byte 0: no instruction has the code 120")
refused(message("apply_request", {}) + [os.urandom(100), os.urandom(100)])
refused(message("execute_request", dict(code=5)))
refused(message("no_request", [1]))
for kind, content in (("signal_request", dict(sig=1e300)), ("signal_request", dict(sig=-5)),
                      ("abort_request", dict(msg_ids=5)),
                      ("abort_request", dict(msg_ids=[1, None, "x"])),
                      ("vtlua_probe_request", dict(msg_ids=[1, {}]))):
    control.send_multipart([engine] + message(kind, content))
    equal(reply(control)["status"], "ok")
for content in (dict(msg_ids=[1, {}], repeat=5), dict(msg_ids=["x"], repeat=True), []):
    mux.send_multipart([engine] + message("vtlua_probe_request", content))
    equal(reply(mux)["status"], "ok")
for content in (dict(msg_id=5), dict(msg_id="x"), []):
    mux.send_multipart([engine] + message("vtlua_result_request", content))
control.send_multipart(
    [engine] + message("vtlua_stop_request", {"job": -1 << 63, "from": (1 << 63) - 1}))
equal(status()["worker"], worker)

mux.send_multipart([engine] + message("execute_request", dict(code="assert(count == 1)")))
assert reply(mux)["status"] == "ok"


# Replays of messages that somebody has seen on the network, without the key. What names its engine in
# the signed part runs nowhere else, nor on an engine that has joined again.
mark = os.path.join(tempfile.mkdtemp(), "mark")
code = f'local f = io.open("{mark}", "a") f:write("x") f:close()'
wrong = "the request is not signed for this engine; a client of vtlua must have the same version"


def executions():
    return len(open(mark).read()) if os.path.exists(mark) else 0


def execute(**more):
    return message("execute_request", dict(code=code, silent=False), **more)


def replayed(channel, parts):
    socket = connect(channel)
    socket.send_multipart(parts)
    answer = reply(socket)
    return answer["status"], answer.get("evalue")


others = [name for name in engines() if name != engine]
assert others, "two engines are needed"
signed = execute(metadata=dict(target=engine.decode()))
bound = execute(metadata=dict(targets=[engine.decode()]))
broadcast = execute(metadata=dict(is_broadcast=True), msg_id="1_" + engine.decode())
for number, captured in enumerate((signed, bound, broadcast), 1):
    mux.send_multipart([engine] + captured)
    equal(reply(mux)["status"], "ok")
    equal(executions(), number)
for captured, channel in ((signed, "mux"), (bound, "control"), (broadcast, "mux")):
    equal(replayed(channel, [others[0]] + captured), ("error", wrong))
    connect("mux").send_multipart([engine] + captured)  # the same engine drops it
works()
equal(executions(), 3)
# A client of ours names the engine, or its message is refused: an earlier version's, or one that was
# sent through the scheduler.
for captured in (execute(session="vtlua-client-1"), message("apply_request", dict(lang="lua", v=3))):
    equal(replayed("mux", [engine] + captured), ("error", wrong))
equal(replayed("mux", [engine] + message("apply_request", dict(lang="lua", v=1))),
      ("error", f"{name} uses version 3 of the protocol and the client 1; install the same release of vtlua on both"))
# Clients of ipyparallel do not name it.
unnamed = execute()
mux.send_multipart([engine] + unnamed)
equal(reply(mux)["status"], "ok")
equal(executions(), 4)
# Engines of one machine share what they have seen: another one does not run it, by whatever way it comes.
def count_replays():
    control.send_multipart([others[0]] + message("vtlua_status_request", {}, metadata=dict(target=others[0].decode())))
    return reply(control)["dropped"]["replayed"]


before = count_replays()
for channel in ("mux", "control", "task"):
    socket = connect(channel)
    socket.send_multipart(unnamed if channel == "task" else [others[0]] + unnamed)
    if channel == "task":  # the scheduler chooses the engine
        break
    end = time.time() + LIMIT
    while (found := count_replays()) == before:
        assert time.time() < end, "the replay was not dropped"
        time.sleep(0.05)
    before = found
equal(executions(), 4)
directory = "/dev/shm"
shared = [name for name in os.listdir(directory) if name.startswith(f"vtlua-seen-{os.geteuid()}-")]
equal([os.stat(f"{directory}/{name}").st_mode & 0o777 for name in shared], [0o600] * len(shared))
assert shared and info["key"] not in shared[0], shared
# The engine's worker dies, and the engine joins again: it has seen all of them.
mux.send_multipart([engine] + message("execute_request", dict(code="os.exit(9)", silent=False)))
reply(mux)
end = time.time() + LIMIT
while len(again := [name for name in engines() if name != engine and name not in others]) != 1:
    assert time.time() < end, "the engine has not joined again"
    time.sleep(0.1)
engine = again[0]
works()
attacker = connect("mux")
for captured in (signed, bound, broadcast, unnamed):
    attacker.send_multipart([engine] + captured)
works()
equal(executions(), 4)
equal(status()["dropped"]["misdirected"], 3)
os.remove(mark)
print("hostile: ok")
