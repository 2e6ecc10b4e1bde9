// Numbers, times and windows as the reader's language writes them. A number's digits are those that the service sent: only
// the marks between them change.
import type { Language } from "./i18n";

export function number(text: string | null | undefined, language: Language): string {
  if (text === null || text === undefined) return "–";
  const parts = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (!parts) return text;
  const [, sign, whole = "", fraction] = parts;
  const [group, point] = language === "vi" ? [".", ","] : [",", "."];
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, group);
  return (sign ? "\u2212" : "") + grouped + (fraction ? point + fraction : "");
}

export function withUnit(text: string | null | undefined, unit: string | null, language: Language): string {
  const shown = number(text, language);
  if (text === null || text === undefined || !unit) return shown;
  return unit === "percent" ? `${shown}%` : `${shown}\u00a0${unit}`;
}

// A gap between percentages is in points.
export function gap(text: string | null | undefined, unit: string | null, language: Language): string {
  if (text === null || text === undefined) return "–";
  const sign = text.startsWith("-") || Number(text) === 0 ? "" : "+";
  if (unit !== "percent") return sign + withUnit(text, unit, language);
  return `${sign}${number(text, language)}\u00a0${language === "vi" ? "điểm" : "pts"}`;
}

// A share of one as percent with one digit after the point: 0.906863 is 90.7%.
export function share(text: string | null | undefined, language: Language): string {
  if (text === null || text === undefined) return "–";
  const parts = /^(-?)(\d+)\.(\d{3})(\d)?\d*$/.exec(text);
  if (!parts) return number(text, language);
  const [, sign, whole, thousandths, next = "0"] = parts;
  const tenths = String(BigInt(`${whole}${thousandths}`) + (next >= "5" ? 1n : 0n)).padStart(2, "0");
  return number(`${sign}${tenths.slice(0, -1)}.${tenths.slice(-1)}`, language) + "%";
}

// Times are shown in the zone they were written in: the organisation's.
export function time(text: string | null | undefined, language: Language): string {
  const parts = /^(\d+)-(\d\d)-(\d\d)T(\d\d:\d\d)(:\d\d)?/.exec(text ?? "");
  if (!parts) return text ?? "–";
  const [, year, month, day, clock] = parts;
  return language === "vi"
    ? `${clock} ${day}/${month}/${year}`
    : `${day} ${kMonths[Number(month) - 1]} ${year}, ${clock}`;
}

const kMonths = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

export function date(text: string | null | undefined, language: Language): string {
  const parts = /^(\d+)-(\d\d)-(\d\d)/.exec(text ?? "");
  if (!parts) return text ?? "–";
  const [, year, month, day] = parts;
  return language === "vi" ? `${day}/${month}/${year}` : `${day} ${kMonths[Number(month) - 1]} ${year}`;
}

function step(label: string, language: Language): string {
  const month = /^(\d{4})-(\d\d)$/.exec(label);
  if (month) return language === "vi" ? `${month[2]}/${month[1]}` : `${kMonths[Number(month[2]) - 1]} ${month[1]}`;
  const quarter = /^(\d{4})-Q(\d)$/.exec(label);
  if (quarter) return language === "vi" ? `quý ${quarter[2]}/${quarter[1]}` : `Q${quarter[2]} ${quarter[1]}`;
  const week = /^(\d{4})-W(\d\d)$/.exec(label);
  if (week) return language === "vi" ? `tuần ${Number(week[2])}/${week[1]}` : `week ${Number(week[2])}, ${week[1]}`;
  if (/^\d{4}-\d\d-\d\dT/.test(label)) return time(label, language);
  return date(label, language);
}

// "2025-06", "..2025-06", "2025-01..2025-06", "2025-01-01/2025-06-30"
export function windowName(label: string | null, language: Language): string {
  if (!label) return "–";
  const range = /^(.+?)(?:\.\.|\/)(.+)$/.exec(label);
  if (range) return `${step(range[1] ?? "", language)} – ${step(range[2] ?? "", language)}`;
  if (label.startsWith("..")) return `${language === "vi" ? "đến" : "to"} ${step(label.slice(2), language)}`;
  return step(label, language);
}

// The day after which a month has passed: "2025-02" is "2025-02-28".
export function lastDay(month: string): string {
  const [year = 0, number = 1] = month.split("-").map(Number);
  const days = new Date(Date.UTC(year, number, 0)).getUTCDate();
  return `${month}-${String(days).padStart(2, "0")}`;
}

export function monthsBack(from: string, count: number): string[] {
  const [year = 0, month = 1] = from.slice(0, 7).split("-").map(Number);
  return Array.from({ length: count }, (_, i) => {
    const at = new Date(Date.UTC(year, month - 1 - i, 1));
    return at.toISOString().slice(0, 7);
  });
}

// For finding names: without marks and case, "Đặng" is "dang".
export function bare(text: string): string {
  return text
    .normalize("NFD")
    .replace(/[\u0300-\u036f]/g, "")
    .replace(/đ/g, "d")
    .replace(/Đ/g, "D")
    .toLowerCase();
}
