# SPDX-License-Identifier: BSD-3-Clause
"""A server on loopback with the habits and faults that Tests/Http/transfers.py looks at."""
import gzip, hashlib, http.server, ssl, subprocess, threading, time
from pathlib import Path
from urllib.parse import parse_qs, urlparse

DATA = bytes((i * 7 + i // 251) % 256 for i in range(300_000))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        server = self.server
        url = urlparse(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        with server.lock:
            server.requests.append((url.path, dict(self.headers)))
            count = server.counts[url.path] = server.counts.get(url.path, 0) + 1
        try:
            getattr(self, "get_" + url.path.strip("/").split("/")[0].split(".")[0])(query, count)
        except AttributeError:
            self.answer(404, b"no such page")
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def get_data(self, query, count):
        """A file with an ETag and ranges. `cut=N`: the first answers end after N bytes."""
        body = self.server.data
        tag = '"' + hashlib.md5(body).hexdigest() + '"'
        if query.get("weak"):
            tag = "W/" + tag
        if self.headers.get("If-None-Match") == tag:
            return self.answer(304, ETag=tag)
        start = 0
        wanted = self.headers.get("Range")
        if wanted and self.headers.get("If-Range", tag) == tag and not query.get("ranges"):
            start = int(wanted.removeprefix("bytes=").split("-")[0])
            if start >= len(body):
                return self.answer(416, Content_Range=f"bytes */{len(body)}")
        wrong = int(query.get("shift", 0))
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start + wrong}-{len(body) - 1}/{len(body)}")
        if not query.get("untagged"):
            self.send_header("ETag", tag)
        self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        if "cut" in query and count <= int(query.get("times", 1)):
            self.wfile.write(body[start:start + int(query["cut"])])
            self.wfile.flush()
            time.sleep(float(query.get("wait", 0.2)))
            self.close_connection = True
            return self.connection.close()
        pause = float(query.get("pause", 0)) if self.server.is_slow else 0
        for at in range(start, len(body), 30_000):
            self.wfile.write(body[at:min(at + 30_000, len(body))])
            time.sleep(pause)

    def get_flaky(self, query, count):
        if count <= int(query.get("times", 2)):
            return self.answer(int(query.get("status", 503)), b"later", Retry_After="0")
        self.answer(200, b"at last")

    def get_status(self, query, count):
        self.answer(int(query["code"]), b"" if query["code"] == "204" else b"refused")

    def get_headers(self, query, count):
        lines = sorted(f"{name.lower()}: {value}" for name, value in self.headers.items())
        self.answer(200, "\n".join(lines).encode())

    def get_redirect(self, query, count):
        self.answer(int(query.get("code", 302)), Location=query["to"])

    def get_loop(self, query, count):
        self.answer(302, Location="/loop")

    def get_gzip(self, query, count):
        self.answer(200, gzip.compress(b"x" * int(query.get("size", 1000))), Content_Encoding="gzip")

    def get_hang(self, query, count):
        self.server.ending.wait(60)
        self.close_connection = True

    def get_chunks(self, query, count):
        """An answer of unknown length. `cut`: without its end."""
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for _ in range(3):
            self.wfile.write(b"5\r\nchunk\r\n")
        if query.get("cut"):
            self.close_connection = True
            return self.connection.close()
        self.wfile.write(b"0\r\n\r\n")

    def get_large(self, query, count):
        """An answer without an end."""
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        while True:
            self.wfile.write(b"x" * 65536)

    def get_long(self, query, count):
        self.send_response(200)
        for i in range(90):
            self.send_header(f"X-{i}", "v" * 8000)
        self.send_header("Content-Length", "0")
        self.end_headers()


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, context=None):
        super().__init__(("127.0.0.1", 0), Handler)
        self.data = DATA
        self.requests, self.counts = [], {}
        # False: a path with `pause` is answered without one.
        self.is_slow = True
        self.lock, self.ending = threading.Lock(), threading.Event()
        if context:
            self.socket = context.wrap_socket(self.socket, server_side=True)
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        pass

    def forget(self):
        with self.lock:
            self.requests, self.counts, self.data = [], {}, DATA

    def paths(self):
        with self.lock:
            return [path for path, _ in self.requests]


def certificates(folder):
    """Makes an authority, and a certificate of it for 127.0.0.1. Returns the context of a server, and
    the authority's file."""
    folder = Path(folder)

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem",
            "-subj", "/CN=test authority", "-days", "2")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "server.key", "-out", "server.csr",
            "-subj", "/CN=127.0.0.1")
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1\n")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
            "-CAcreateserial", "-days", "2", "-extfile", "names", "-out", "server.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    return context, str(folder / "ca.pem")
