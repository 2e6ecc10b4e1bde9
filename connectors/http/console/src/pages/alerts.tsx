// What slips, as it happens, and acting on it.
import { useEffect, useRef, useState } from "preact/hooks";
import { pathOf, post, type Alert, type Problem } from "../api";
import { useCity } from "../city";
import { date, number, time, windowName } from "../format";
import { useSpeech } from "../i18n";
import { useFeed, useGet } from "../live";
import { Awaited, Choice, Heading, Loading, Wrong } from "../parts";
import { choose, link, type Route } from "../route";

const kShownFirst = 50;
const kSeverities = ["critical", "warning", "info"];

export function SeverityMark({ severity }: { severity: string }) {
  const { word } = useSpeech();
  const rank = kSeverities.indexOf(severity);
  return (
    <span class={`pill severity ${["red", "amber", "grey"][rank] ?? "grey"}`}>
      <span aria-hidden="true">{["!!!", "!!", "!"][rank] ?? "!"}</span>
      {word(severity)}
    </span>
  );
}

export function Alerts({ route }: { route: Route }) {
  const city = useCity();
  const { t, language, word } = useSpeech();
  const { severity, node, every } = route.query;
  const [shown, setShown] = useState(kShownFirst);
  const active = every === "all" ? undefined : "true";
  const feed = useFeed<Alert>(pathOf(["alerts"], { active, severity, node, lang: language }));
  const alerts = [...feed.rows].sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : a.alert < b.alert ? -1 : 1));
  return (
    <>
      <div class="bar">
        <Heading sub={feed.ready && !feed.problem ? t.alertCount(alerts.length) : undefined}>{t.alerts}</Heading>
        <Choice
          label={t.severity}
          value={severity ?? ""}
          choose={(value) => choose(route, { severity: value })}
          of={[["", t.anySeverity], ...kSeverities.map((name): [string, string] => [name, word(name)])]}
        />
        <label class="check">
          <input
            type="checkbox"
            checked={active !== undefined}
            onChange={(event) => choose(route, { every: event.currentTarget.checked ? undefined : "all" })}
          />
          {t.onlyActive}
        </label>
        {node && (
          <a class="button quiet" href={link("alerts", [], { ...route.query, node: undefined })}>
            {city.name(node)} ✕
          </a>
        )}
      </div>
      <Awaited problem={feed.problem} ready={feed.ready}>
        {alerts.length === 0 ? (
          <p class="quiet">{t.noAlerts}</p>
        ) : (
          <ul class="alerts" aria-live="polite" aria-relevant="additions">
            {alerts.slice(0, shown).map((alert) => (
              <One key={alert.alert} alert={alert} />
            ))}
          </ul>
        )}
        {alerts.length > shown && (
          <p class="more">
            <button type="button" onClick={() => setShown(shown * 2)}>
              {t.more} ({number(String(alerts.length - shown), language)})
            </button>
          </p>
        )}
      </Awaited>
    </>
  );
}

function One({ alert }: { alert: Alert }) {
  const city = useCity();
  const { t, language, word } = useSpeech();
  const [acting, setActing] = useState<"acknowledge" | "silence">();
  const [history, setHistory] = useState(false);
  return (
    <li class={`card alert severity-${alert.severity}`}>
      <p class="top">
        <SeverityMark severity={alert.severity} />
        <span class="phase">{word(alert.to)}</span>
        <span class="quiet">
          {t.since} <time>{time(alert.at, language)}</time>
        </span>
        <a href={link(city.pageOf(alert.node), [alert.node])}>{city.name(alert.node)}</a>
      </p>
      <p class="sentence">{alert.sentence}</p>
      <p class="acts">
        <a
          class="button quiet"
          href={link(
            "figure",
            [alert.kpi, alert.node],
            alert.period?.includes("/") ? {} : { window: alert.period ?? undefined },
          )}
        >
          {city.title(alert.kpi, language)}
        </a>
        <button type="button" onClick={() => setActing("acknowledge")}>
          {t.acknowledge}
        </button>
        <button type="button" onClick={() => setActing("silence")}>
          {t.silence}
        </button>
        <button type="button" class="quiet" aria-expanded={history} onClick={() => setHistory(!history)}>
          {t.alertHistory}
        </button>
      </p>
      {history && <History alert={alert} />}
      {acting && <Act alert={alert} act={acting} close={() => setActing(undefined)} />}
    </li>
  );
}

function History({ alert }: { alert: Alert }) {
  const { t, language, word } = useSpeech();
  const got = useGet<{ alerts: Alert[] }>(
    pathOf(["alerts", "history"], { alert: alert.alert, lang: language }),
    alert.transition,
  );
  if (got.problem) return <Wrong problem={got.problem} />;
  if (!got.value) return <Loading />;
  return (
    <ol class="events" aria-label={t.alertHistory}>
      {got.value.alerts.map((one) => (
        <li key={one.transition}>
          <time>{time(one.at, language)}</time> {word(one.from)} → <b>{word(one.to)}</b>
          <br />
          {one.sentence}
        </li>
      ))}
    </ol>
  );
}

// A form over the page. The key goes with the form, so that pressing twice is one act.
function Act({ alert, act, close }: { alert: Alert; act: "acknowledge" | "silence"; close: () => void }) {
  const { t, language } = useSpeech();
  const dialog = useRef<HTMLDialogElement>(null);
  const [key] = useState(() => `console ${act} ${alert.transition} ${Date.now()}`);
  const [said, setSaid] = useState<"sent" | "sending" | Problem>();
  useEffect(() => dialog.current?.showModal(), []);
  const send = (event: SubmitEvent) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget as HTMLFormElement);
    const body = Object.fromEntries(
      [...fields].map(([name, value]) => [name, String(value)]).filter(([, value]) => value !== ""),
    ) as Record<string, string>;
    setSaid("sending");
    post(pathOf(["alerts", alert.alert, act]), body, key).then(() => setSaid("sent"), setSaid);
  };
  return (
    <dialog ref={dialog} onClose={close} aria-label={t[act]}>
      <form onSubmit={send}>
        <h2>{t[act]}</h2>
        <p class="quiet">{alert.sentence}</p>
        <label>
          {t.person}
          <input name="person" autocomplete="name" />
        </label>
        <label>
          {t.note}
          <textarea name="note" rows={3} />
        </label>
        {act === "acknowledge" ? (
          <label>
            {t.followUp}
            <input name="follow_up_at" type="date" lang={language} />
          </label>
        ) : (
          <label>
            {t.until}
            <input name="until" type="date" required lang={language} />
          </label>
        )}
        {said === "sent" ? (
          <p class="equal" role="status">
            ✓ {t.sent}
          </p>
        ) : said !== undefined && said !== "sending" ? (
          <Wrong problem={said} />
        ) : null}
        <p class="acts">
          {said !== "sent" && (
            <button type="submit" class="main" disabled={said === "sending"}>
              {t.send}
            </button>
          )}
          <button type="button" onClick={() => dialog.current?.close()}>
            {said === "sent" ? t.close : t.cancel}
          </button>
        </p>
      </form>
    </dialog>
  );
}

export function AlertLines({ alerts }: { alerts: Alert[] }) {
  const { language } = useSpeech();
  return (
    <ul class="lines">
      {alerts.map((alert) => (
        <li key={alert.alert}>
          <SeverityMark severity={alert.severity} /> {alert.sentence}{" "}
          <span class="quiet">
            {windowName(alert.period, language)} · {date(alert.at, language)}
          </span>
        </li>
      ))}
    </ul>
  );
}
