// Who is where among those right below a node, for one KPI.
import { pathOf, type BoardRow, type Kpi } from "../api";
import { useCity } from "../city";
import { gap, windowName, withUnit } from "../format";
import { useSpeech } from "../i18n";
import { useFeed } from "../live";
import { Awaited, Counts, Figure, Heading, Heads, Path, StatusPill } from "../parts";
import { Period } from "../period";
import { link, type Route } from "../route";

// "200/3" or "66.7"
function fraction(text: string): number {
  const [above = "", below = "1"] = text.split("/");
  return Number(above) / Number(below);
}

// By the gap, which says better and worse whichever way a KPI goes; without a target by the value.
function ranked(rows: BoardRow[], kpi: Kpi): { row: BoardRow; place: number | undefined }[] {
  const size = (row: BoardRow) => {
    if (row.gap !== null) return fraction(row.gap_exact ?? row.gap);
    if (row.value === null || kpi.better === "range") return undefined;
    return fraction(row.value_exact ?? row.value) * (kpi.better === "lower" ? -1 : 1);
  };
  const sorted = [...rows].sort(
    (a, b) => (size(b) ?? -Infinity) - (size(a) ?? -Infinity) || (a.node < b.node ? -1 : 1),
  );
  let place = 0,
    before: number | undefined;
  return sorted.map((row, i) => {
    const mine = size(row);
    if (mine === undefined) return { row, place: undefined };
    if (mine !== before) place = i + 1;
    before = mine;
    return { row, place };
  });
}

export function RankingTable({
  rows,
  kpi,
  at,
  short,
}: {
  rows: BoardRow[];
  kpi: Kpi;
  at: string | undefined;
  short?: boolean;
}) {
  const city = useCity();
  const { t, language } = useSpeech();
  if (rows.length === 0) return <p class="quiet">{t.noBelow}</p>;
  const most = Math.max(...rows.map((row) => Math.abs(Number(row.value ?? 0))), 0);
  const list = ranked(rows, kpi);
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={t.ranking}>
      <table class="plain ranking">
        <thead>
          <tr>
            <Heads of={[[t.place, "num"], [t.unit], [t.statusOf], [t.actual, "num"]]} />
            {!short && <Heads of={[[t.expected, "num minor"]]} />}
            <Heads of={[[t.gap, "num"]]} />
            {!short && <td class="wide minor" />}
          </tr>
        </thead>
        <tbody>
          {list.map(({ row, place }) => (
            <tr key={row.node}>
              <td class="num">{place ?? "–"}</td>
              <th scope="row">
                <a href={link("figure", [kpi.kpi, row.node], { at, every: row.every, window: row.window })}>
                  {city.name(row.node)}
                </a>
              </th>
              <td>
                <StatusPill status={row.status} />
              </td>
              <td class="num">
                <Figure row={row} unit={kpi.unit} />
              </td>
              {!short && <td class="num minor">{withUnit(row.expected, kpi.unit, language)}</td>}
              <td class="num" title={row.gap_exact ?? ""}>
                {gap(row.gap, kpi.unit, language)}
              </td>
              {!short && (
                <td class="wide minor" aria-hidden="true">
                  <svg class="barline" viewBox="0 0 100 8" preserveAspectRatio="none">
                    <rect
                      class={row.status}
                      width={most > 0 ? (100 * Math.abs(Number(row.value ?? 0))) / most : 0}
                      height="8"
                    />
                  </svg>
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function Ranking({ route }: { route: Route }) {
  const city = useCity();
  const { t, language } = useSpeech();
  const kpi = city.kpi(route.words[0] ?? "");
  const node = route.words[1] ?? city.root;
  const { at, every } = route.query;
  const feed = useFeed<BoardRow>(kpi && pathOf(["scoreboard"], { node, at, kpi: kpi.kpi }));
  if (!kpi) return <Heading>{t.notFound}</Heading>;
  const kinds = kpi.windows.split(" ");
  const kind = every && kinds.includes(every) ? every : kinds[0];
  const rows = feed.rows.filter((row) => row.every === kind);
  const below = rows.filter((row) => row.node !== node && row.value !== null);
  const own = rows.find((row) => row.node === node);
  return (
    <>
      <Path node={node} to={(above) => link("ranking", [kpi.kpi, above], route.query)} />
      <div class="bar">
        <Heading
          sub={
            <>
              {windowName(rows[0]?.window ?? null, language)} · {t.better[kpi.better]} <Counts rows={below} />
            </>
          }
        >
          {t.rankOf(city.title(kpi.kpi, language), city.name(node))}
        </Heading>
        <Period route={route} />
      </div>
      <Awaited problem={feed.problem} ready={feed.ready}>
        <section class="card">
          {own && (
            <p class="own-line">
              {t.whole}: <StatusPill status={own.status} />{" "}
              <a href={link("figure", [kpi.kpi, node], { at, every: own.every, window: own.window })}>
                <Figure row={own} unit={kpi.unit} />
              </a>
            </p>
          )}
          <RankingTable rows={below} kpi={kpi} at={at} />
        </section>
      </Awaited>
    </>
  );
}
