// The tasks or reports behind a figure, and that they add up to it.
import { useState } from "preact/hooks";
import type { Contribution, ExplainedEvent, Explanation } from "./api";
import { useCity } from "./city";
import { date, number, time } from "./format";
import { useSpeech } from "./i18n";
import { Heads } from "./parts";
import { link } from "./route";

const kPlaces = new Set(["entity", "node", "at", "sign"]);
export const measuresOf = (one: Contribution | undefined) =>
  Object.keys(one ?? {}).filter((name) => !kPlaces.has(name) && !name.endsWith("_exact"));

function titleOf(entity: string, events: ExplainedEvent[]): string {
  return events.filter((event) => event.entity === entity && event.title).pop()?.title ?? entity;
}

export function EventList({ events }: { events: ExplainedEvent[] }) {
  const { language, word } = useSpeech();
  return (
    <ol class="events">
      {events.map((event) => (
        <li key={event.id + event.effective_at} class={event.remark ? "superseded" : ""}>
          <time>{time(event.effective_at, language)}</time> {word(event.type)}
          <span class="quiet">
            {" "}
            {event.id} · {event.topic}/{event.partition}@{event.offset}
          </span>
        </li>
      ))}
    </ol>
  );
}

// An item's name, which shows what happened to it.
export function Item(it: { entity: string; events: ExplainedEvent[]; isOpen: boolean; toggle: () => void }) {
  const title = titleOf(it.entity, it.events);
  return (
    <>
      <button type="button" class="reveal" aria-expanded={it.isOpen} onClick={it.toggle}>
        {title}
      </button>
      {title !== it.entity && <small>{it.entity}</small>}
    </>
  );
}

export function AddsUp({ explanation }: { explanation: Explanation }) {
  const { t } = useSpeech();
  return (
    <p class={explanation.equal ? "equal" : "equal not"} role="status">
      <span aria-hidden="true">{explanation.equal ? "✓" : "✗"}</span> {explanation.equal ? t.addsUp : t.addsNot}
    </p>
  );
}

export function Contributions({ explanation, more }: { explanation: Explanation; more: () => void }) {
  const city = useCity();
  const { t, language, word } = useSpeech();
  const [open, setOpen] = useState("");
  const { events } = explanation;
  // Of a KPI, the measures of its formula; the other measures of its view are not in the figure.
  const named = new Set(explanation.formula?.split("=").slice(1).join("=").match(/\w+/g) ?? []);
  const sums = named.size > 0 ? explanation.sums.filter((sum) => named.has(sum.measure)) : explanation.sums;
  const measures = sums.map((sum) => sum.measure);
  const contributions = explanation.contributions.filter((one) => measures.some((name) => one[name] !== null));
  return (
    <>
      {explanation.formula && (
        <p class="formula">
          <span>{t.formula}</span> <code>{explanation.formula}</code>
        </p>
      )}
      <AddsUp explanation={explanation} />
      <div class="scroll" tabIndex={0} role="region" aria-label={t.made}>
        <table class="plain">
          <thead>
            <tr>
              <Heads of={[[t.item], [t.holder, "minor"], [t.at, "minor"]]} />
              <Heads of={measures.map((name) => [word(name), "num"])} />
            </tr>
          </thead>
          <tfoot>
            <tr>
              <th scope="row">{t.sum}</th>
              <td class="minor" />
              <td class="minor" />
              {sums.map((sum) => (
                <td key={sum.measure} class="num">
                  {number(sum.sum, language)}
                </td>
              ))}
            </tr>
            <tr>
              <th scope="row">{t.stored}</th>
              <td class="minor" />
              <td class="minor" />
              {sums.map((sum) => (
                <td key={sum.measure} class={sum.equal ? "num" : "num not"}>
                  {number(sum.stored, language)}
                </td>
              ))}
            </tr>
          </tfoot>
          <tbody>
            {contributions.map((one) => {
              const key = `${one.entity} ${one.at} ${one.node} ${one.sign}`;
              return (
                <>
                  <tr key={key}>
                    <th scope="row">
                      <Item
                        entity={one.entity}
                        events={events}
                        isOpen={open === key}
                        toggle={() => setOpen(open === key ? "" : key)}
                      />
                      <small class="narrow-only">
                        {city.name(one.node)} · {date(one.at, language)}
                      </small>
                    </th>
                    <td class="minor">
                      <a href={link(city.pageOf(one.node), [one.node])}>{city.name(one.node)}</a>
                    </td>
                    <td class="minor">{date(one.at, language)}</td>
                    {measures.map((name) => (
                      <td key={name} class="num">
                        {one[name] === null ? "" : (one.sign === "-" ? "\u2212" : "") + number(one[name], language)}
                      </td>
                    ))}
                  </tr>
                  {open === key && (
                    <tr>
                      <td colSpan={3 + measures.length}>
                        <EventList events={events.filter((event) => event.entity === one.entity)} />
                      </td>
                    </tr>
                  )}
                </>
              );
            })}
          </tbody>
        </table>
      </div>
      {explanation.contributions.length < Number(explanation.contributions_in_all) && (
        <p class="more">
          {t.shownOf(explanation.contributions.length, number(explanation.contributions_in_all, language))}{" "}
          <button type="button" onClick={more}>
            {t.more}
          </button>
        </p>
      )}
    </>
  );
}
