import { parseArgs } from "node:util";

/** `--name value` arguments over defaults of the same names; a number's default asks for a number. */
export function readArguments<T extends Record<string, string | number>>(
  defaults: T,
  args = process.argv.slice(2),
): T {
  const options = Object.fromEntries(
    Object.keys(defaults).map((name) => [name, { type: "string" as const }]),
  );
  const { values } = parseArgs({ args, options, strict: true });
  const result: Record<string, string | number> = { ...defaults };
  for (const [name, text] of Object.entries(values)) {
    if (typeof text !== "string") continue;
    const value = typeof defaults[name] === "number" ? Number(text) : text;
    if (Number.isNaN(value)) throw new Error(`--${name} ${text}: not a number`);
    result[name] = value;
  }
  return result as T;
}
