// tsc rewrites `./x.ts` to `./x.js` in the JavaScript it emits (rewriteRelativeImportExtensions) but not in the
// declarations (TypeScript 5.9.3: microsoft/TypeScript#61037), whose `./x.ts` names a file that is not shipped.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const RELATIVE = /((?:\bfrom|\bimport)\s*\(?\s*"\.{1,2}\/[^"\n]*)\.ts"/g;

const [folder] = process.argv.slice(2);
for (const name of readdirSync(folder, { recursive: true })) {
  if (!name.endsWith(".d.ts")) continue;
  const path = join(folder, name);
  const text = readFileSync(path, "utf8");
  const rewritten = text.replaceAll(RELATIVE, '$1.js"');
  if (rewritten !== text) writeFileSync(path, rewritten);
}
