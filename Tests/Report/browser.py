# SPDX-License-Identifier: BSD-3-Clause
"""A headless Chromium, controlled over a pipe by the DevTools protocol."""
import base64, json, os, select, shutil, subprocess, tempfile, time
from pathlib import Path


LIMIT = 300  # seconds of each wait; the bound only ends a test that hangs


class Browser:
    def __init__(self, program="chromium"):
        self.profile = tempfile.mkdtemp()
        to_browser, self.outgoing = os.pipe()
        self.incoming, from_browser = os.pipe()

        def place():
            # The browser reads from 3 and writes to 4; either number may be in use for the other.
            first, second = os.dup(to_browser), os.dup(from_browser)
            first = os.dup(first) if first in (3, 4) else first
            second = os.dup(second) if second in (3, 4) else second
            os.dup2(first, 3)
            os.dup2(second, 4)

        self.process = subprocess.Popen(
            [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
             "--no-first-run", "--disable-background-networking", "--disable-dev-shm-usage",
             f"--user-data-dir={self.profile}", "--remote-debugging-pipe", "about:blank"],
            preexec_fn=place, close_fds=False, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self.rest, self.number, self.session = b"", 0, None
        self.said, self.requests, self.dialogs, self.loaded = [], [], [], False
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Runtime", "Log", "Page", "Network"):
            self.ask(f"{domain}.enable")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.session = None
            self.ask("Browser.close")
            self.process.wait(LIMIT)
        except Exception:
            self.process.kill()
            self.process.wait()
        os.close(self.outgoing)
        os.close(self.incoming)
        shutil.rmtree(self.profile, ignore_errors=True)

    def ask(self, method, limit=LIMIT, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.outgoing, data):]
        end = time.time() + limit
        while True:
            answer = self.receive(end)
            if answer.get("id") == self.number:
                assert "error" not in answer, (method, answer["error"])
                return answer["result"]

    def receive(self, end):
        while b"\0" not in self.rest:
            assert select.select([self.incoming], [], [], max(0, end - time.time()))[0], "no answer"
            block = os.read(self.incoming, 1 << 20)
            assert block, "the browser has ended"
            self.rest += block
        line, self.rest = self.rest.split(b"\0", 1)
        message = json.loads(line)
        method, about = message.get("method"), message.get("params", {})
        if method == "Runtime.consoleAPICalled":
            self.said.append([about["type"], *(a.get("value") for a in about["args"])])
        elif method == "Runtime.exceptionThrown":
            self.said.append(["exception", about["exceptionDetails"]])
        elif method == "Log.entryAdded":
            self.said.append([about["entry"]["level"], about["entry"]["text"]])
        elif method == "Network.requestWillBeSent":
            self.requests.append(about["request"]["url"])
        elif method == "Page.javascriptDialogOpening":
            self.dialogs.append(about["message"])
            self.number += 1
            os.write(self.outgoing, json.dumps(
                {"id": self.number, "method": "Page.handleJavaScriptDialog",
                 "params": {"accept": True}, "sessionId": self.session}).encode() + b"\0")
        elif method == "Page.loadEventFired":
            self.loaded = True
        return message

    def open(self, path, width=1280, height=900):
        """Opens a file; returns the seconds until it was loaded and drawn."""
        self.said, self.requests, self.dialogs, self.loaded = [], [], [], False
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height,
                 deviceScaleFactor=1, mobile=False)
        began = time.time()
        self.ask("Page.navigate", url=Path(path).resolve().as_uri())
        while not self.loaded:
            self.receive(began + LIMIT)
        self.settle()
        return time.time() - began

    def settle(self):
        """Waits until the page has been drawn again."""
        self.run("new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)))")

    def run(self, expression):
        result = self.ask("Runtime.evaluate", expression=expression, returnByValue=True,
                          awaitPromise=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def wheel(self, x, y, by, ctrl=True):
        self.ask("Input.dispatchMouseEvent", type="mouseWheel", x=x, y=y, deltaX=0, deltaY=by,
                 modifiers=2 if ctrl else 0)
        self.settle()

    def move(self, x, y):
        self.ask("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        self.settle()

    def click(self, x, y):
        for kind in ("mousePressed", "mouseReleased"):
            self.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)
        self.settle()

    def key(self, key):
        for kind in ("keyDown", "keyUp"):
            self.ask("Input.dispatchKeyEvent", type=kind, key=key,
                     **({"text": key} if len(key) == 1 and kind == "keyDown" else {}))
        self.settle()

    def picture(self, path, whole=False):
        more = {}
        if whole:
            size = self.ask("Page.getLayoutMetrics")["cssContentSize"]
            more = {"captureBeyondViewport": True,
                    "clip": {"x": 0, "y": 0, "width": size["width"],
                             "height": min(size["height"], 6000), "scale": 1}}
        data = self.ask("Page.captureScreenshot", format="png", **more)["data"]
        Path(path).write_bytes(base64.b64decode(data))
