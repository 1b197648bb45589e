import { pathToFileURL } from "node:url";
import { build } from "esbuild";

/** Tests and benchmarks run from the repository's root, and benchmarks are bundled elsewhere. */
const ROOT = `${process.cwd()}/`;

/** Builds the page into `folder` with the engine of ./viewsEngine.ts or another, and with ./viewsMain.ts or another, which opens a result by the address. */
export async function buildViews(
  folder: string,
  engine = "test/helpers/page/viewsEngine.ts",
  main = "test/helpers/page/viewsMain.ts",
): Promise<void> {
  const script = pathToFileURL(`${ROOT}scripts/build-page.mjs`).href;
  const { buildPage } = (await import(script)) as {
    buildPage: (folder: string, options: { example: boolean; engine: string }) => Promise<unknown>;
  };
  await buildPage(folder, { example: false, engine: `${ROOT}${engine}` });
  await build({
    absWorkingDir: ROOT,
    entryPoints: [{ in: `${ROOT}${main}`, out: "main" }],
    outdir: folder,
    ...{ bundle: true, splitting: true, format: "esm", platform: "browser", target: "es2022", minify: true },
    ...{
      charset: "utf8",
      jsx: "automatic",
      jsxImportSource: "preact",
      logLevel: "warning",
      chunkNames: "view-[name]-[hash]",
    },
    define: { "process.env.NODE_ENV": '"production"' },
  });
}
