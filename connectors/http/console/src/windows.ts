// What a window's label says of time.
import { lastDay } from "./format";

// The last day of a window; undefined: the label does not say.
export function dayOf(label: string | null | undefined): string | undefined {
  const last = label?.split(/\.\.|\//).pop() ?? "";
  if (/^\d{4}-\d\d$/.test(last)) return lastDay(last);
  const quarter = /^(\d{4})-Q(\d)$/.exec(last);
  if (quarter) return lastDay(`${quarter[1]}-${String(Number(quarter[2]) * 3).padStart(2, "0")}`);
  if (/^\d{4}$/.test(last)) return `${last}-12-31`;
  return /^\d{4}-\d\d-\d\d$/.test(last) ? last : undefined;
}

const kDaysShown: Record<string, number> = { day: 62, week: 400 };

// From when on a history is shown, so that years of days are not read; undefined: from the beginning.
export function shownFrom(every: string, asOf: string | undefined): string | undefined {
  const days = kDaysShown[every];
  if (days === undefined || asOf === undefined) return undefined;
  const at = new Date(asOf.slice(0, 10) + "T00:00:00Z");
  at.setUTCDate(at.getUTCDate() - days);
  return at.toISOString().slice(0, 10);
}
