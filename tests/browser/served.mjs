// An instance with the console, as users run it, on a port that it keeps when it is started again.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const kStartMsMax = 60_000;

async function freePort() {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

export class Served {
  constructor(program, folder, definitions, settings = []) {
    this.program = program;
    this.options = [
      `--data=${folder}/data`,
      `--definitions=${definitions}`,
      "--set=memory=128 MiB",
      ...settings.map((setting) => `--set=${setting}`),
    ];
  }

  command(...words) {
    return execFileSync(this.program, [...words, ...this.options], { encoding: "utf8", timeout: 120_000 });
  }

  async start() {
    this.port ??= await freePort();
    this.base = `http://127.0.0.1:${this.port}`;
    this.process = spawn(this.program, ["run", `--set=http=127.0.0.1:${this.port}`, ...this.options], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.said = "";
    this.process.stderr.on("data", (text) => {
      this.said += text;
    });
    await this.until(
      "every shard is open and has caught up",
      async () => (await fetch(`${this.base}/readyz`)).ok,
      kStartMsMax,
    );
  }

  async stop() {
    if (!this.process || this.process.exitCode !== null) return;
    const ended = once(this.process, "exit");
    this.process.kill("SIGTERM");
    const killing = setTimeout(() => this.process.kill("SIGKILL"), 20_000);
    await ended;
    clearTimeout(killing);
  }

  async get(path, query = {}) {
    const response = await fetch(`${this.base}${path}?${new URLSearchParams(query)}`);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.json();
  }

  async post(events) {
    const response = await fetch(`${this.base}/v1/events`, {
      method: "POST",
      headers: { "Content-Type": "application/cloudevents-batch+json" },
      body: JSON.stringify(events),
    });
    if (response.status !== 202) throw new Error(`events: ${response.status} ${await response.text()}`);
  }

  async until(what, condition, msMax = 20_000) {
    for (const end = Date.now() + msMax; ;) {
      if (this.process.exitCode !== null) throw new Error(`the instance ended: ${this.said.slice(-2000)}`);
      try {
        if (await condition()) return;
      } catch (problem) {
        if (Date.now() > end) throw problem;
      }
      if (Date.now() > end) throw new Error(`not within ${msMax} ms: ${what}`);
      await sleep(50);
    }
  }
}
