// Rows that change by themselves: an event stream of the service, kept open, opened again when it breaks. What the page is
// connected to is told to whoever listens, so that the header can say it.
import { useEffect, useState } from "preact/hooks";
import { get, parseExact, Problem, type Facts } from "./api";

export type Link = "connecting" | "live" | "lost";
export interface Shown {
  link: Link;
  asOf: string | undefined;
  complete: boolean;
}

type Listener = (shown: Shown) => void;
const listeners = new Set<Listener>();
let shown: Shown = { link: "connecting", asOf: undefined, complete: true };

export function show(change: Partial<Shown>): void {
  shown = { ...shown, ...change };
  listeners.forEach((listener) => listener(shown));
}

export function useShown(): Shown {
  const [value, set] = useState(shown);
  useEffect(() => {
    listeners.add(set);
    set(shown);
    return () => void listeners.delete(set);
  }, []);
  return value;
}

export interface Feed<Row> {
  rows: Row[];
  version: number;
  ready: boolean;
  problem: Problem | undefined;
}

interface Snapshot<Row> {
  as_of: string;
  complete: boolean;
  rows: (Row & { id: string })[];
}
interface Change<Row> {
  as_of: string;
  complete: boolean;
  upsert: (Row & { id: string })[];
  remove: string[];
}

const kRetryMs = [500, 1000, 2000, 4000];

// `path` without "/stream"; undefined: nothing yet. What is watched stays shown while the stream is away.
export function useFeed<Row>(path: string | undefined): Feed<Row> {
  const [feed, set] = useState<Feed<Row>>({ rows: [], version: 0, ready: false, problem: undefined });
  useEffect(() => {
    set({ rows: [], version: 0, ready: false, problem: undefined });
    if (path === undefined) return;
    const [place, query] = path.split("?");
    const url = `${place}/stream${query ? "?" + query : ""}`;
    const rows = new Map<string, Row>();
    let version = 0;
    let failures = 0;
    let source: EventSource | undefined;
    let timer: number | undefined;
    let ended = false;
    const put = (facts: { as_of: string; complete: boolean }, changed: boolean) => {
      failures = 0;
      show({ link: "live", asOf: facts.as_of, complete: facts.complete });
      if (changed) set({ rows: [...rows.values()], version: ++version, ready: true, problem: undefined });
    };
    const again = () => {
      show({ link: failures === 0 && version === 0 ? "connecting" : "lost" });
      source?.close();
      timer = window.setTimeout(open, kRetryMs[Math.min(failures++, kRetryMs.length - 1)]);
      // An event source does not say why; a read of the same rows does.
      get<unknown>(path).catch((problem: Problem) => {
        if (ended || problem.status < 400 || problem.status >= 500) return;
        clearTimeout(timer);
        set({ rows: [], version, ready: true, problem });
      });
    };
    const open = () => {
      source = new EventSource(url);
      source.addEventListener("snapshot", (event) => {
        const data = parseExact<Snapshot<Row>>((event as MessageEvent<string>).data);
        rows.clear();
        data.rows.forEach((row) => rows.set(row.id, row));
        put(data, true);
      });
      source.addEventListener("change", (event) => {
        const data = parseExact<Change<Row>>((event as MessageEvent<string>).data);
        data.upsert.forEach((row) => rows.set(row.id, row));
        data.remove.forEach((id) => rows.delete(id));
        put(data, true);
      });
      source.addEventListener("state", (event) => put(parseExact<Facts>((event as MessageEvent<string>).data), false));
      source.onerror = again;
    };
    // A browser keeps six connections to a server: a page that nobody sees leaves them to those that are seen.
    const onSight = () => {
      clearTimeout(timer);
      source?.close();
      if (!document.hidden) open();
    };
    onSight();
    document.addEventListener("visibilitychange", onSight);
    return () => {
      ended = true;
      document.removeEventListener("visibilitychange", onSight);
      clearTimeout(timer);
      source?.close();
    };
  }, [path]);
  return feed;
}

export interface Got<T> {
  value: T | undefined;
  problem: Problem | undefined;
}

// A read, done again when `version` moves; the answer before stays until then.
export function useGet<T>(path: string | undefined, version: unknown = 0): Got<T> {
  const [got, set] = useState<Got<T> & { path?: string | undefined }>({ value: undefined, problem: undefined });
  useEffect(() => {
    if (path === undefined) return;
    const abort = new AbortController();
    get<T>(path, abort.signal).then(
      (value) => set({ value, problem: undefined, path }),
      (problem: Problem) => {
        if (!abort.signal.aborted) set({ value: undefined, problem, path });
      },
    );
    return () => abort.abort();
  }, [path, version]);
  return got.path === path ? got : { value: undefined, problem: undefined };
}
