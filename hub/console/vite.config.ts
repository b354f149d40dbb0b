/** How the console is built: hashed files for /console/static/, and one small script before the first paint. */

import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { build, defineConfig, type Plugin } from "vite";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * Puts `src/first-paint.ts` in front of everything as a classic, blocking script of its own: a
 * module would run after the first paint, and an inline script is against our own policy.
 */
function firstPaint(): Plugin {
  let name = "";
  return {
    name: "first-paint",
    apply: "build",
    async buildStart() {
      const built = await build({
        configFile: false,
        logLevel: "silent",
        publicDir: false,
        build: {
          write: false,
          lib: { entry: here("src/first-paint.ts"), formats: ["iife"], name: "firstPaint" },
        },
      });
      const source = [built].flat()[0]!;
      if (!("output" in source)) throw new Error("first-paint was not built");
      const code = source.output[0].code;
      name = `first-paint-${createHash("sha256").update(code).digest("hex").slice(0, 8)}.js`;
      this.emitFile({ type: "asset", fileName: name, source: code });
    },
    transformIndexHtml: () => [
      { tag: "script", attrs: { src: `/console/static/${name}` }, injectTo: "head-prepend" },
    ],
  };
}

export default defineConfig({
  root: here("."),
  base: "/console/static/",
  plugins: [firstPaint()],
  build: {
    outDir: here("static"),
    emptyOutDir: true,
    assetsDir: "",
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0, // data: addresses are against the policy
    reportCompressedSize: false,
  },
  test: { include: ["tests/**/*.test.ts"] },
} as Parameters<typeof defineConfig>[0]);
