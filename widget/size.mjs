/** Prints what a visitor downloads, and fails when it is more than we promise (W24). */

import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const folder = new URL("static/", import.meta.url);
const weigh = (pattern) =>
  readdirSync(folder)
    .filter((name) => pattern.test(name))
    .reduce((sum, name) => sum + gzipSync(readFileSync(new URL(name, folder)), { level: 9 }).length, 0);

for (const [what, pattern, limit] of [
  ["loader", /^widget\.js$/, 4500],
  ["app", /^app-.*\.(js|css)$/, 35 * 1024],
]) {
  const bytes = weigh(pattern);
  console.log(`${what}: ${bytes} B gzip of ${limit}`);
  if (!bytes || bytes > limit) process.exitCode = 1;
}
