// How the instance is, and what it refused.
import { useEffect, useState } from "preact/hooks";
import { get, getText, pathOf, post, Problem, type DeadLetter, type DeadLetterRow, type InstanceStatus } from "../api";
import { number, time } from "../format";
import { useSpeech } from "../i18n";
import { show } from "../live";
import { parseMetrics, type Metrics } from "../metrics";
import { Heading, Loading, Wrong } from "../parts";

const kLookEveryMs = 2000;
const kLettersShown = 50;

interface Seen {
  ready: boolean;
  checks: string[];
  status: InstanceStatus;
  metrics: Metrics;
  letters: DeadLetterRow[];
  more: boolean;
}

async function look(limit: number): Promise<Seen> {
  const [ready, status, metrics, letters] = await Promise.all([
    getText("/readyz?verbose"),
    get<InstanceStatus>("/v1/status"),
    getText("/metrics"),
    get<{ dead_letters: DeadLetterRow[]; next?: string }>(pathOf(["dead-letters"], { limit: String(limit) })),
  ]);
  const checks = ready.text.split("\n").filter((line) => line.startsWith("["));
  return {
    ready: ready.status === 200,
    checks,
    status,
    metrics: parseMetrics(metrics.text),
    letters: letters.dead_letters,
    more: letters.next !== undefined,
  };
}

export function Health() {
  const { t, language } = useSpeech();
  const [seen, setSeen] = useState<Seen>();
  const [problem, setProblem] = useState<Problem>();
  const [limit, setLimit] = useState(kLettersShown);
  useEffect(() => {
    let timer: number | undefined;
    let ended = false;
    const round = () =>
      look(limit)
        .then(
          (now) => {
            if (ended) return;
            setSeen(now);
            setProblem(undefined);
            show({
              link: "live",
              asOf: now.status.clock ?? undefined,
              complete: now.checks.every((line) => !line.startsWith("[-] figures")),
            });
          },
          (wrong: Problem) => {
            if (!ended) {
              setProblem(wrong);
              show({ link: "lost" });
            }
          },
        )
        .finally(() => {
          if (!ended) timer = window.setTimeout(round, kLookEveryMs);
        });
    void round();
    return () => {
      ended = true;
      clearTimeout(timer);
    };
  }, [limit]);
  const all = (name: string) => seen?.metrics.get(`slipstream_${name}`)?.get("");
  const count = (text: string | number | null | undefined) =>
    text === null || text === undefined ? t.unknown : number(String(text), language);
  const facts: [string, string][] = seen
    ? [
        [t.backlog, count(seen.status.backlog)],
        [t.lag, all("clock_lag_seconds") === undefined ? t.unknown : `${count(all("clock_lag_seconds"))} ${t.seconds}`],
        [t.shards, `${count(seen.status.shards)} / ${count(seen.status.partitions)}`],
        [t.received, count(seen.status.received)],
        [t.folded, count(seen.status.folded)],
        [t.duplicates, count(seen.status.duplicates)],
        [t.refused, count(seen.status.dead_lettered)],
        [t.transitions, count(seen.status.transitions)],
      ]
    : [];
  return (
    <>
      <div class="bar">
        <Heading
          sub={
            seen && (
              <>
                {t.clock} {time(seen.status.clock, language)} · {t.definitions} <code>{seen.status.definitions}</code>
              </>
            )
          }
        >
          {t.health}
        </Heading>
        {seen && !problem && (
          <span class={`pill ${seen.ready ? "green" : "red"}`} role="status">
            <span aria-hidden="true">{seen.ready ? "✓" : "✗"}</span>
            {seen.ready ? t.ready : t.notReady}
          </span>
        )}
      </div>
      {problem && <Wrong problem={problem} />}
      {!seen ? (
        !problem && <Loading />
      ) : (
        <>
          {seen.status.trouble && (
            <p class="wrong" role="alert">
              {t.trouble}: {seen.status.trouble}
            </p>
          )}
          <section class="card">
            <dl class="facts">
              {facts.map(([name, text]) => (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd>{text}</dd>
                </div>
              ))}
            </dl>
            <ul class="checks" aria-label={t.checks}>
              {seen.checks.map((line) => (
                <li key={line} class={line.startsWith("[+]") ? "good" : "bad"}>
                  {line}
                </li>
              ))}
            </ul>
          </section>
          <div class="pair even">
            <Shards metrics={seen.metrics} />
            <Letters letters={seen.letters} more={seen.more ? () => setLimit(limit * 4) : undefined} />
          </div>
        </>
      )}
    </>
  );
}

const kColumns = ["received", "folded", "duplicate", "dead_lettered", "late"] as const;

function Shards({ metrics }: { metrics: Metrics }) {
  const { t, language } = useSpeech();
  const of = (column: string, shard: string) =>
    number(String(metrics.get(`slipstream_events_${column}_total`)?.get(shard) ?? ""), language);
  const shards = [...(metrics.get("slipstream_events_received_total")?.keys() ?? [])];
  const names = {
    received: t.received,
    folded: t.folded,
    duplicate: t.duplicates,
    dead_lettered: t.refused,
    late: t.late,
  };
  return (
    <section class="card">
      <h2>{t.shards}</h2>
      <div class="scroll" tabIndex={0} role="region" aria-label={t.shards}>
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">{t.shard}</th>
              {kColumns.map((column) => (
                <th key={column} scope="col" class="num">
                  {names[column]}
                </th>
              ))}
              <th scope="col" class="num">
                {t.commits}
              </th>
            </tr>
          </thead>
          <tbody>
            {shards.map((shard) => (
              <tr key={shard}>
                <th scope="row">{shard}</th>
                {kColumns.map((column) => (
                  <td key={column} class="num">
                    {of(column, shard)}
                  </td>
                ))}
                <td class="num">
                  {number(String(metrics.get("slipstream_commits_total")?.get(shard) ?? ""), language)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Letters({ letters, more }: { letters: DeadLetterRow[]; more: (() => void) | undefined }) {
  const { t } = useSpeech();
  const [open, setOpen] = useState("");
  return (
    <section class="card letters">
      <h2>{t.deadLetters}</h2>
      {letters.length === 0 ? (
        <p class="quiet">{t.noDeadLetters}</p>
      ) : (
        <ul>
          {letters.map((letter) => (
            <li key={letter.offset}>
              <button
                type="button"
                class="reveal"
                aria-expanded={open === letter.offset}
                onClick={() => setOpen(open === letter.offset ? "" : letter.offset)}
              >
                <code>{letter.offset}</code> <b>{letter.code}</b>
              </button>
              {letter.replayed && <span class="pill green">{t.replayed}</span>}
              <p>{letter.reason}</p>
              {open === letter.offset && <Letter letter={letter} />}
            </li>
          ))}
        </ul>
      )}
      {more && (
        <p class="more">
          {t.page(letters.length)}{" "}
          <button type="button" onClick={more}>
            {t.more}
          </button>
        </p>
      )}
    </section>
  );
}

function Letter({ letter }: { letter: DeadLetterRow }) {
  const { t } = useSpeech();
  const [whole, setWhole] = useState<DeadLetter | Problem>();
  const [said, setSaid] = useState<"sending" | "sent" | "before" | Problem>();
  useEffect(
    () => void get<DeadLetter>(pathOf(["dead-letters", letter.offset])).then(setWhole, setWhole),
    [letter.offset],
  );
  const replay = () => {
    setSaid("sending");
    post(pathOf(["dead-letters", letter.offset, "replay"]), {}).then(
      (answer) => setSaid(answer["replayed"] === "0" ? "before" : "sent"),
      setSaid,
    );
  };
  const cannot = said instanceof Problem && (said.status === 404 || said.status === 405);
  return (
    <div class="letter">
      {whole instanceof Problem ? (
        <Wrong problem={whole} />
      ) : !whole ? (
        <Loading />
      ) : (
        <>
          <p class="quiet">
            {t.stage} {whole.stage} · {whole.topic}/{whole.partition}@{whole.offset} · {t.key} {whole.key ?? "–"}
          </p>
          <pre tabIndex={0} aria-label={t.bytes}>
            {whole.value ?? ""}
          </pre>
        </>
      )}
      <p class="acts">
        <button type="button" class="main" disabled={said !== undefined && !(said instanceof Problem)} onClick={replay}>
          {t.replay}
        </button>
        {said === "sent" && (
          <span class="equal" role="status">
            ✓ {t.replaySent}
          </span>
        )}
        {said === "before" && (
          <span class="quiet" role="status">
            {t.replayedBefore}
          </span>
        )}
        {cannot ? (
          <span class="wrong" role="alert">
            {t.replayMissing}
          </span>
        ) : (
          said instanceof Problem && <Wrong problem={said} />
        )}
      </p>
    </div>
  );
}
