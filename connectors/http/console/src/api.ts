// What the service answers, and asking it. Every number is kept as the text that was sent: a figure may have more digits
// than a number of JavaScript holds, and is shown as it came.

export type Status = "green" | "amber" | "red" | "grey";

export interface Facts {
  as_of: string;
  complete: boolean;
  definitions: string;
}
export interface Kpi {
  kpi: string;
  title: string;
  title_vi: string | null;
  view: string;
  windows: string;
  formula: string;
  unit: string | null;
  better: "higher" | "lower" | "range";
  precision: string;
}
export interface View {
  view: string;
  title: string;
  title_vi: string | null;
  from: string;
  windows: string;
  measures: string;
}
export interface Judged {
  node: string;
  every: string;
  window: string;
  status: Status;
  value: string | null;
  expected: string | null;
  target: string | null;
  gap: string | null;
  attainment: string | null;
  forecast: string | null;
  value_exact?: string;
  expected_exact?: string;
  target_exact?: string;
  gap_exact?: string;
  forecast_exact?: string;
}
// How far a KPI's forecast may be out: between low and high with 80 % confidence.
export interface Forecast {
  window: string | null;
  forecast: string | null;
  low: string | null;
  high: string | null;
  low_exact?: string;
  high_exact?: string;
}
export interface BoardRow extends Judged {
  kpi: string;
}
export interface NodeRow {
  node: string;
  parent: string | null;
  name: string | null;
  closed_at: string | null;
}
export interface Alert {
  at: string;
  severity: string;
  node: string;
  period: string | null;
  rule: string;
  kpi: string;
  from: string;
  to: string;
  value: string | null;
  expected: string | null;
  target: string | null;
  gap: string | null;
  sentence: string;
  alert: string;
  transition: string;
}
export type Contribution = { entity: string; node: string; at: string; sign: string } & Record<string, string | null>;
export interface ExplainedEvent {
  entity: string;
  type: string;
  id: string;
  topic: string;
  partition: string;
  offset: string;
  effective_at: string;
  remark: string | null;
  title: string | null;
}
export interface Explanation extends Facts {
  node: string;
  window: string;
  formula?: string;
  contributions_in_all: string;
  equal: boolean;
  contributions: Contribution[];
  events: ExplainedEvent[];
  sums: { measure: string; sum: string | null; stored: string | null; equal: boolean }[];
}
export interface InstanceStatus {
  definitions: string;
  clock: string | null;
  shards: string;
  partitions: string;
  received: string;
  folded: string;
  duplicates: string;
  dead_lettered: string;
  transitions: string;
  backlog: string | null;
  trouble: string | null;
}
export interface DeadLetterRow {
  offset: string;
  code: string;
  stage: string;
  topic: string;
  partition: string;
  at: string;
  key: string;
  replayed: boolean;
  reason: string;
}
export interface DeadLetter {
  code: string;
  reason: string;
  stage: string;
  topic: string;
  partition: string;
  offset: string;
  timestamp: string;
  first_seen: string;
  key: string | null;
  value: string | null;
}

// The service said no, or nothing at all (status 0).
export class Problem extends Error {
  constructor(
    readonly status: number,
    detail: string,
  ) {
    super(detail);
  }
}

export type Query = Record<string, string | undefined>;

export function pathOf(segments: string[], query: Query = {}): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => !!entry[1]);
  const text = given.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
  return "/v1/" + segments.map(encodeURIComponent).join("/") + (text ? "?" + text : "");
}

const kToken = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

export function parseExact<T>(json: string): T {
  return JSON.parse(json.replace(kToken, (token) => (token.startsWith('"') ? token : `"${token}"`))) as T;
}

async function answered(path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch {
    throw new Problem(0, "");
  }
  if (response.ok) return response;
  let detail = response.statusText;
  try {
    detail = ((await response.json()) as { detail: string }).detail;
  } catch {
    /* no problem details: the status line says it */
  }
  throw new Problem(response.status, detail);
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await answered(path, signal ? { signal } : {});
  return parseExact<T>(await response.text());
}

export async function getText(path: string): Promise<{ status: number; text: string }> {
  try {
    const response = await fetch(path);
    return { status: response.status, text: await response.text() };
  } catch {
    throw new Problem(0, "");
  }
}

// `key`: requests with the same one are one act, so that pressing twice does no harm.
export async function post(path: string, body: Record<string, string>, key?: string): Promise<Record<string, unknown>> {
  const headers: Record<string, string> = { "Content-Type": "application/json" };
  if (key) headers["Idempotency-Key"] = key;
  const response = await answered(path, { method: "POST", headers, body: JSON.stringify(body) });
  return parseExact(await response.text());
}

// All pages of an answer, and the facts of the first.
export async function getAll<Row, Facts>(
  segments: string[],
  section: string,
  query: Query,
): Promise<{ first: Facts; rows: Row[] }> {
  const rows: Row[] = [];
  let first: Facts | undefined;
  for (let cursor: string | undefined; ;) {
    const page = await get<Record<string, unknown>>(pathOf(segments, { ...query, cursor }));
    first ??= page as Facts;
    rows.push(...(page[section] as Row[]));
    cursor = page["next"] as string | undefined;
    if (cursor === undefined) return { first, rows };
  }
}
