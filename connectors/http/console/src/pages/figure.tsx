// One figure: where it stands, how it came there, and what it is made of.
import { useState } from "preact/hooks";
import { pathOf, type BoardRow, type Explanation, type Forecast, type Judged, type Kpi } from "../api";
import { Chart } from "../chart";
import { useCity } from "../city";
import { Contributions } from "../contributions";
import { gap, share, windowName, withUnit } from "../format";
import { useSpeech, type Speech } from "../i18n";
import { useFeed, useGet, useShown } from "../live";
import { Awaited, Choice, Figure as Value, Heading, Heads, Loading, Path, StatusPill, Wrong } from "../parts";
import { choose, link, type Route } from "../route";
import { dayOf, shownFrom } from "../windows";
import { RankingTable } from "./ranking";

const kListedFirst = 20;

export function sentence(row: Judged | undefined, unit: string | null, { t, language }: Speech): string {
  if (!row || row.value === null) return t.missing;
  const value = withUnit(row.value, unit, language);
  if (row.expected === null || row.gap === null) return t.unjudged(value);
  const expected = withUnit(row.expected, unit, language);
  const by = gap(row.gap, unit, language);
  const ahead = Number(row.gap);
  return ahead > 0 ? t.above(value, expected, by) : ahead < 0 ? t.behind(value, expected, by) : t.even(value, expected);
}

function likely(band: Forecast, kpi: Kpi, { t, language }: Speech): [string, string, string | undefined] {
  const [low, high] = [band.low, band.high].map((bound) => withUnit(bound, kpi.unit, language));
  return [t.likely, t.between(low ?? "", high ?? ""), undefined];
}

export function FigurePage({ route }: { route: Route }) {
  const city = useCity();
  const kpi = city.kpi(route.words[0] ?? "");
  const { t } = useSpeech();
  if (!kpi) return <Heading>{t.notFound}</Heading>;
  return <OfKpi route={route} kpi={kpi} node={route.words[1] ?? city.root} />;
}

function OfKpi({ route, kpi, node }: { route: Route; kpi: Kpi; node: string }) {
  const city = useCity();
  const speech = useSpeech();
  const { t, language, word } = speech;
  const { asOf } = useShown();
  const kinds = kpi.windows.split(" ");
  const every = route.query["every"] && kinds.includes(route.query["every"]) ? route.query["every"] : (kinds[0] ?? "");
  const [from] = useState(() => shownFrom(every, asOf));
  const feed = useFeed<Judged>(pathOf(["kpis", kpi.kpi], { node, every, from }));
  const rows = [...feed.rows].sort((a, b) => (a.window < b.window ? -1 : 1));
  const judged = rows.filter((row) => row.status !== "grey");
  const window = route.query["window"] ?? (judged[judged.length - 1] ?? rows[rows.length - 1])?.window;
  const row = rows.find((one) => one.window === window);
  const at = dayOf(window);
  const band = useGet<Forecast>(pathOf(["kpis", kpi.kpi, "forecast"], { node, every }), feed.version).value;
  const facts: [string, string, string | undefined][] = row
    ? [
        [t.actual, withUnit(row.value, kpi.unit, language), row.value_exact],
        [t.expected, withUnit(row.expected, kpi.unit, language), row.expected_exact],
        [t.target, withUnit(row.target, kpi.unit, language), row.target_exact],
        [t.gap, gap(row.gap, kpi.unit, language), row.gap_exact],
        [t.attainment, share(row.attainment, language), row.attainment ?? undefined],
        [t.forecast, withUnit(row.forecast, kpi.unit, language), row.forecast_exact],
        ...(band?.window === row.window && band.low !== null ? [likely(band, kpi, speech)] : []),
      ]
    : [];
  return (
    <>
      <Path node={node} to={(above) => link("figure", [kpi.kpi, above], route.query)} />
      <div class="bar">
        <Heading
          sub={
            <>
              <a href={link(city.pageOf(node), [node], { at: route.query["at"] })}>{city.name(node)}</a> ·{" "}
              {windowName(window ?? null, language)} · {t.better[kpi.better]}
            </>
          }
        >
          {city.title(kpi.kpi, language)}
        </Heading>
        {kinds.length > 1 && (
          <Choice
            label={t.kind}
            value={every}
            choose={(kind) => choose(route, { every: kind, window: undefined })}
            of={kinds.map((kind): [string, string] => [kind, word(kind)])}
          />
        )}
        {rows.length > 0 && (
          <Choice
            label={t.window}
            value={window ?? ""}
            choose={(label) => choose(route, { window: label })}
            of={[...rows].reverse().map((one): [string, string] => [one.window, windowName(one.window, language)])}
          />
        )}
      </div>
      <Awaited problem={feed.problem} ready={feed.ready}>
        <section class="card lead">
          <div class="words">
            {row && <StatusPill status={row.status} />}
            <p>{sentence(row, kpi.unit, speech)}</p>
          </div>
          <dl class="facts">
            {facts.map(([name, text, exact]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd title={exact ?? ""}>{text}</dd>
              </div>
            ))}
          </dl>
        </section>
        <div class="pair">
          <section class="card">
            <h2>{t.history}</h2>
            <Chart rows={rows} unit={kpi.unit} selected={window ?? ""} band={band} />
            <History rows={rows} kpi={kpi} route={route} selected={window ?? ""} />
          </section>
          {city.children(node).length > 0 && <Below kpi={kpi} node={node} at={at} every={every} />}
        </div>
        {window && <Made kpi={kpi} node={node} window={window} every={every} version={feed.version} />}
      </Awaited>
    </>
  );
}

function History({ rows, kpi, route, selected }: { rows: Judged[]; kpi: Kpi; route: Route; selected: string }) {
  const { t, language } = useSpeech();
  return (
    <details>
      <summary>
        {t.history} ({rows.length})
      </summary>
      <div class="scroll" tabIndex={0} role="region" aria-label={t.history}>
        <table class="plain">
          <thead>
            <tr>
              <Heads of={[[t.window], [t.statusOf], [t.actual, "num"], [t.expected, "num"], [t.gap, "num"]]} />
            </tr>
          </thead>
          <tbody>
            {[...rows].reverse().map((row) => (
              <tr key={row.window} class={row.window === selected ? "here" : ""}>
                <th scope="row">
                  <a href={link(route.page, route.words, { ...route.query, window: row.window })}>
                    {windowName(row.window, language)}
                  </a>
                </th>
                <td>
                  <StatusPill status={row.status} />
                </td>
                <td class="num">
                  <Value row={row} unit={kpi.unit} />
                </td>
                <td class="num">{withUnit(row.expected, kpi.unit, language)}</td>
                <td class="num">{gap(row.gap, kpi.unit, language)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

function Below({ kpi, node, at, every }: { kpi: Kpi; node: string; at: string | undefined; every: string }) {
  const { t } = useSpeech();
  const got = useGet<{ rows: BoardRow[] }>(pathOf(["scoreboard"], { node, kpi: kpi.kpi, at }), useShown().asOf);
  const rows = got.value?.rows.filter((row) => row.every === every && row.node !== node && row.value !== null) ?? [];
  if (got.problem) return <Wrong problem={got.problem} />;
  if (rows.length === 0) return null;
  return (
    <section class="card">
      <h2>{t.below}</h2>
      <RankingTable rows={rows} kpi={kpi} at={at} short />
    </section>
  );
}

function Made({
  kpi,
  node,
  window,
  every,
  version,
}: {
  kpi: Kpi;
  node: string;
  window: string;
  every: string;
  version: number;
}) {
  const { t } = useSpeech();
  const [limit, setLimit] = useState(kListedFirst);
  const got = useGet<Explanation>(
    pathOf(["explain", `kpi:${kpi.kpi}`], { node, window, every, limit: String(limit) }),
    version,
  );
  return (
    <section class="card made">
      <h2>{t.made}</h2>
      {got.problem ? (
        <Wrong problem={got.problem} />
      ) : !got.value ? (
        <Loading />
      ) : (
        <Contributions explanation={got.value} more={() => setLimit(limit * 4)} />
      )}
    </section>
  );
}
