/** Runs Shopify's own Theme Check over the extension: as they ship it, without fetching anything. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

// Its documentation would come from the net, newer every day: the copy in the package decides.
const nowhere = mkdtempSync(join(tmpdir(), "theme-check-"));
process.env.SHOPIFY_TLD_ROOT = process.env.XDG_CACHE_HOME = nowhere;

const { themeCheckRun } = await import("@shopify/theme-check-node");
const root = fileURLToPath(new URL("extensions/parley-chat", import.meta.url));
const { offenses, theme } = await themeCheckRun(root, "theme-check:theme-app-extension");
rmSync(nowhere, { recursive: true });

for (const { uri, start, check, message } of offenses) {
  console.error(`${uri.split("/parley-chat/")[1]}:${start.line + 1} ${check}: ${message}`);
}
console.log(`theme-check: ${theme.length} files, ${offenses.length} offenses`);
process.exitCode = offenses.length || !theme.length ? 1 : 0;
