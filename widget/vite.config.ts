/** How the widget is built: `--mode app` for the frame's files, then `--mode loader` for widget.js beside them. */

import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin, type UserConfig } from "vite";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** `app.html` is served as it is; `manifest.json` names the hashed files for whoever needs them. */
function names(): Plugin {
  return {
    name: "names",
    apply: "build",
    generateBundle(_, bundle) {
      const named = Object.fromEntries(
        Object.keys(bundle)
          .filter((file) => /\.(js|css)$/.test(file))
          .sort()
          .map((file) => [file.replace(/-[\w-]{8}\./, "."), file]),
      );
      this.emitFile({
        type: "asset",
        fileName: "manifest.json",
        source: `${JSON.stringify(named, null, 2)}\n`,
      });
    },
  };
}

const app: UserConfig = {
  root: here("."),
  json: { namedExports: false }, // a catalog is one object
  base: "/widget/static/",
  plugins: [names()],
  build: {
    outDir: here("static"),
    emptyOutDir: true,
    assetsDir: "",
    target: "es2022",
    modulePreload: false,
    assetsInlineLimit: 0, // data: addresses are against the policy
    reportCompressedSize: false,
    rolldownOptions: { input: { app: here("app.html") } },
  },
};

const loader: UserConfig = {
  root: here("."),
  build: {
    outDir: here("static"),
    emptyOutDir: false,
    copyPublicDir: false,
    target: "es2021", // runs on pages we do not know
    cssTarget: "esnext",
    reportCompressedSize: false,
    lib: { entry: here("src/loader/index.ts"), formats: ["iife"], name: "parley", fileName: () => "widget.js" },
  },
};

export default defineConfig(({ mode }) => ({
  ...(mode === "loader" ? loader : app),
  test: {
    include: ["test/**/*.test.{ts,tsx}"],
    environment: "happy-dom",
    // The tests give a frame no address; without this happy-dom complains about each empty one.
    environmentOptions: { happyDOM: { settings: { enableIframePageLoading: true } } },
  },
}));
