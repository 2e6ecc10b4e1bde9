// A browser, and reading the console as people do. What is compared are the words on the screen and the service's own
// answer: the numbers are written here once more, from the text that the service sent.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const kFlags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--headless",
];
export const kWaitMs = 20_000; // machines of continuous integration are busy

export const hash = (page, words = [], query = {}) =>
  "#/" +
  [page, ...words].map(encodeURIComponent).join("/") +
  (Object.keys(query).length ? "?" + new URLSearchParams(query) : "");

// A fresh profile each time.
export async function withBrowser({ language = "vi", scheme = "light", size = [1440, 900] }, use) {
  const profile = mkdtempSync(join(tmpdir(), "slipstream-browser-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: kFlags,
    headless: true,
    chromiumSandbox: false,
    viewport: { width: size[0], height: size[1] },
    colorScheme: scheme,
    locale: language === "vi" ? "vi-VN" : "en-GB",
  });
  const wrong = [];
  context.setDefaultTimeout(kWaitMs);
  const page = context.pages()[0] ?? (await context.newPage());
  page.on("pageerror", (error) => wrong.push(error.message));
  // What the content security policy refuses is told on the console.
  page.on("console", (message) => {
    if (/Content Security Policy/.test(message.text())) wrong.push(message.text());
  });
  try {
    await use(page, context);
    assert.deepEqual(wrong, [], "errors of the page itself");
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

export async function open(page, served, place) {
  await page.goto(`${served.base}/${place}`);
  await page.locator("h1").first().waitFor();
}

// 1234.5 as a Vietnamese or an English reader writes it.
export function written(value, precision, language = "vi") {
  const [group, point] = language === "vi" ? [".", ","] : [",", "."];
  const [whole, fraction] = Math.abs(value).toFixed(precision).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, group);
  return (value < 0 ? "\u2212" : "") + grouped + (fraction ? point + fraction : "");
}

export const kStatusWords = {
  vi: { green: "Đạt", amber: "Cần chú ý", red: "Chậm", grey: "Chưa đánh giá" },
  en: { green: "On track", amber: "At risk", red: "Behind", grey: "Not judged" },
};
const kUnits = { percent: "%", trẻ: "\u00a0trẻ" };

// Every cell of the scoreboard on the page, by unit and KPI title.
export async function shownBoard(page) {
  await page.locator("table.matrix tbody tr").first().waitFor();
  return page.evaluate(() => {
    const table = document.querySelector("table.matrix");
    const titles = [...table.tHead.rows[0].cells].slice(1).map((cell) => cell.querySelector("a").textContent);
    return [...table.tBodies[0].rows].flatMap((row) =>
      [...row.cells]
        .slice(1)
        .map((cell, i) => ({
          unit: row.cells[0].firstElementChild.textContent,
          kpi: titles[i],
          status: cell.querySelector(".sr")?.textContent.replace(": ", ""),
          value: cell.querySelector(".value")?.textContent,
        }))
        .filter((cell) => cell.value !== undefined),
    );
  });
}

// The same of the service.
export async function servedBoard(served, node, language = "vi") {
  const [{ kpis }, { rows }] = [await served.get("/v1/kpis"), await served.get("/v1/scoreboard", { node })];
  return rows
    .filter((row) => row.value !== null)
    .map((row) => {
      const kpi = kpis.find((one) => one.kpi === row.kpi);
      return {
        unit: row.node === node ? { vi: "Toàn đơn vị", en: "All together" }[language] : row.node,
        kpi: language === "vi" ? kpi.title_vi : kpi.title,
        status: kStatusWords[language][row.status],
        value: written(row.value, kpi.precision, language) + kUnits[kpi.unit],
      };
    });
}

const inOrder = (cells) => cells.map((cell) => JSON.stringify([cell.unit, cell.kpi, cell.status, cell.value])).sort();

export async function compareBoard(page, served, node, language = "vi") {
  assert.deepEqual(inOrder(await shownBoard(page)), inOrder(await servedBoard(served, node, language)));
}
