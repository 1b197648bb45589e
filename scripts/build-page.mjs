// Bundles the page into a folder: everything on one origin, by relative addresses, so that it works under any path of any host.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, transform } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const { version } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
const page = `${root}src/app/page/`;
/** Bytes in gzip of what the page needs before it can be used, without what is loaded on demand. */
export const FIRST_LIMIT = 500_000;

const COMMON = {
  absWorkingDir: root,
  bundle: true,
  format: "esm",
  platform: "browser",
  target: "es2022",
  minify: true,
  charset: "utf8",
  legalComments: "none",
  define: { "process.env.NODE_ENV": '"production"', QORTEX_VERSION: JSON.stringify(version) },
  logLevel: "warning",
  jsx: "automatic",
  jsxImportSource: "preact",
};

/**
 * `example`: with the demo's files, and a way to try them. `engine`: the worker's entry, another one in tests.
 * Returns the sizes, in bytes and in gzip, of every script and style sheet.
 */
export async function buildPage(folder, { example = true, engine = "src/app/engine/worker.ts" } = {}) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { metafile } = await build({
    ...COMMON,
    outdir: folder,
    entryPoints: [
      { in: `${page}main.tsx`, out: "main" },
      { in: `${page}styles/main.css`, out: "main" },
    ],
    splitting: true,
    chunkNames: "part-[name]-[hash]",
    metafile: true,
  });
  // One file each: a script that runs before the first paint, and the engine, of whose text the page makes a worker.
  await build({ ...COMMON, outfile: `${folder}/first.js`, entryPoints: [`${page}first.ts`], format: "iife" });
  await build({ ...COMMON, outfile: `${folder}/engine.js`, entryPoints: [engine] });
  const css = `${await themeCss()}\n${readFileSync(`${folder}/main.css`, "utf8")}`;
  writeFileSync(
    `${folder}/main.css`,
    (await transform(css, { loader: "css", minify: true, target: "es2022" })).code,
  );
  writeFileSync(`${folder}/index.html`, html(example));
  // What `qortex view` opens the page with, which it answers itself; of a folder that is merely hosted, nothing.
  writeFileSync(`${folder}/view.json`, '{"title":"","result":[],"inputs":[]}\n');
  if (example) cpSync(`${root}examples/geuvadis-chr22`, `${folder}/example`, { recursive: true });
  return sizes(folder, metafile);
}

/** The colours are those of the report, which TypeScript has: the module is bundled and asked. */
async function themeCss() {
  const { outputFiles } = await build({
    ...COMMON,
    entryPoints: [`${page}themeCss.ts`],
    platform: "node",
    write: false,
  });
  const code = Buffer.from(outputFiles[0].contents).toString("base64");
  const { themeCss: css } = await import(`data:text/javascript;base64,${code}`);
  return css();
}

function html(example) {
  const text = readFileSync(`${page}index.html`, "utf8");
  return example ? text.replace("<title>", '<meta name="qortex-example" content="example/">\n<title>') : text;
}

function sizes(folder, { outputs }) {
  const name = (path) => path.slice(path.lastIndexOf("/") + 1);
  const byName = new Map(Object.entries(outputs).map(([path, output]) => [name(path), output]));
  const first = new Set();
  const follow = (file) => {
    if (first.has(file)) return;
    first.add(file);
    for (const { path, kind } of byName.get(file)?.imports ?? []) {
      if (kind === "import-statement") follow(name(path));
    }
  };
  for (const file of ["first.js", "main.js", "main.css"]) follow(file);
  return [...new Set([...first, "engine.js", ...byName.keys()])].map((file) => {
    const bytes = readFileSync(`${folder}/${file}`);
    const kind = first.has(file) ? "first" : file === "engine.js" ? "engine" : "on demand";
    return { file, kind, bytes: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length };
  });
}

/** A table of the sizes; throws where what is needed first has grown over the limit. */
export function sizesText(list) {
  const kB = (bytes) => `${(bytes / 1000).toFixed(1)} kB`.padStart(11);
  const lines = list.map(
    ({ file, kind, bytes, gzip }) => `${kind.padEnd(10)} ${file.padEnd(34)} ${kB(bytes)} ${kB(gzip)} gzipped`,
  );
  const sum = (...kinds) =>
    list.reduce((all, { kind, gzip }) => (kinds.includes(kind) ? all + gzip : all), 0);
  const first = sum("first");
  if (first > FIRST_LIMIT)
    throw new Error(`the page needs ${first} bytes first, ${FIRST_LIMIT} are allowed: load views on demand`);
  return `${lines.join("\n")}\nFirst load: ${kB(first).trim()} gzipped (at most ${kB(FIRST_LIMIT).trim()}); with the engine, fetched once the page is painted: ${kB(sum("first", "engine")).trim()}`;
}
