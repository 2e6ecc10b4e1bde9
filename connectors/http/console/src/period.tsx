// The period that a page is about: now, or the end of a month that has passed.
import { useShown } from "./live";
import { lastDay, monthsBack } from "./format";
import { useSpeech } from "./i18n";
import { Choice } from "./parts";
import { choose, type Route } from "./route";

const kMonthsBack = 24;

export function Period({ route }: { route: Route }) {
  const { t } = useSpeech();
  const { asOf } = useShown();
  if (!asOf) return null;
  const [, ...months] = monthsBack(asOf, kMonthsBack);
  const days = ["", ...months.map(lastDay)];
  const at = route.query["at"] ?? "";
  const index = Math.max(0, days.indexOf(at));
  const go = (to: number) => choose(route, { at: days[to] });
  return (
    <div class="period">
      <button
        type="button"
        class="step"
        aria-label={t.before}
        title={t.before}
        disabled={index >= days.length - 1}
        onClick={() => go(index + 1)}
      >
        ‹
      </button>
      <Choice
        label={t.period}
        value={at}
        choose={(day) => choose(route, { at: day })}
        of={days.map((day) => [day, day ? t.month(day) : `${t.now} · ${t.month(asOf)}`])}
      />
      <button
        type="button"
        class="step"
        aria-label={t.after}
        title={t.after}
        disabled={index === 0}
        onClick={() => go(index - 1)}
      >
        ›
      </button>
    </div>
  );
}
