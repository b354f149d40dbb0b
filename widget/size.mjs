/** Prints what a visitor downloads, and fails when it is more than we promise (W24). */

import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const folder = new URL("static/", import.meta.url);
const text = (name) => readFileSync(new URL(name, folder), "utf8");
const weigh = (names) => names.reduce((sum, name) => sum + gzipSync(text(name), { level: 9 }).length, 0);

/** What the app's document asks for, and what that imports at once. */
function firstLoad() {
  const files = new Set([...text("app.html").matchAll(/static\/([\w.-]+\.(?:js|css))/g)].map(([, name]) => name));
  for (const name of files) {
    if (!name.endsWith(".js")) continue;
    for (const [, found] of text(name).matchAll(/(?:from|import)\s*"\.\/([\w.-]+\.js)"/g)) files.add(found);
  }
  return [...files];
}

const first = firstLoad();
for (const [what, names, limit] of [
  ["loader", ["widget.js"], 4500],
  ["app", first, 35 * 1024],
]) {
  const bytes = weigh(names);
  console.log(`${what}: ${bytes} B gzip of ${limit}`);
  if (!bytes || bytes > limit) process.exitCode = 1;
}
for (const name of readdirSync(folder).filter((name) => /\.(js|css)$/.test(name) && name !== "widget.js" && !first.includes(name))) {
  console.log(`  later, ${name.replace(/-[\w-]{8}\./, ".")}: ${weigh([name])} B`);
}
