// Makes the pictures of docs/console.md anew: a made-up city, and each page of the console with what slips there most.
//
// usage: python3 browser_test.py SLIPSTREAM SOURCES ENVIRONMENT screenshots.mjs [CITY]
// CITY: a folder with city.yaml and city.jsonl; by default one is generated.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hash, open, withBrowser } from "./page.mjs";
import { Served } from "./served.mjs";

const [program, sources, given] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "slipstream-pictures-"));
const images = join(sources, "docs/images/console");
mkdirSync(images, { recursive: true });
const city = given ?? join(folder, "city");
if (!given) execFileSync(program, ["generate", city, "--seed", "7", "--size", "city"]);
const served = new Served(program, folder, join(city, "city.yaml"), ["clock=events"]);

const board = async (node) => (await served.get("/v1/scoreboard", node ? { node } : {})).rows;
const worst = (rows) => rows.filter((row) => row.gap !== null).sort((a, b) => a.gap - b.gap)[0];

async function picture(name, place, options, ready, press) {
  await withBrowser(options, async (page) => {
    await open(page, served, place);
    await page.locator(ready).first().waitFor();
    if (press) await page.locator(press).first().click();
    await page.waitForLoadState("networkidle", { timeout: 1500 }).catch(() => undefined); // an event stream is never idle
    await page.screenshot({ path: join(images, `${name}.png`) });
    console.log(`${name}.png`);
  });
}

try {
  served.command("import", join(city, "city.jsonl"));
  await served.start();
  const { nodes, root } = await served.get("/v1/nodes", { limit: "5000" });
  const below = (node) => nodes.filter((one) => one.parent === node).map((one) => one.node);
  const wards = below(root).sort((a, b) => below(b).length - below(a).length)[0];
  const rising =
    worst(
      (await board(wards)).filter((row) => row.node !== wards && row.every === "cumulative" && row.status === "red"),
    ) ?? worst(await board(wards));
  const department = worst(
    (await board(below(root).find((node) => node !== wards))).filter(
      (row) => row.kpi === "on_time_rate" && below(row.node).length > 0 && row.node !== root,
    ),
  );
  const officer = worst(
    (await board(department.node)).filter((row) => row.kpi === "on_time_rate" && below(row.node).length === 0),
  );
  const duplicate = {
    specversion: "1.0",
    id: "picture",
    source: "desk",
    type: "task.assigned",
    time: "2025-06-01T08:00:00+07:00",
    data: { task: "P1", unit: wards, due_at: "2025-06-10" },
  };
  await served.post([duplicate]);
  await served.post([{ ...duplicate, data: { ...duplicate.data, unit: root } }]);
  await served.until("the dead letter", async () => (await served.get("/v1/dead-letters")).dead_letters.length > 0);

  const desk = { size: [1280, 800] };
  const phone = { size: [390, 844] };
  const figure = hash("figure", [rising.kpi, rising.node], { every: rising.every, window: rising.window });
  await picture("scoreboard", hash("board", [wards], { worst: "1" }), desk, "table.matrix");
  await picture(
    "scoreboard-dark",
    hash("board", [wards], { worst: "1" }),
    { size: [1920, 1080], scheme: "dark", language: "en" },
    "table.matrix",
  );
  await picture("scoreboard-phone", hash("board", [wards], { worst: "1" }), phone, ".cards");
  await picture("figure", figure, { ...desk, language: "en" }, ".made tfoot");
  await picture("figure-phone", figure, { ...phone, scheme: "dark" }, ".made tfoot");
  await picture("officer", hash("officer", [officer.node]), desk, ".tasks");
  await picture("alerts", hash("alerts"), { ...desk, language: "en" }, ".alert");
  await picture("ranking", hash("ranking", [rising.kpi, wards]), desk, ".ranking");
  await picture("report", hash("report", [wards]), desk, ".report");
  await picture("health", hash("health"), { ...desk, language: "en" }, ".letters li", ".letters .reveal");
} finally {
  await served.stop();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
