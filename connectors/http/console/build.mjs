// Makes the console's files and a C++ source that has them: node build.mjs OUTPUT.cpp
//
// A name with a hash of the content in it may be cached for ever; index.html names the others and is asked for each time.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const [output] = process.argv.slice(2);
const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const hash = (text) => createHash("sha256").update(text).digest("hex").slice(0, 16);

async function bundled(entry) {
  const made = await build({
    entryPoints: [here(entry)],
    bundle: true,
    minify: true,
    write: false,
    charset: "utf8",
    legalComments: "none",
    target: ["chrome100", "firefox102", "safari15"],
    format: "iife",
    jsx: "automatic",
    jsxImportSource: "preact",
    logLevel: "warning",
  });
  if (made.warnings.length > 0) throw new Error("a warning is an error");
  return made.outputFiles[0].text;
}

function asset(stem, extension, type, body) {
  return { path: `${stem}-${hash(body)}.${extension}`, type, body, immutable: true };
}

const script = asset("console", "js", "text/javascript; charset=utf-8", await bundled("src/main.tsx"));
const style = asset("console", "css", "text/css; charset=utf-8", await bundled("src/style.css"));
const icon = asset("icon", "svg", "image/svg+xml", readFileSync(here("src/icon.svg"), "utf8"));
let page = readFileSync(here("src/index.html"), "utf8");
for (const { path } of [script, style, icon]) {
  const [stem, extension] = [path.replace(/-[0-9a-f]+\./, "."), path];
  if (!page.includes(stem)) throw new Error(`index.html does not name ${stem}`);
  page = page.replace(stem, extension);
}
const index = { path: "", type: "text/html; charset=utf-8", body: page, immutable: false };

// Raw string literals; one may not hold its own end.
function literal(body) {
  if (body.includes(')asset"')) throw new Error("a file has the end of a literal in it");
  return `R"asset(${body})asset"`;
}
const rows = [index, script, style, icon].map(
  ({ path, type, body, immutable }) =>
    `    {"${path}", "${type}", "${hash(body)}", ${immutable},\n     ${literal(body)}},\n`,
);
writeFileSync(
  output,
  `// Made by connectors/http/console/build.mjs.
#include "connectors/http/console/console_assets.h"

namespace slipstream {

std::span<const ConsoleAsset> console_assets() {
  static constexpr ConsoleAsset kAssets[] = {
${rows.join("")}  };
  return kAssets;
}

}  // namespace slipstream
`,
);
for (const { path, body } of [script, style, icon]) console.log(`${path}: ${Buffer.byteLength(body)} bytes`);
