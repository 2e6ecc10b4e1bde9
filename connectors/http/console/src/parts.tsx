// Small parts that pages share.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Judged, Problem, Status } from "./api";
import { useCity } from "./city";
import { number, withUnit } from "./format";
import { useSpeech } from "./i18n";

export const kStatuses: Status[] = ["red", "amber", "green", "grey"];

// Each status has a shape of its own, so that nobody needs its colour.
const shapes: Record<Status, JSX.Element> = {
  green: (
    <>
      <circle cx="8" cy="8" r="7" />
      <path d="M4.7 8.3l2.2 2.2 4.4-4.8" class="mark" />
    </>
  ),
  amber: (
    <>
      <path d="M8 1.2L15.4 14.6H.6z" />
      <path d="M8 6v4M8 11.7v1.3" class="mark" />
    </>
  ),
  red: (
    <>
      <path d="M4.9 .8h6.2l4.1 4.1v6.2l-4.1 4.1H4.9L.8 11.1V4.9z" />
      <path d="M5.3 5.3l5.4 5.4M10.7 5.3l-5.4 5.4" class="mark" />
    </>
  ),
  grey: (
    <>
      <circle cx="8" cy="8" r="6.2" class="hollow" />
      <path d="M5 8h6" class="dash" />
    </>
  ),
};

export function StatusIcon({ status }: { status: Status }) {
  return (
    <svg class={`icon ${status}`} viewBox="0 0 16 16" aria-hidden="true">
      {shapes[status]}
    </svg>
  );
}

export function StatusPill({ status }: { status: Status }) {
  const { t } = useSpeech();
  return (
    <span class={`pill ${status}`}>
      <StatusIcon status={status} />
      {t[status]}
    </span>
  );
}

export function Figure({ row, unit }: { row: Judged; unit: string | null }) {
  const { language } = useSpeech();
  return <span title={row.value_exact ?? row.value ?? ""}>{withUnit(row.value, unit, language)}</span>;
}

export function Counts({ rows }: { rows: { status: Status }[] }) {
  const { t, language } = useSpeech();
  return (
    <span class="counts">
      {kStatuses.map((status) => {
        const count = rows.filter((row) => row.status === status).length;
        return count === 0 ? null : (
          <span key={status} class={status} title={t[status]}>
            <StatusIcon status={status} />
            <span class="sr">{t[status]}: </span>
            {number(String(count), language)}
          </span>
        );
      })}
    </span>
  );
}

// The heading takes the focus when the page is gone to, so that a screen reader says where one is.
export function Heading({ children, sub }: { children: ComponentChildren; sub?: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const text = typeof children === "string" ? children : undefined;
  useEffect(() => {
    if (text) document.title = `${text} – Slipstream`;
  }, [text]);
  return (
    <div class="heading">
      <h1 ref={heading} tabIndex={-1}>
        {children}
      </h1>
      {sub && <p class="sub">{sub}</p>}
    </div>
  );
}

export function Path({ node, to }: { node: string; to: (node: string) => string }) {
  const city = useCity();
  const { t } = useSpeech();
  const path = city.path(node).slice(0, -1);
  if (path.length === 0) return null;
  return (
    <nav class="path" aria-label={t.path}>
      <ol>
        {path.map((above) => (
          <li key={above}>
            <a href={to(above)}>{city.name(above)}</a>
          </li>
        ))}
      </ol>
    </nav>
  );
}

export function Wrong({ problem }: { problem: Problem }) {
  const { t } = useSpeech();
  return (
    <p class="wrong" role="alert">
      {problem.status === 0 ? t.unreachable : problem.message}
    </p>
  );
}

export function Loading() {
  const { t } = useSpeech();
  return (
    <p class="quiet" role="status">
      {t.loading}
    </p>
  );
}

// What was asked for, once it is there; until then that it is awaited, or what is wrong.
export function Awaited(it: { problem: Problem | undefined; ready: boolean; children: ComponentChildren }) {
  if (it.problem) return <Wrong problem={it.problem} />;
  return it.ready ? <>{it.children}</> : <Loading />;
}

// The heads of a table's columns: text and class.
export function Heads({ of }: { of: [text: string, kind?: string][] }) {
  return (
    <>
      {of.map(([text, kind]) => (
        <th key={text} scope="col" {...(kind ? { class: kind } : {})}>
          {text}
        </th>
      ))}
    </>
  );
}

export function Choice<T extends string>({
  label,
  value,
  of,
  choose,
}: {
  label: string;
  value: T;
  of: [T, string][];
  choose: (value: T) => void;
}) {
  return (
    <label class="choice">
      <span>{label}</span>
      <select value={value} onChange={(event) => choose(event.currentTarget.value as T)}>
        {of.map(([key, text]) => (
          <option key={key} value={key}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}
