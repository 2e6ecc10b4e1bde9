// A scoreboard's rows as a matrix: which window of a KPI is shown, and in which order.
import type { BoardRow, Kpi, Status } from "./api";
import type { City } from "./city";

export interface Matrix {
  kpis: Kpi[];
  nodes: string[];
  cell: (node: string, kpi: string) => BoardRow | undefined;
  of: (node: string) => BoardRow[];
}

const kWorst: Record<Status, number> = { red: 1000, amber: 10, green: 0, grey: 0 };
export const badness = (rows: { status: Status }[]) => rows.reduce((sum, row) => sum + kWorst[row.status], 0);

// Of the kind asked for where a KPI has it, else of the first kind that it is defined with.
function shownKind(kpi: Kpi, every: string | undefined): string {
  const kinds = kpi.windows.split(" ");
  return every && kinds.includes(every) ? every : (kinds[0] ?? "");
}

export function matrixOf(rows: BoardRow[], city: City, node: string, every: string | undefined): Matrix {
  const kinds = new Map(city.kpis.map((kpi) => [kpi.kpi, shownKind(kpi, every)]));
  const cells = new Map<string, Map<string, BoardRow>>();
  for (const row of rows) {
    // Without a figure the KPI is most often none of the node's.
    if (kinds.get(row.kpi) !== row.every || row.value === null) continue;
    const of = cells.get(row.node) ?? new Map<string, BoardRow>();
    cells.set(row.node, of.set(row.kpi, row));
  }
  const has = new Set([...cells.values()].flatMap((of) => [...of.keys()]));
  const below = [...cells.keys()]
    .filter((name) => name !== node)
    .sort((a, b) => city.name(a).localeCompare(city.name(b), "vi"));
  return {
    kpis: city.kpis.filter((kpi) => has.has(kpi.kpi)),
    nodes: below,
    cell: (at, kpi) => cells.get(at)?.get(kpi),
    of: (at) => [...(cells.get(at)?.values() ?? [])],
  };
}

export function kindsOf(kpis: Kpi[]): string[] {
  return [...new Set(kpis.flatMap((kpi) => kpi.windows.split(" ")))];
}
