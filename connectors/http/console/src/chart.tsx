// A KPI over its windows: what was reached, what was expected, the target, and where it is heading.
import type { Forecast, Judged } from "./api";
import { number, windowName, withUnit } from "./format";
import { useSpeech } from "./i18n";
import { useNarrow } from "./media";

const kHeight = 250,
  kLeft = 52,
  kRight = 66,
  kTop = 14,
  kBottom = 28;
const kCharacter = 7.2; // its width in a label, about

// What lies ahead has figures of its own, and nothing to hold them against.
function untilNow(all: Judged[]): Judged[] {
  const last = all.reduce((found, row, i) => (row.expected !== null ? i : found), -1);
  return last < 0 ? all : all.slice(0, last + 1);
}

// Round numbers that hold the range, five steps or less.
function ticks(low: number, high: number): number[] {
  const span = high - low || Math.abs(high) || 1;
  const raw = span / 4;
  const unit = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * unit).find((size) => size >= raw) ?? raw;
  const first = Math.floor(low / step) * step;
  return Array.from({ length: Math.ceil((high - first) / step + 1e-9) + 1 }, (_, i) =>
    Number((first + i * step).toPrecision(12)),
  );
}

type Point = [number, number];
const line = (points: (Point | undefined)[]) => {
  let pen = false;
  return points
    .map((point) => {
      if (!point) {
        pen = false;
        return "";
      }
      const text = `${pen ? "L" : "M"}${point[0].toFixed(1)} ${point[1].toFixed(1)}`;
      pen = true;
      return text;
    })
    .join("");
};

interface ChartProps {
  rows: Judged[];
  unit: string | null;
  selected: string;
  band: Forecast | undefined; // of the window in force
}

export function Chart({ rows: all, unit, selected, band }: ChartProps) {
  const { t, language } = useSpeech();
  const width = useNarrow() ? 400 : 720;
  const rows = untilNow(all);
  const numbers = rows
    .flatMap((row) => [row.value, row.expected, row.target])
    .filter((text) => text !== null)
    .map(Number);
  const heading = [...rows].reverse().find((row) => row.forecast !== null);
  const bounds =
    heading && band?.window === heading.window && band.low && band.high ? [band.low, band.high] : undefined;
  if (heading) numbers.push(Number(heading.forecast), ...(bounds ?? []).map(Number));
  if (numbers.length === 0) return null;
  const marks = ticks(Math.min(...numbers), Math.max(...numbers));
  const low = marks[0] ?? 0,
    high = marks[marks.length - 1] ?? 1;
  const x = (i: number) => kLeft + (rows.length < 2 ? 0.5 : i / (rows.length - 1)) * (width - kLeft - kRight - 24) + 12;
  const y = (value: number) => kTop + (1 - (value - low) / (high - low || 1)) * (kHeight - kTop - kBottom);
  const points = (pick: (row: Judged) => string | null) =>
    rows.map((row, i): Point | undefined => {
      const text = pick(row);
      return text === null ? undefined : [x(i), y(Number(text))];
    });
  const actual = points((row) => row.value);
  const labels = rows.map((row) => windowName(row.window, language).replace(/^(đến|to) /, ""));
  const room = Math.floor(
    (width - kLeft - kRight) / (Math.max(...labels.map((label) => label.length)) * kCharacter + 14),
  );
  const every = Math.ceil(rows.length / Math.max(room, 1));
  const forecastX = width - kRight + 6;
  const from = heading && actual[rows.indexOf(heading)];
  return (
    <figure class="chart">
      <svg
        viewBox={`0 0 ${width} ${kHeight}`}
        role="img"
        aria-label={`${t.chart}: ${rows
          .map((row) => `${windowName(row.window, language)} ${withUnit(row.value, unit, language)}`)
          .slice(-6)
          .join("; ")}`}
      >
        {marks.map((mark) => (
          <g key={mark}>
            <path class="rule" d={`M${kLeft} ${y(mark)}H${width - kRight}`} />
            <text x={kLeft - 8} y={y(mark) + 4} text-anchor="end">
              {number(String(mark), language)}
            </text>
          </g>
        ))}
        {rows.map(
          (row, i) =>
            (rows.length - 1 - i) % every === 0 && (
              <text key={row.window} x={x(i)} y={kHeight - 8} text-anchor="middle">
                {labels[i]}
              </text>
            ),
        )}
        <path class="target" d={line(points((row) => row.target))} />
        <path class="expected" d={line(points((row) => row.expected))} />
        <path class="actual" d={line(actual)} />
        {rows.map((row, i) => {
          const point = actual[i];
          return (
            point && (
              <circle
                key={row.window}
                class={`dot ${row.status}${row.window === selected ? " here" : ""}`}
                cx={point[0]}
                cy={point[1]}
                r={row.window === selected ? 6 : rows.length > 40 ? 2.5 : 4}
              >
                <title>{`${windowName(row.window, language)}: ${withUnit(row.value, unit, language)} – ${t[row.status]}`}</title>
              </circle>
            )
          );
        })}
        {heading?.forecast && (
          <g class="forecast">
            {bounds && from && (
              <path class="band" d={`${line([from, ...bounds.map((bound): Point => [forecastX, y(Number(bound))])])}Z`}>
                <title>{`${t.likely}: ${t.between(withUnit(bounds[0], unit, language), withUnit(bounds[1], unit, language))}`}</title>
              </path>
            )}
            <path d={line([from, [forecastX, y(Number(heading.forecast))]])} />
            <path class="tip" d={`M${forecastX} ${y(Number(heading.forecast)) - 5}l5 5-5 5-5-5z`}>
              <title>{`${t.forecast}: ${withUnit(heading.forecast, unit, language)}`}</title>
            </path>
            <text x={forecastX + 8} y={y(Number(heading.forecast)) + 4}>
              {withUnit(heading.forecast, unit === "percent" ? unit : null, language)}
            </text>
          </g>
        )}
      </svg>
      <figcaption>
        <span class="key actual">{t.actual}</span>
        <span class="key expected">{t.expected}</span>
        <span class="key target">{t.target}</span>
        <span class="key forecast">{t.forecast}</span>
        {bounds && <span class="key band">{t.likely}</span>}
      </figcaption>
    </figure>
  );
}
