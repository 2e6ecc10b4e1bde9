// A person, or a unit without anyone below it: how they do, and the tasks that it comes from.
import { useState } from "preact/hooks";
import { pathOf, type BoardRow, type Contribution, type Explanation, type View } from "../api";
import { matrixOf } from "../board";
import { useCity, viewTitle } from "../city";
import { AddsUp, EventList, Item, measuresOf } from "../contributions";
import { date, gap, number, time, windowName, withUnit } from "../format";
import { useSpeech } from "../i18n";
import { useFeed, useGet } from "../live";
import { Awaited, Figure, Heading, Heads, Loading, Path, StatusIcon, StatusPill, Wrong } from "../parts";
import { Period } from "../period";
import { link, type Route } from "../route";

const kTasksMax = 500;

export function Officer({ route }: { route: Route }) {
  const city = useCity();
  const { t, language } = useSpeech();
  const node = route.words[0] ?? city.root;
  const { at, every } = route.query;
  const feed = useFeed<BoardRow>(pathOf(["scoreboard"], { node, at }));
  const matrix = matrixOf(feed.rows, city, node, every);
  const rows = matrix.kpis.map((kpi) => matrix.cell(node, kpi.kpi)).filter((row) => row !== undefined);
  const above = city.parent(node);
  // The views of tasks that this node has figures in, with the window that each is shown for.
  const views = city.views
    .filter((view) => view.from === "tasks")
    .flatMap((view) => {
      const row = rows.find((one) => city.kpi(one.kpi)?.view === view.view);
      return row ? [{ view, row }] : [];
    });
  return (
    <>
      <Path node={node} to={(one) => link("board", [one], { at, every })} />
      <div class="bar">
        <Heading sub={above ? city.name(above) : undefined}>{city.name(node)}</Heading>
        <Period route={route} />
      </div>
      <Awaited problem={feed.problem} ready={feed.ready}>
        <section aria-label={t.scores}>
          <h2>{t.scores}</h2>
          {rows.length === 0 ? (
            <p class="quiet">{t.nothing}</p>
          ) : (
            <ul class="scores">
              {rows.map((row) => {
                const unit = city.kpi(row.kpi)?.unit ?? null;
                return (
                  <li key={row.kpi} class={`card score ${row.status}`}>
                    <a href={link("figure", [row.kpi, node], { at, every: row.every, window: row.window })}>
                      {city.title(row.kpi, language)}
                    </a>
                    <strong>
                      <Figure row={row} unit={unit} />
                    </strong>
                    <StatusPill status={row.status} />
                    <small>
                      {windowName(row.window, language)}
                      {row.expected !== null && (
                        <>
                          {" "}
                          · {t.expected} {withUnit(row.expected, unit, language)} · {gap(row.gap, unit, language)}
                        </>
                      )}
                    </small>
                  </li>
                );
              })}
            </ul>
          )}
        </section>
        {views.map(({ view, row }) => (
          <Tasks key={view.view} view={view} node={node} row={row} version={feed.version} />
        ))}
      </Awaited>
    </>
  );
}

type State = "overdue" | "late" | "openTask" | "on_time";
const kOrder: State[] = ["overdue", "late", "openTask", "on_time"];
const kStatusOf = { overdue: "red", late: "amber", openTask: "grey", on_time: "green" } as const;

// A task is in the state whose measure counts it; it is still open when none does.
function stateOf(task: Contribution): State {
  return kOrder.find((state) => state !== "openTask" && Number(task[state] ?? 0) > 0) ?? "openTask";
}

function Tasks({ view, node, row, version }: { view: View; node: string; row: BoardRow; version: number }) {
  const { t, language, word } = useSpeech();
  const [open, setOpen] = useState("");
  const got = useGet<Explanation>(
    pathOf(["explain", `view:${view.view}`], { node, window: row.window, every: row.every, limit: String(kTasksMax) }),
    version,
  );
  const explanation = got.value;
  const tasks = [...(explanation?.contributions ?? [])].sort(
    (a, b) => kOrder.indexOf(stateOf(a)) - kOrder.indexOf(stateOf(b)) || (a.at < b.at ? -1 : 1),
  );
  const others = measuresOf(tasks[0]).filter((name) => !["due", "on_time", "late", "overdue"].includes(name));
  const doneAt = (entity: string) =>
    explanation?.events
      .filter((event) => event.entity === entity && event.type === "task.completed" && !event.remark)
      .pop()?.effective_at;
  return (
    <section class="card">
      <h2>
        {t.tasks}: {viewTitle(view, language)} <small>{windowName(row.window, language)}</small>
      </h2>
      {got.problem ? (
        <Wrong problem={got.problem} />
      ) : !explanation ? (
        <Loading />
      ) : tasks.length === 0 ? (
        <p class="quiet">{t.noTasks}</p>
      ) : (
        <>
          <p class="counts">
            {kOrder.map((state) => {
              const count = tasks.filter((task) => stateOf(task) === state).length;
              return (
                count > 0 && (
                  <span key={state} class={kStatusOf[state]}>
                    <StatusIcon status={kStatusOf[state]} />
                    {state === "openTask" ? t.openTask : word(state)}: {number(String(count), language)}
                  </span>
                )
              );
            })}
          </p>
          <div class="scroll" tabIndex={0} role="region" aria-label={t.tasks}>
            <table class="plain tasks">
              <thead>
                <tr>
                  <Heads of={[[t.item], [t.state], [t.due], [t.done]]} />
                  <Heads of={others.map((name) => [word(name), "num"])} />
                </tr>
              </thead>
              <tbody>
                {tasks.map((task) => (
                  <>
                    <tr key={task.entity} data-state={stateOf(task)}>
                      <th scope="row">
                        <Item
                          entity={task.entity}
                          events={explanation.events}
                          isOpen={open === task.entity}
                          toggle={() => setOpen(open === task.entity ? "" : task.entity)}
                        />
                      </th>
                      <td>
                        <span class={`pill ${kStatusOf[stateOf(task)]}`}>
                          <StatusIcon status={kStatusOf[stateOf(task)]} />
                          {stateOf(task) === "openTask" ? t.openTask : word(stateOf(task))}
                        </span>
                      </td>
                      <td>{date(task.at, language)}</td>
                      <td>{doneAt(task.entity) ? time(doneAt(task.entity), language) : "–"}</td>
                      {others.map((name) => (
                        <td key={name} class="num">
                          {task[name] === null ? "" : number(task[name], language)}
                        </td>
                      ))}
                    </tr>
                    {open === task.entity && (
                      <tr>
                        <td colSpan={4 + others.length}>
                          <EventList events={explanation.events.filter((event) => event.entity === task.entity)} />
                        </td>
                      </tr>
                    )}
                  </>
                ))}
              </tbody>
            </table>
          </div>
          <AddsUp explanation={explanation} />
        </>
      )}
    </section>
  );
}
