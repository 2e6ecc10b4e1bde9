// Prometheus' text format, as far as /metrics uses it: NAME{shard="0"} 1

export type Metrics = Map<string, Map<string, number>>; // name, then shard ("" for none)

export function parseMetrics(text: string): Metrics {
  const metrics: Metrics = new Map();
  for (const line of text.split("\n")) {
    const parts = /^(\w+)(?:\{shard="([^"]*)"\})? (\S+)$/.exec(line);
    if (!parts) continue;
    const [, name = "", shard = "", value = ""] = parts;
    metrics.set(name, (metrics.get(name) ?? new Map<string, number>()).set(shard, Number(value)));
  }
  return metrics;
}
