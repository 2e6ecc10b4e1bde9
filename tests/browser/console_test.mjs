// The console in a real browser: what a head of department, an officer and an operator do with it. Each figure on a page is
// held against the service's own answer.
//
// usage: node console_test.mjs SLIPSTREAM SOURCES
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { compareBoard, hash, kStatusWords, kWaitMs, open, servedBoard, withBrowser, written } from "./page.mjs";
import { Served } from "./served.mjs";
import { conflicting, event, events, kBuilding, kClock, kHa, kHealth, kLan, kPhuc, kTown, kWard } from "./town.mjs";

const [program, sources] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const folder = mkdtempSync(join(tmpdir(), "slipstream-console-"));
const served = new Served(program, folder, join(sources, "tests/browser/town.yaml"), [
  "partitions=2",
  "commit_interval=50 ms",
  `clock=${kClock}`,
]);

const received = async () => Number((await served.get("/v1/status")).received);
const folded = (count) =>
  served.until(`${count} events are folded`, async () => {
    const status = await served.get("/v1/status");
    return status.received >= count && status.backlog === 0;
  });
const rowOf = async (kpi, node) =>
  (await served.get("/v1/scoreboard", { node, kpi })).rows.find((row) => row.node === node);
const text = async (page, selector) => (await page.locator(selector).first().textContent()).trim();
const eventually = async (what, check) => {
  for (const end = Date.now() + kWaitMs; ;) {
    try {
      return await check();
    } catch (problem) {
      if (Date.now() > end) throw new Error(`not in time: ${what}`, { cause: problem });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
};

before(async () => {
  await served.start();
  await served.post(events);
  await folded(events.length);
  await served.post([conflicting]);
  await folded(events.length + 1);
  await served.until("the dead letter", async () => (await served.get("/v1/dead-letters")).dead_letters.length === 1);
  await served.until("the alert", async () => (await served.get("/v1/alerts")).alerts.length === 1);
});

after(async () => {
  await served.stop();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

test("a head of department sees which targets slip, why, and who holds the tasks", () =>
  withBrowser({}, async (page) => {
    await open(page, served, "");
    await compareBoard(page, served, kTown);
    await page.getByRole("link", { name: kHealth, exact: true }).click();
    await page.getByRole("heading", { level: 1, name: kHealth }).waitFor();
    await compareBoard(page, served, kHealth);
    assert.equal(
      await text(page, ".tile.red strong"),
      String(
        (await servedBoard(served, kHealth)).filter((cell) => cell.unit === "Toàn đơn vị" && cell.status === "Chậm")
          .length,
      ),
    );

    const row = await rowOf("on_time_rate", kHealth);
    assert.equal(row.status, "red");
    await page.locator("tr.own td.red a").click();
    await page.getByRole("heading", { level: 1, name: "Tỷ lệ đúng hạn" }).waitFor();
    assert.equal(await text(page, ".words .pill"), kStatusWords.vi.red);
    assert.equal(
      await text(page, ".words p"),
      `Đạt ${written(row.value, 1)}%, kém mức kỳ vọng ${written(row.expected, 1)}% (${written(row.gap, 1)}\u00a0điểm).`,
    );
    assert.deepEqual(await page.locator(".lead dd").allTextContents(), [
      `${written(row.value, 1)}%`,
      `${written(row.expected, 1)}%`,
      `${written(row.target, 1)}%`,
      `${written(row.gap, 1)}\u00a0điểm`,
      `${written(row.attainment * 100, 1)}%`,
      `${written(row.forecast, 1)}%`,
    ]);
    assert.equal(await page.locator(".lead dd").first().getAttribute("title"), row.value_exact);

    const explained = await served.get("/v1/explain/kpi:on_time_rate", { node: kHealth, window: row.window });
    await page.locator(".made tfoot").waitFor();
    const named = explained.sums.filter((sum) => ["on_time", "late", "overdue"].includes(sum.measure));
    const shown = await page
      .locator(".made tfoot tr")
      .evaluateAll((rows) => rows.map((line) => [...line.querySelectorAll("td.num")].map((cell) => cell.textContent)));
    assert.deepEqual(shown, [named.map((sum) => written(sum.sum, 0)), named.map((sum) => written(sum.stored, 0))]);
    assert.equal(explained.equal, true);
    assert.match(await text(page, ".made .equal"), /Cộng lại khớp/);
    // The columns of the table add up to its own last line.
    const columns = await page
      .locator(".made tbody tr")
      .evaluateAll((rows) =>
        rows.map((line) => [...line.querySelectorAll("td.num")].map((cell) => Number(cell.textContent || 0))),
      );
    assert.deepEqual(
      columns
        .reduce(
          (sums, line) => sums.map((sum, i) => sum + line[i]),
          named.map(() => 0),
        )
        .map(String),
      shown[0],
    );
    assert.ok((await page.locator(".made tbody").textContent()).includes("Thanh tra nhà thuốc"));
    await page.locator(".made tbody").getByRole("link", { name: kHa }).first().click();
    await page.getByRole("heading", { level: 1, name: kHa }).waitFor();
  }));

test("an officer sees their tasks and their score", () =>
  withBrowser({ size: [390, 844] }, async (page) => {
    await open(page, served, "");
    await page.getByRole("combobox", { name: "Tìm đơn vị, cán bộ" }).fill("phan la");
    await page.getByRole("option", { name: kLan }).click();
    await page.getByRole("heading", { level: 1, name: kLan }).waitFor();
    const row = await rowOf("on_time_rate", kLan);
    await page.locator(".score strong").waitFor();
    assert.equal(await text(page, ".score strong"), `${written(row.value, 1)}%`);
    assert.equal(await text(page, ".score .pill"), kStatusWords.vi[row.status]);
    await page.locator(".tasks tbody tr").first().waitFor();
    const tasks = await page
      .locator(".tasks tbody tr")
      .evaluateAll((rows) =>
        rows.map((line) => [line.querySelector("small").textContent, line.dataset.state, line.cells[2].textContent]),
      );
    const explained = await served.get("/v1/explain/view:delivery", { node: kLan, window: "2025-06" });
    assert.equal(tasks.length, explained.contributions.length);
    // A deadline of a day is its end: the first moment of the next.
    const due = Object.fromEntries(
      explained.contributions.map((one) => [one.entity, one.at.slice(0, 10).split("-").reverse().join("/")]),
    );
    assert.deepEqual(tasks, [
      ["NV-2", "late", due["NV-2"]],
      ["NV-3", "openTask", due["NV-3"]],
      ["NV-1", "on_time", due["NV-1"]],
    ]);
    await page.getByRole("button", { name: "Báo cáo dịch tễ tuần" }).click();
    const listed = explained.events.filter((one) => one.entity === "NV-2").length;
    assert.equal(await page.locator(".events li").count(), listed);
  }));

test("an operator sees how the instance is, what was refused, and replays it", () =>
  withBrowser({ language: "en" }, async (page) => {
    await open(page, served, hash("health"));
    await page.locator(".bar .pill.green", { hasText: "Ready" }).waitFor();
    const status = await served.get("/v1/status");
    const facts = Object.fromEntries(
      await page
        .locator(".facts > div")
        .evaluateAll((all) =>
          all.map((one) => [one.querySelector("dt").textContent, one.querySelector("dd").textContent]),
        ),
    );
    assert.equal(facts["Received"], written(status.received, 0, "en"));
    assert.equal(facts["Folded"], written(status.folded, 0, "en"));
    assert.equal(facts["Dead-lettered"], written(status.dead_lettered, 0, "en"));
    assert.equal(facts["Backlog"], "0");
    const perShard = await page.locator(".pair table tbody tr td:nth-child(2)").allTextContents();
    assert.equal(
      perShard.reduce((sum, cell) => sum + Number(cell.replace(",", "")), 0),
      status.received,
    );

    const [letter] = (await served.get("/v1/dead-letters")).dead_letters;
    await page.getByRole("button", { name: letter.code }).first().click();
    const whole = await served.get(`/v1/dead-letters/${letter.offset}`);
    assert.equal(await text(page, ".letter pre"), whole.value);
    assert.ok(whole.value.includes("same-id"));
    const answer = page.waitForResponse((response) =>
      response.url().endsWith(`/v1/dead-letters/${letter.offset}/replay`),
    );
    await page.getByRole("button", { name: "Replay", exact: true }).click();
    const code = (await answer).status();
    assert.ok([202, 404, 405].includes(code), String(code));
    await page.getByText(code === 202 ? "It is in the log again." : "This server cannot replay over HTTP").waitFor();
    if (code !== 202) return;
    // Once is enough: the cause is still there, and pressing again does nothing.
    await page.reload();
    await page.getByText("Replayed", { exact: true }).waitFor();
    await page.getByRole("button", { name: letter.code }).first().click();
    await page.getByRole("button", { name: "Replay", exact: true }).click();
    await page.getByText("It had been replayed before").waitFor();
  }));

test("an alert is acknowledged with a note and a day to look again, then silenced", () =>
  withBrowser({ language: "en" }, async (page) => {
    await open(page, served, hash("alerts"));
    const [alert] = (await served.get("/v1/alerts", { lang: "en" })).alerts;
    await page.locator(".alert").waitFor();
    assert.equal(await text(page, ".alert .sentence"), alert.sentence);
    for (const [act, field, phase] of [
      ["Acknowledge", "Follow up on", "acknowledged"],
      ["Silence", "Until", "silenced"],
    ]) {
      await page.getByRole("button", { name: act }).click();
      await page.getByLabel("Taken care of by").fill(kLan);
      await page.getByLabel("Note").fill(`${act} it`);
      await page.getByLabel(field).fill("2025-07-01");
      await page.getByRole("button", { name: "Send" }).click();
      await page.getByText("It is in the log.").waitFor();
      await page.getByRole("button", { name: "Close" }).click();
      await served.until(phase, async () =>
        (await served.get("/v1/alerts/history", { alert: alert.alert })).alerts.some((one) => one.to === phase),
      );
    }
    await page.getByRole("button", { name: "History of the alert" }).click();
    const transitions = (await served.get("/v1/alerts/history", { alert: alert.alert })).alerts;
    await eventually("the whole history", async () =>
      assert.equal(await page.locator(".alert .events li").count(), transitions.length),
    );
  }));

test("every page is free of serious faults for those who do not see or use a mouse", async (t) => {
  const pages = [
    ["board"],
    ["board", [kHealth]],
    ["figure", ["on_time_rate", kHealth]],
    ["figure", ["coverage", kTown]],
    ["officer", [kLan]],
    ["alerts"],
    ["ranking", ["on_time_rate", kTown]],
    ["report"],
    ["health"],
  ];
  for (const scheme of ["light", "dark"])
    for (const size of [
      [1440, 900],
      [390, 844],
    ])
      await t.test(`${scheme}, ${size[0]} wide`, () =>
        withBrowser({ scheme, size, language: size[0] > 1000 ? "vi" : "en" }, async (page) => {
          for (const [name, words] of pages) {
            await open(page, served, hash(name, words));
            await page.locator(".card").first().waitFor();
            if (name === "health") await page.getByRole("button", { name: "conflicting" }).first().click();
            await page.waitForFunction(() => !document.querySelector("main [role=status].quiet"));
            await page.evaluate(axe);
            const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
            const grave = found.violations.filter((one) => ["serious", "critical"].includes(one.impact));
            assert.deepEqual(
              grave.map((one) => `${name}: ${one.id}: ${one.nodes[0].html} ${one.nodes[0].failureSummary}`),
              [],
            );
          }
        }),
      );
});

test("axe would find a fault", () =>
  withBrowser({}, async (page) => {
    await open(page, served, "");
    await page.locator("table.matrix").waitFor();
    await page.evaluate(() => document.querySelector(".search input").removeAttribute("aria-label"));
    await page.evaluate(() => document.querySelector(".search input").removeAttribute("placeholder"));
    await page.evaluate(axe);
    const found = await page.evaluate(() => window.axe.run(document));
    assert.ok(found.violations.some((one) => ["serious", "critical"].includes(one.impact)));
  }));

test("everything is reached by keyboard", () =>
  withBrowser({}, async (page) => {
    await open(page, served, "");
    await page.locator("table.matrix").waitFor();
    const focused = () => page.evaluate(() => document.activeElement.textContent.trim());
    await page.keyboard.press("Tab");
    assert.equal(await focused(), "Đến nội dung chính");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.tagName), "MAIN");
    // One stop for the whole table; arrows go on from there.
    for (
      let i = 0;
      i < 20 && !(await page.evaluate(() => document.activeElement.closest("table.matrix") !== null));
      ++i
    )
      await page.keyboard.press("Tab");
    assert.equal(await focused(), "Tỷ lệ đúng hạn");
    await page.keyboard.press("ArrowDown");
    const own = await rowOf("on_time_rate", kTown);
    assert.ok((await focused()).includes(`${written(own.value, 1)}%`));
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowLeft");
    const unit = await focused();
    assert.ok([kHealth, kBuilding, kWard].includes(unit), unit);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: unit }).waitFor();
    assert.equal(await focused(), unit, "the heading has the focus, so that a screen reader says where one is");
    await page.getByRole("combobox", { name: "Tìm đơn vị, cán bộ" }).focus();
    await page.keyboard.type("vo m");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { level: 1, name: "Võ Minh" }).waitFor();
  }));

test("the language and the appearance are chosen and remembered, and numbers follow", () =>
  withBrowser({}, async (page) => {
    await open(page, served, hash("board", [kWard]));
    await compareBoard(page, served, kWard, "vi");
    assert.ok((await page.locator("table.matrix").textContent()).includes("400.200,0\u00a0trẻ"));
    await page.getByLabel("Ngôn ngữ").selectOption("en");
    await page.getByLabel("Appearance").selectOption("dark");
    await page.reload();
    await compareBoard(page, served, kWard, "en");
    assert.ok((await page.locator("table.matrix").textContent()).includes("400,200.0\u00a0trẻ"));
    assert.equal(await page.evaluate(() => document.documentElement.lang), "en");
    assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme), "dark");
    assert.equal(await text(page, ".as-of time"), "20 Jun 2025, 12:00");
  }));

test("an event changes the page that is open", () =>
  withBrowser({}, async (page) => {
    await open(page, served, hash("board", [kBuilding]));
    await compareBoard(page, served, kBuilding);
    const before = await rowOf("on_time_rate", kBuilding);
    const count = await received();
    await served.post([
      event("task.assigned", "2025-06-02", {
        task: "NV-20",
        title: "Đo đạc",
        unit: kBuilding,
        person: kPhuc,
        due_at: "2025-06-14",
      }),
    ]);
    await folded(count + 1);
    assert.notEqual((await rowOf("on_time_rate", kBuilding)).value, before.value);
    await eventually("the page has the new figure", () => compareBoard(page, served, kBuilding));
  }));

test("a server that goes away is told plainly, and the page goes on with it when it is back", () =>
  withBrowser({}, async (page) => {
    await open(page, served, hash("board", [kTown]));
    await compareBoard(page, served, kTown);
    await served.stop();
    await page.getByText("Mất kết nối").waitFor();
    assert.ok(await page.locator("table.matrix").isVisible(), "what was shown stays");
    await served.start();
    await page.locator(".link.live").waitFor();
    const count = await received();
    await served.post([event("task.completed", "2025-06-19", { task: "NV-20" })]);
    await folded(count + 1);
    await eventually("figures after the restart", () => compareBoard(page, served, kTown));
  }));

test("figures that are not complete are called so", () =>
  withBrowser({}, async (page) => {
    const answer = await (await fetch(`${served.base}/v1/scoreboard`)).json();
    await page.route("**/v1/scoreboard/stream*", (route) =>
      route.fulfill({
        contentType: "text/event-stream",
        body: `event: snapshot\nid: 1\ndata: ${JSON.stringify({ as_of: answer.as_of, complete: false, rows: [] })}\n\n`,
      }),
    );
    await open(page, served, "");
    await page.getByText("Số liệu chưa đầy đủ").waitFor();
  }));

test("the report prints on A4 without what surrounds it", () =>
  withBrowser({}, async (page) => {
    await open(page, served, hash("report", [kTown]));
    await page.locator(".report table tbody tr").first().waitFor();
    const row = await rowOf("on_time_rate", kTown);
    const line = page.locator(".report tbody tr", { hasText: "Tỷ lệ đúng hạn" });
    assert.deepEqual((await line.locator("td.num").allTextContents()).slice(0, 2), [
      `${written(row.value, 1)}%`,
      `${written(row.expected, 1)}%`,
    ]);
    await page.emulateMedia({ media: "print" });
    assert.ok(!(await page.locator("header").isVisible()));
    const pdf = await page.pdf({ preferCSSPageSize: true });
    assert.match(pdf.toString("latin1"), /\/MediaBox \[0 0 59[45][.\d]* 84[12]/);
  }));

test("the ranking is in order", () =>
  withBrowser({}, async (page) => {
    await open(page, served, hash("ranking", ["on_time_rate", kHealth]));
    await page.locator(".ranking tbody tr").first().waitFor();
    const { rows } = await served.get("/v1/scoreboard", { node: kHealth, kpi: "on_time_rate" });
    const named = rows.filter((row) => row.node !== kHealth);
    assert.ok(named[0].gap < named[1].gap, "the order of names is another");
    const wanted = named.sort((a, b) => b.gap - a.gap).map((row) => `${written(row.value, 1)}%`);
    assert.deepEqual(await page.locator(".ranking tbody td:nth-child(4)").allTextContents(), wanted);
  }));

test("a forecast is shown with the band that it may be out by", () =>
  withBrowser({}, async (page) => {
    const months = [2, 1, 2, 0].map((onTime, i) => [`2025-0${i + 1}`, onTime]);
    const count = await received();
    const tasks = months.flatMap(([month, onTime]) =>
      [0, 1].flatMap((i) => [
        event("task.assigned", `${month}-02`, {
          task: `NV-${month}-${i}`,
          unit: kBuilding,
          person: kPhuc,
          due_at: `${month}-12`,
        }),
        event("task.completed", `${month}-${i < onTime ? 11 : 14}`, { task: `NV-${month}-${i}` }),
      ]),
    );
    await served.post(tasks);
    await folded(count + tasks.length);
    const answer = await served.get("/v1/kpis/on_time_rate/forecast", { node: kBuilding });
    assert.deepEqual(
      answer.rows.map((row) => row.value),
      [100, 50, 100, 0, 100],
    );
    assert.ok(answer.low < answer.forecast && answer.forecast < answer.high);
    await open(page, served, hash("figure", ["on_time_rate", kBuilding]));
    const words = `${written(answer.low, 1)}% đến ${written(answer.high, 1)}%`;
    await page.locator(".lead dd", { hasText: words }).waitFor();
    assert.ok((await text(page, ".chart .band title")).endsWith(words));
    // The band opens from the last actual point to both bounds, to the scale of the axis.
    const drawn = await page.evaluate(() => {
      const [, ...bounds] = document
        .querySelector(".chart .band")
        .getAttribute("d")
        .match(/[\d.]+ [\d.]+/g);
      const marks = [...document.querySelectorAll(".chart .rule")].map((rule) => rule.getAttribute("d"));
      const named = [...document.querySelectorAll(".chart .rule + text")].map((label) => label.textContent);
      return { bounds: bounds.map((point) => Number(point.split(" ")[1])), marks, named };
    });
    const heights = drawn.marks.map((mark) => Number(/M[\d.]+ ([\d.]+)/.exec(mark)[1]));
    const values = drawn.named.map((name) => Number(name.replace("\u2212", "-").replace(",", ".")));
    const height = (value) => heights[0] + ((value - values[0]) / (values[1] - values[0])) * (heights[1] - heights[0]);
    [answer.low, answer.high].forEach((bound, i) => assert.ok(Math.abs(height(bound) - drawn.bounds[i]) < 0.2));
  }));

test("a page that nobody sees leaves its connection to others, and is up to date when it is seen again", () =>
  withBrowser({}, async (page) => {
    const streams = async () =>
      Number(/^slipstream_http_streams (\d+)/m.exec(await (await fetch(`${served.base}/metrics`)).text())[1]);
    const see = (hidden) =>
      page.evaluate((hidden) => {
        Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
      }, hidden);
    await open(page, served, hash("board", [kBuilding]));
    await compareBoard(page, served, kBuilding);
    await eventually("the page watches", async () => assert.ok((await streams()) > 0));
    await see(true);
    await eventually("nobody watches", async () => assert.equal(await streams(), 0));
    const before = await rowOf("on_time_rate", kBuilding);
    const count = await received();
    await served.post([
      event("task.assigned", "2025-06-02", { task: "NV-30", unit: kBuilding, person: kPhuc, due_at: "2025-06-13" }),
    ]);
    await folded(count + 1);
    assert.notEqual((await rowOf("on_time_rate", kBuilding)).value, before.value);
    await see(false);
    await eventually("the page has the new figure", () => compareBoard(page, served, kBuilding));
  }));

test("a figure that is not the service's is found out", () =>
  withBrowser({}, async (page) => {
    const answer = await (await fetch(`${served.base}/v1/scoreboard`)).json();
    const rows = answer.rows.map((row, i) => ({ id: String(i), ...row }));
    rows[0].value += 0.1;
    await page.route("**/v1/scoreboard/stream*", (route) =>
      route.fulfill({
        contentType: "text/event-stream",
        body: `event: snapshot\nid: 1\ndata: ${JSON.stringify({ ...answer, rows })}\n\n`,
      }),
    );
    await open(page, served, "");
    await assert.rejects(compareBoard(page, served, kTown), { code: "ERR_ASSERTION" });
  }));

test("it opens quickly, asks nobody else, and is small", () =>
  withBrowser({}, async (page) => {
    const asked = [];
    page.on("request", (request) => asked.push(request.url()));
    await open(page, served, "");
    await page.locator("table.matrix tbody tr").first().waitFor();
    const drawn = await page.evaluate(
      () => performance.now() - performance.getEntriesByType("navigation")[0].responseStart,
    );
    console.log(`# drawn ${Math.round(drawn)} ms after the first byte`);
    assert.deepEqual(
      asked.filter((url) => !url.startsWith(served.base) && !url.startsWith("data:")),
      [],
    );
    const response = await fetch(served.base);
    assert.match(response.headers.get("content-security-policy"), /default-src 'self'/);
    assert.equal(
      (await fetch(served.base, { headers: { "If-None-Match": response.headers.get("etag") } })).status,
      304,
    );
    const [script] = /console\/console-[0-9a-f]+\.js/.exec(await response.text());
    const file = await fetch(`${served.base}/${script}`, { headers: { "Accept-Encoding": "gzip" } });
    assert.match(file.headers.get("cache-control"), /immutable/);
    assert.equal(file.headers.get("content-encoding"), "gzip");
    const bytes = (await file.arrayBuffer()).byteLength;
    console.log(`# script: ${bytes} bytes`);
    assert.ok(bytes < 150_000);
    assert.equal((await fetch(`${served.base}/console/console-0.js`)).status, 404);
  }));
