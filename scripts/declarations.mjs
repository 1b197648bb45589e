// Usage: node scripts/declarations.mjs FOLDER ENTRY... (declarations in FOLDER that package.json's exports name)
// Two mends of the declarations that tsc emits:
// - tsc rewrites `./x.ts` to `./x.js` in JavaScript (rewriteRelativeImportExtensions) but not in declarations
//   (TypeScript 5.9.3: microsoft/TypeScript#61037), whose `./x.ts` names a file that is not shipped.
// - Those that no entry leads to are removed: nobody can import them, and they are two thirds of all.
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const RELATIVE = /((?:\bfrom|\bimport)\s*\(?\s*"\.{1,2}\/[^"\n]*)\.ts"/g;
const IMPORTED = /(?:\bfrom|\bimport)\s*\(?\s*"(\.{1,2}\/[^"\n]*)\.js"/g;

const [folder, ...entries] = process.argv.slice(2);
const text = new Map();
for (const name of readdirSync(folder, { recursive: true })) {
  if (!name.endsWith(".d.ts")) continue;
  const path = join(folder, name);
  text.set(path, readFileSync(path, "utf8").replaceAll(RELATIVE, '$1.js"'));
}

const reached = new Set();
const ahead = entries.map((entry) => join(folder, entry));
while (ahead.length > 0) {
  const path = ahead.pop();
  if (reached.has(path)) continue;
  if (!text.has(path)) throw new Error(`${path}: a declaration is missing that an entry leads to`);
  reached.add(path);
  for (const [, name] of text.get(path).matchAll(IMPORTED)) ahead.push(join(dirname(path), `${name}.d.ts`));
}

for (const [path, content] of text) {
  if (reached.has(path)) writeFileSync(path, content);
  else rmSync(path);
}
