// Writes gpu.js, the WebGL of the backend of that name, to src/compute/webgl/generated.ts: a module of its own, imported
// where it is asked for. As a dependency it would bring consumers a second copy of Dawn (docs/decisions/dependencies.md).
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { transform } from "esbuild";

const target = new URL("../src/compute/webgl/generated.ts", import.meta.url);

/** The browser build as one expression. It takes the global GPU, WebGPU's, for itself: that is given back. */
function expression(library) {
  return `(() => {
    const before = Object.getOwnPropertyDescriptor(globalThis, "GPU");
    const module = { exports: {} };
    (function (module, exports) {
${library}
    }).call(globalThis, module, module.exports);
    if (before === undefined) delete globalThis.GPU;
    else Object.defineProperty(globalThis, "GPU", before);
    return module.exports;
  })()`;
}

export async function buildWebGl() {
  const home = dirname(dirname(createRequire(import.meta.url).resolve("gpu.js")));
  const { version } = JSON.parse(readFileSync(join(home, "package.json"), "utf8"));
  const heading = `/*!\n * Made by scripts/build-webgl.mjs of gpu.js ${version}.\n *\n`;
  if (existsSync(target) && readFileSync(target, "utf8").startsWith(heading)) return;
  const licence = readFileSync(join(home, "LICENSE"), "utf8").trim();
  const library = readFileSync(join(home, "dist/gpu-browser.js"), "utf8");
  const options = { minify: true, legalComments: "none", charset: "ascii", target: "es2022" };
  const { code } = await transform(expression(library), options);
  const small = code.trim().replace(/;$/, "");
  // JavaScript's `f(a<b,c>(d))` is a generic call to TypeScript: see that the compiler reads the same program.
  const [asScript, asTypeScript] = await Promise.all(
    ["js", "ts"].map((loader) => transform(`export const GPU = ${small};`, { ...options, loader })),
  );
  if (asScript.code !== asTypeScript.code) throw new Error("gpu.js means something else as TypeScript");
  const notice = licence.split("\n").map((line) => ` * ${line}`.trimEnd());
  writeFileSync(
    target,
    `${heading}${notice.join("\n")}\n */\n// @ts-nocheck\n/** gpu.js: WebGL. */\nexport const GPU: unknown = ${small};\n`,
  );
}

/** tsc prints its JavaScript at length: half as many bytes are shipped without the spaces. */
async function shrink(folder) {
  const path = join(folder, "compute/webgl/generated.js");
  const text = readFileSync(path, "utf8");
  const end = text.indexOf("*/") + 2;
  const { code } = await transform(text.slice(end), {
    minify: true,
    charset: "ascii",
    target: "es2022",
    format: "esm",
  });
  writeFileSync(path, `${text.slice(0, end)}\n${code}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder] = process.argv.slice(2);
  await (folder === undefined ? buildWebGl() : shrink(folder));
}
