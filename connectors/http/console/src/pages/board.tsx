// The scoreboard: a node's KPIs and those of the nodes right below it.
import { useEffect, useMemo, useState } from "preact/hooks";
import { pathOf, type BoardRow, type Kpi, type Status } from "../api";
import { badness, kindsOf, matrixOf, type Matrix } from "../board";
import { useCity } from "../city";
import { bare, gap, windowName, withUnit } from "../format";
import { moveInGrid } from "../grid";
import { useSpeech } from "../i18n";
import { useFeed } from "../live";
import { useNarrow } from "../media";
import { Awaited, Choice, Counts, Figure, Heading, kStatuses, Path, StatusIcon } from "../parts";
import { Period } from "../period";
import { choose, link, type Route } from "../route";

const kRoomyColumns = 8; // up to so many a cell has room for the gap
const kScreenful = 16;

function wanted(matrix: Matrix, node: string, route: Route, title: (kpi: string) => string): Kpi[] {
  const { only, find, worst } = route.query;
  const typed = bare(find ?? "");
  const column = (kpi: Kpi) =>
    [node, ...matrix.nodes].map((at) => matrix.cell(at, kpi.kpi)).filter((cell) => cell !== undefined);
  const kpis = matrix.kpis.filter(
    (kpi) =>
      bare(title(kpi.kpi)).includes(typed) &&
      (!only ||
        (only === "slipping"
          ? column(kpi).some((cell) => cell.status === "red")
          : matrix.cell(node, kpi.kpi)?.status === only)),
  );
  return worst ? kpis.sort((a, b) => badness(column(b)) - badness(column(a))) : kpis;
}

export function Board({ route }: { route: Route }) {
  const city = useCity();
  const { t, language, word } = useSpeech();
  const narrow = useNarrow();
  const node = route.words[0] ?? city.root;
  const { at, every, only } = route.query;
  const feed = useFeed<BoardRow>(pathOf(["scoreboard"], { node, at }));
  const matrix = matrixOf(feed.rows, city, node, every);
  const kpis = wanted(matrix, node, route, (kpi) => city.title(kpi, language));
  const nodes = route.query["worst"]
    ? [...matrix.nodes].sort((a, b) => badness(matrix.of(b)) - badness(matrix.of(a)))
    : matrix.nodes;
  const kinds = kindsOf(city.kpis);
  const shown = { matrix, kpis, nodes, node, query: { at, every } };
  return (
    <>
      <Path node={node} to={(above) => link("board", [above], { at, every })} />
      <div class="bar">
        <Heading>{city.name(node)}</Heading>
        <Period route={route} />
        {kinds.length > 1 && (
          <Choice
            label={t.kind}
            value={every ?? ""}
            choose={(value) => choose(route, { every: value })}
            of={[["", t.ownKind], ...kinds.map((kind): [string, string] => [kind, word(kind)])]}
          />
        )}
        <a class="button quiet" href={link("report", [node], { at, every })}>
          {t.report}
        </a>
      </div>
      <Awaited problem={feed.problem} ready={feed.ready}>
        <Tiles rows={matrix.of(node)} only={only} pick={(status) => choose(route, { only: status })} />
        <div class="bar tools">
          <Choice
            label={t.show}
            value={only ?? ""}
            choose={(value) => choose(route, { only: value })}
            of={[
              ["", t.all],
              ["slipping", t.slipping],
              ...kStatuses.map((status): [string, string] => [status, t[status]]),
            ]}
          />
          <label class="choice">
            <span>{t.find}</span>
            <input
              type="search"
              value={route.query["find"] ?? ""}
              onChange={(event) => choose(route, { find: event.currentTarget.value })}
            />
          </label>
          <label class="check">
            <input
              type="checkbox"
              checked={!!route.query["worst"]}
              onChange={(event) => choose(route, { worst: event.currentTarget.checked ? "1" : undefined })}
            />
            {t.worstFirst}
          </label>
          {nodes.length > 0 && (
            <span class="below">
              {t.units}: <Counts rows={nodes.flatMap((name) => matrix.of(name))} />
            </span>
          )}
        </div>
        {kpis.length === 0 ? (
          <p class="quiet">{only === "slipping" ? t.noneSlips : t.nothing}</p>
        ) : narrow ? (
          <Cards {...shown} />
        ) : (
          <Table {...shown} />
        )}
      </Awaited>
    </>
  );
}

function Tiles({
  rows,
  only,
  pick,
}: {
  rows: BoardRow[];
  only: string | undefined;
  pick: (status: Status | undefined) => void;
}) {
  const { t } = useSpeech();
  return (
    <div class="tiles" role="group" aria-label={t.statusOf}>
      {kStatuses.map((status) => (
        <button
          key={status}
          type="button"
          class={`tile ${status}`}
          aria-pressed={only === status}
          onClick={() => pick(only === status ? undefined : status)}
        >
          <StatusIcon status={status} />
          <strong>{rows.filter((row) => row.status === status).length}</strong>
          <span>{t[status]}</span>
        </button>
      ))}
    </div>
  );
}

interface Shown {
  matrix: Matrix;
  kpis: Kpi[];
  nodes: string[];
  node: string;
  query: Record<string, string | undefined>;
}

const placeOf = (row: BoardRow, query: Shown["query"]) =>
  link("figure", [row.kpi, row.node], { ...query, every: row.every, window: row.window });

function Cell({
  row,
  kpi,
  roomy,
  query,
}: {
  row: BoardRow | undefined;
  kpi: Kpi;
  roomy: boolean;
  query: Shown["query"];
}) {
  const { t, language } = useSpeech();
  if (!row)
    return (
      <td class="empty">
        <span aria-hidden="true">·</span>
        <span class="sr">{t.noFigure}</span>
      </td>
    );
  const exact = `${t[row.status]} · ${windowName(row.window, language)} · ${row.value_exact ?? row.value ?? t.noFigure}`;
  return (
    <td class={row.status}>
      <a href={placeOf(row, query)} tabIndex={-1} title={exact}>
        <StatusIcon status={row.status} />
        <span class="sr">{t[row.status]}: </span>
        <span class="value">{withUnit(row.value, kpi.unit, language)}</span>
        {roomy && row.gap !== null && <small>{gap(row.gap, kpi.unit, language)}</small>}
      </a>
    </td>
  );
}

// Built anew only when something in it is another: a row of the feed is the same object until it changes.
function Line({
  at,
  own,
  matrix,
  kpis,
  roomy,
  query,
}: {
  at: string;
  own: boolean;
  matrix: Matrix;
  kpis: Kpi[];
  roomy: boolean;
  query: Shown["query"];
}) {
  const city = useCity();
  const { t, language } = useSpeech();
  const place = link(city.pageOf(at), [at], query);
  const cells = kpis.map((kpi) => matrix.cell(at, kpi.kpi));
  const rows = matrix.of(at);
  return useMemo(
    () => (
      <tr class={own ? "own" : ""}>
        <th scope="row">
          {own ? (
            <span>{t.whole}</span>
          ) : (
            <a href={place} tabIndex={-1}>
              {city.name(at)}
            </a>
          )}
          <Counts rows={rows} />
        </th>
        {kpis.map((kpi, i) => (
          <Cell key={kpi.kpi} row={cells[i]} kpi={kpi} roomy={roomy} query={query} />
        ))}
      </tr>
    ),
    [city, language, place, own, roomy, kpis.map((kpi) => kpi.kpi).join(" "), ...rows],
  );
}

function Table({ matrix, kpis, nodes, node, query }: Shown) {
  const city = useCity();
  const { t, language } = useSpeech();
  const roomy = kpis.length <= kRoomyColumns;
  // A screenful is drawn at once, the rest behind it.
  const [all, setAll] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setAll(true));
    return () => clearTimeout(timer);
  }, []);
  return (
    <div class="card scroll">
      <table
        class={`matrix ${roomy ? "roomy" : "tight"}`}
        ref={(table) => {
          if (!table?.querySelector("a[tabindex='0']")) table?.querySelector("a")?.setAttribute("tabindex", "0");
        }}
        onKeyDown={moveInGrid}
      >
        <caption class="sr">
          {t.boardCaption}: {city.name(node)}
        </caption>
        <thead>
          <tr>
            <th scope="col">{t.unit}</th>
            {kpis.map((kpi) => (
              <th key={kpi.kpi} scope="col">
                <a
                  href={link("ranking", [kpi.kpi, node], query)}
                  tabIndex={-1}
                  title={`${t.rank}: ${city.title(kpi.kpi, language)}`}
                >
                  {city.title(kpi.kpi, language)}
                </a>
                <small>
                  {windowName(
                    [node, ...nodes].map((at) => matrix.cell(at, kpi.kpi)?.window).find((window) => window) ?? "",
                    language,
                  )}
                </small>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {[node, ...(all ? nodes : nodes.slice(0, kScreenful))].map((at) => (
            <Line key={at} at={at} own={at === node} matrix={matrix} kpis={kpis} roomy={roomy} query={query} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

// For a phone: each unit with what is behind or at risk there; the rest is folded away when it is much.
function Cards({ matrix, kpis, nodes, node, query }: Shown) {
  const city = useCity();
  const { t } = useSpeech();
  return (
    <ul class="cards">
      {[node, ...nodes].map((at) => {
        const rows = kpis.map((kpi) => matrix.cell(at, kpi.kpi)).filter((row) => row !== undefined);
        const few = rows.length <= kRoomyColumns;
        const slips = (row: BoardRow) => row.status === "red" || row.status === "amber";
        const rest = few ? [] : rows.filter((row) => !slips(row));
        return (
          <li key={at} class="card">
            <h2>
              {at === node ? t.whole : <a href={link(city.pageOf(at), [at], query)}>{city.name(at)}</a>}
              <Counts rows={rows} />
            </h2>
            <Lines rows={few ? rows : rows.filter(slips)} query={query} />
            {rest.length > 0 && (
              <details>
                <summary>
                  {t.more} ({rest.length})
                </summary>
                <Lines rows={rest} query={query} />
              </details>
            )}
          </li>
        );
      })}
    </ul>
  );
}

function Lines({ rows, query }: { rows: BoardRow[]; query: Shown["query"] }) {
  const city = useCity();
  const { t, language } = useSpeech();
  return (
    <ul>
      {rows.map((row) => (
        <li key={row.kpi}>
          <a href={placeOf(row, query)}>
            <StatusIcon status={row.status} />
            <span class="sr">{t[row.status]}: </span>
            <span class="name">{city.title(row.kpi, language)}</span>
            <Figure row={row} unit={city.kpi(row.kpi)?.unit ?? null} />
          </a>
        </li>
      ))}
    </ul>
  );
}
