"""An instance with its HTTP service, as users run it, and requests to it."""

import csv
import http.client
import io
import json
import queue
import re
import signal
import subprocess
import threading
import time
import urllib.parse

START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 60
EVENT_SECONDS_MAX = 20


class Answer:
    def __init__(self, response):
        self.status, self.body = response.status, response.read()
        self.headers = {name.lower(): value for name, value in response.getheaders()}

    def json(self):
        return json.loads(self.body)

    def rows(self):
        return list(csv.DictReader(io.StringIO(self.body.decode())))


class Served:
    """`slipstream run` with an HTTP service on a free port; started again it has another one."""

    def __init__(self, program, folder, definitions, settings=(), words=()):
        """`words`: of `run`, beside the settings."""
        self.program, self.folder = program, folder
        self.options = [f"--data={folder / 'data'}", f"--definitions={definitions}", "--set=memory=128 MiB",
                        *(f"--set={setting}" for setting in settings)]
        self.words = words
        self.process = None
        self.port = None

    def command(self, *words):
        ran = subprocess.run([self.program, *words, *self.options], capture_output=True, text=True, check=False, timeout=120)
        if ran.returncode != 0:
            raise AssertionError(f"{' '.join(words)}: code {ran.returncode}\n{ran.stdout}{ran.stderr}")
        return ran.stdout

    def start(self):
        self.process = subprocess.Popen([self.program, "run", *self.words, "--set=http=127.0.0.1:0", *self.options],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        said = queue.SimpleQueue()
        self.lines = []

        def listen(process):
            for line in process.stderr:
                self.lines.append(line.rstrip())
                if found := re.search(r"HTTP on http://127\.0\.0\.1:(\d+)/", line):
                    said.put(int(found[1]))
            process.stderr.close()
            said.put(None)

        threading.Thread(target=listen, args=(self.process,), daemon=True).start()
        self.port = said.get(timeout=START_SECONDS_MAX)
        if self.port is None:
            raise AssertionError("the instance ended: " + "\n".join(self.lines[-10:]))
        self.wait_until(lambda: self.get("/readyz").status == 200, "every shard is open and has caught up")

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(STOP_SECONDS_MAX)
        if code != 0:
            raise AssertionError(f"ended with {code}: " + "\n".join(self.lines[-10:]))

    def destroy(self):
        if self.process and self.process.poll() is None:
            self.kill()

    def request(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, headers or {})
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def get(self, path, headers=None, **parameters):
        if parameters:
            path += "?" + urllib.parse.urlencode(parameters)
        return self.request("GET", path, headers=headers)

    def post_events(self, events, content_type="application/cloudevents-batch+json"):
        """`events`: texts of JSON."""
        if content_type == "application/x-ndjson":
            body = "\n".join(events)
        elif content_type == "application/cloudevents+json":
            (body,) = events
        else:
            body = "[" + ",".join(events) + "]"
        return self.request("POST", "/v1/events", body.encode(), {"Content-Type": content_type})

    def wait_until(self, condition, what, seconds=START_SECONDS_MAX):
        until = time.monotonic() + seconds
        while not condition():
            if self.process.poll() is not None:
                raise AssertionError(f"the instance ended with {self.process.returncode}: " + "\n".join(self.lines[-10:]))
            if time.monotonic() > until:
                raise TimeoutError(f"not within {seconds} s: {what}")
            time.sleep(0.05)

    def wait_until_folded(self, received):
        """Until so many records have been committed, and none waits."""

        def is_folded():
            status = self.get("/v1/status").json()
            return status["received"] == received and status["backlog"] == 0
        self.wait_until(is_folded, f"{received} records are folded; " + self.get("/v1/status").body.decode())


class Stream:
    """A reader of server-sent events, as browsers are; its rows are what a page would show."""

    def __init__(self, served, path, seen=None, **parameters):
        self.connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=EVENT_SECONDS_MAX)
        query = "?" + urllib.parse.urlencode(parameters) if parameters else ""
        self.connection.request("GET", path + query, headers={"Last-Event-ID": seen} if seen else {})
        self.response = self.connection.getresponse()
        self.rows, self.id = {}, seen

    def next(self):
        """The name of the next event that tells of rows; None: the stream has ended."""
        while (name := self.next_event()) == "state":
            pass
        return name

    def next_event(self):
        event = {}
        while True:
            line = self.response.readline().decode()
            if not line:
                return None
            name, _, value = line.rstrip("\n").partition(": ")
            if line != "\n":
                event[name] = value
            elif "data" in event:
                break
        data = json.loads(event["data"])
        self.id = event["id"]
        self.rows.update({row["id"]: row for row in data.get("rows", data.get("upsert", []))})
        for row in data.get("remove", []):
            del self.rows[row]
        return event["event"]

    def close(self):
        self.connection.close()
        self.response.close()
