// What every page knows: the organisation's tree, the KPIs and the views.
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { get, getAll, type Facts, type Kpi, type NodeRow, type View } from "./api";
import { bare } from "./format";
import type { Language } from "./i18n";

export class City {
  private readonly byName = new Map<string, NodeRow>();
  private readonly below = new Map<string, string[]>();
  private readonly bareNames: [string, string][];

  constructor(
    nodes: NodeRow[],
    readonly kpis: Kpi[],
    readonly views: View[],
    readonly root = "",
  ) {
    for (const row of nodes) {
      this.byName.set(row.node, row);
      if (row.parent === null) continue;
      const siblings = this.below.get(row.parent);
      if (siblings) siblings.push(row.node);
      else this.below.set(row.parent, [row.node]);
    }
    this.bareNames = nodes.map((row) => [row.node, bare(`${this.name(row.node)} ${row.node}`)]);
  }

  has(node: string): boolean {
    return this.byName.has(node);
  }
  name(node: string): string {
    return this.byName.get(node)?.name ?? node.slice(node.lastIndexOf("/") + 1);
  }
  parent(node: string): string | null {
    return this.byName.get(node)?.parent ?? null;
  }
  children(node: string): string[] {
    return this.below.get(node) ?? [];
  }

  // A person, or a unit without anyone below it, is shown with their tasks.
  pageOf(node: string): "board" | "officer" {
    return this.children(node).length > 0 ? "board" : "officer";
  }

  // From the root down to the node.
  path(node: string): string[] {
    const path = [node];
    for (let above = this.parent(node); above !== null && !path.includes(above); above = this.parent(above))
      path.unshift(above);
    return path;
  }

  // Names that begin with what is typed before those that have it somewhere.
  search(typed: string, max: number): string[] {
    const wanted = bare(typed.trim());
    if (wanted === "") return [];
    const found = this.bareNames.filter(([, name]) => name.includes(wanted));
    found.sort(([, a], [, b]) => Number(b.startsWith(wanted)) - Number(a.startsWith(wanted)) || a.length - b.length);
    return found.slice(0, max).map(([node]) => node);
  }

  kpi(name: string): Kpi | undefined {
    return this.kpis.find((kpi) => kpi.kpi === name);
  }
  title(name: string, language: Language): string {
    const kpi = this.kpi(name);
    return (language === "vi" ? kpi?.title_vi : null) ?? kpi?.title ?? name;
  }
}

export async function loadCity(): Promise<{ city: City; asOf: string; complete: boolean }> {
  const [nodes, kpis, views] = await Promise.all([
    getAll<NodeRow, Facts & { root: string }>(["nodes"], "nodes", { limit: "5000" }),
    get<{ kpis: Kpi[] }>("/v1/kpis"),
    get<{ views: View[] }>("/v1/views"),
  ]);
  const { root, as_of, complete } = nodes.first;
  return { city: new City(nodes.rows, kpis.kpis, views.views, root), asOf: as_of, complete };
}

export const CityContext = createContext<City>(new City([], [], []));
export const useCity = () => useContext(CityContext);

export function viewTitle(view: View, language: Language): string {
  return (language === "vi" ? view.title_vi : null) ?? view.title;
}
