import { BackendError } from "../errors.ts";
import { type Check, examine } from "../node/doctor.ts";
import { type Shell, version } from "./shell.ts";

const MARKS: Readonly<Record<Check["status"], string>> = { ok: "ok  ", warning: "note", failure: "FAIL" };
const WIDTH = 17;

/** `qortex doctor`. Throws BackendError where Qortex cannot work on this machine. */
export async function runDoctor(options: { readonly json: boolean }, shell: Shell): Promise<void> {
  const failures: string[] = [];
  for await (const check of examine(version())) {
    shell.out.write(options.json ? `${JSON.stringify({ type: "check", ...check })}\n` : checkText(check));
    if (check.status === "failure") failures.push(check.name);
  }
  if (failures.length > 0) throw new BackendError(`doctor: ${failures.join(", ")}: see the fixes above`);
}

/** `ok    CPU   2 threads`, and the fix on a line of its own. */
export function checkText({ name, status, value, fix }: Check): string {
  const line = `${MARKS[status]}  ${name.padEnd(WIDTH)} ${value}\n`;
  return fix === undefined ? line : `${line}${" ".repeat(WIDTH + 7)}fix: ${fix}\n`;
}
