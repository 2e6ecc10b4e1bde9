// Where the reader is, kept in the address after "#": #/figure/on_time_rate/Town%20Hall?window=2025-06
import { useEffect, useState } from "preact/hooks";
import type { Query } from "./api";

export interface Route {
  page: string;
  words: string[];
  query: Query;
}

export function readRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?");
  const [page = "", ...words] = path.split("/").map(decodeURIComponent);
  return { page: page || "board", words, query: Object.fromEntries(new URLSearchParams(query)) };
}

export function link(page: string, words: string[] = [], query: Query = {}): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => !!entry[1]);
  return (
    "#/" +
    [page, ...words].map(encodeURIComponent).join("/") +
    (given.length > 0 ? "?" + new URLSearchParams(given).toString() : "")
  );
}

export function useRoute(): Route {
  const [route, set] = useState(() => readRoute(location.hash));
  useEffect(() => {
    const changed = () => set(readRoute(location.hash));
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return route;
}

// Another choice on the same page.
export function choose(route: Route, change: Query): void {
  location.hash = link(route.page, route.words, { ...route.query, ...change });
}
