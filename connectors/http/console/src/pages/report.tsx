// The period on paper: what a head of a unit takes into a meeting.
import { pathOf, type Alert, type BoardRow } from "../api";
import { badness, matrixOf } from "../board";
import { useCity } from "../city";
import { gap, time, windowName, withUnit } from "../format";
import { useSpeech } from "../i18n";
import { useFeed, useGet, useShown } from "../live";
import { Counts, Figure, Heading, Heads, Loading, Path, StatusIcon, StatusPill, Wrong } from "../parts";
import { Period } from "../period";
import { link, type Route } from "../route";
import { AlertLines } from "./alerts";

const kAlertsMax = 100;

export function Report({ route }: { route: Route }) {
  const city = useCity();
  const { t, language } = useSpeech();
  const node = route.words[0] ?? city.root;
  const { at, every } = route.query;
  const feed = useFeed<BoardRow>(pathOf(["scoreboard"], { node, at }));
  const { asOf, complete } = useShown();
  const standing = useGet<{ alerts: Alert[] }>(
    pathOf(["alerts"], { active: "true", lang: language, limit: "1000" }),
    feed.version,
  );
  const alerts = (standing.value?.alerts ?? [])
    .filter((alert) => city.path(alert.node).includes(node))
    .slice(0, kAlertsMax);
  if (feed.problem)
    return (
      <>
        <Heading>{t.report}</Heading>
        <Wrong problem={feed.problem} />
      </>
    );
  if (!feed.ready)
    return (
      <>
        <Heading>{t.report}</Heading>
        <Loading />
      </>
    );
  const matrix = matrixOf(feed.rows, city, node, every);
  const below = matrix.nodes.map((name) => ({ name, rows: matrix.of(name) }));
  const slipping = below
    .map(({ name, rows }) => ({ name, rows: rows.filter((row) => row.status === "red" || row.status === "amber") }))
    .filter(({ rows }) => rows.length > 0)
    .sort((a, b) => badness(b.rows) - badness(a.rows));
  const unit = (row: BoardRow) => city.kpi(row.kpi)?.unit ?? null;
  return (
    <article class="report">
      <div class="screen-only">
        <Path node={node} to={(above) => link("report", [above], { at, every })} />
      </div>
      <div class="bar">
        <Heading
          sub={
            <>
              {t.asOf} {time(asOf, language)}
              {!complete && <strong> · {t.incomplete}</strong>}
            </>
          }
        >
          {t.reportOf(city.name(node))}
        </Heading>
        <span class="bar screen-only">
          <Period route={route} />
          <button type="button" class="main" onClick={() => print()}>
            {t.printIt}
          </button>
        </span>
      </div>
      <section class="card">
        <h2>
          {t.own} {city.name(node)} <Counts rows={matrix.of(node)} />
        </h2>
        <div class="scroll" tabIndex={0} role="region" aria-label={t.own}>
          <table class="plain">
            <thead>
              <tr>
                <Heads
                  of={[
                    [t.indicator],
                    [t.window, "minor"],
                    [t.statusOf],
                    [t.actual, "num"],
                    [t.expected, "num minor"],
                    [t.target, "num minor"],
                    [t.gap, "num"],
                  ]}
                />
              </tr>
            </thead>
            <tbody>
              {matrix.kpis.map((kpi) => {
                const row = matrix.cell(node, kpi.kpi);
                return (
                  row && (
                    <tr key={kpi.kpi}>
                      <th scope="row">{city.title(kpi.kpi, language)}</th>
                      <td class="minor">{windowName(row.window, language)}</td>
                      <td>
                        <StatusPill status={row.status} />
                      </td>
                      <td class="num">
                        <Figure row={row} unit={kpi.unit} />
                      </td>
                      <td class="num minor">{withUnit(row.expected, kpi.unit, language)}</td>
                      <td class="num minor">{withUnit(row.target, kpi.unit, language)}</td>
                      <td class="num">{gap(row.gap, kpi.unit, language)}</td>
                    </tr>
                  )
                );
              })}
            </tbody>
          </table>
        </div>
      </section>
      {below.length > 0 && (
        <section class="card">
          <h2>{t.units}</h2>
          <ul class="summary">
            {below.map(({ name, rows }) => (
              <li key={name}>
                <a href={link("report", [name], { at, every })}>{city.name(name)}</a> <Counts rows={rows} />
              </li>
            ))}
          </ul>
        </section>
      )}
      {below.length > 0 && (
        <section class="card">
          <h2>{t.attention}</h2>
          {slipping.length === 0 ? (
            <p class="quiet">{t.noAttention}</p>
          ) : (
            slipping.map(({ name, rows }) => (
              <div key={name} class="block">
                <h3>{city.name(name)}</h3>
                <ul class="lines">
                  {rows
                    .sort((a, b) => badness([b]) - badness([a]))
                    .map((row) => (
                      <li key={row.kpi}>
                        <StatusIcon status={row.status} />
                        <span class="sr">{t[row.status]}: </span> {city.title(row.kpi, language)}:{" "}
                        <b>
                          <Figure row={row} unit={unit(row)} />
                        </b>
                        , {t.expected.toLowerCase()} {withUnit(row.expected, unit(row), language)} (
                        {gap(row.gap, unit(row), language)})
                      </li>
                    ))}
                </ul>
              </div>
            ))
          )}
        </section>
      )}
      <section class="card">
        <h2>{t.openAlerts}</h2>
        {standing.problem ? (
          <Wrong problem={standing.problem} />
        ) : alerts.length === 0 ? (
          <p class="quiet">{t.noAlerts}</p>
        ) : (
          <AlertLines alerts={alerts} />
        )}
      </section>
      <p class="print-only quiet">
        {t.reportMade} · {t.asOf} {time(asOf, language)}
      </p>
    </article>
  );
}
