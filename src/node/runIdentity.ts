import type { InputFile, Json } from "./manifest.ts";

/** What the parts of a run depend on: those of two runs fit together when all of it is the same. */
export interface RunIdentity {
  readonly version: string;
  readonly command: string;
  /** The options that change a result or its files. */
  readonly options: { readonly [name: string]: Json | undefined };
  readonly inputs: readonly InputFile[];
}

/**
 * How two runs differ, a phrase each; `then` is the earlier one. Files are the same when their role, length and
 * SHA-256 are: where they lie does not matter.
 */
export function differences(then: RunIdentity, now: RunIdentity): string[] {
  const found: string[] = [];
  const compare = (what: string, a: Json | undefined, b: Json | undefined): void => {
    const [before, after] = [shown(a), shown(b)];
    if (before !== after) found.push(`${what} was ${before}, now ${after}`);
  };
  compare("the version", then.version, now.version);
  compare("the command", then.command, now.command);
  // Options of another command are others: to list them would say nothing.
  if (then.command !== now.command) return found;
  const names = new Set([...Object.keys(then.options), ...Object.keys(now.options)]);
  for (const name of names) compare(optionName(name), then.options[name], now.options[name]);
  const roles = new Set([...then.inputs, ...now.inputs].map(({ role }) => role));
  for (const role of roles) {
    const [a, b] = [then, now].map(({ inputs }) => inputs.find((input) => input.role === role));
    if (a === undefined) found.push(`the file of ${role} (${b?.path}) was not given before`);
    else if (b === undefined) found.push(`the file of ${role} (${a.path}) is not given now`);
    else if (a.sha256 !== b.sha256) {
      const sizes = a.bytes === b.bytes ? "its content" : `${a.bytes} bytes then, ${b.bytes} now`;
      found.push(`${b.path} has changed (${sizes})`);
    }
  }
  return found;
}

function shown(value: Json | undefined): string {
  if (value === undefined) return "not given";
  if (Array.isArray(value)) return value.map(shown).join(", ");
  if (typeof value !== "object" || value === null) return String(value);
  return Object.entries(value)
    .map(([name, part]) => `${name} ${shown(part)}`)
    .join(", ");
}

/** `windowAnchor` as it is typed: `--window-anchor`. */
function optionName(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
