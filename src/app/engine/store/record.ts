/** A small record that is never lost in the writing: two copies, of which the older one is written over. */

import { type Directory, readText, writeFile } from "./directory.ts";

interface Copy {
  readonly file: string;
  /** Undefined for one that is not there or was cut off. */
  readonly content: { readonly serial: number; readonly value: unknown } | undefined;
}

/** The latest value that is whole; undefined where there is none. */
export async function readRecord(directory: Directory, name: string): Promise<unknown> {
  return (await copiesOf(directory, name))[0].content?.value;
}

/** Takes the place of the value before once it is whole. */
export async function writeRecord(directory: Directory, name: string, value: unknown): Promise<void> {
  const [latest, older] = await copiesOf(directory, name);
  const serial = (latest.content?.serial ?? 0) + 1;
  await writeFile(directory, older.file, JSON.stringify({ serial, value }));
}

/** The latest copy first. */
async function copiesOf(directory: Directory, name: string): Promise<readonly [Copy, Copy]> {
  const read = async (file: string): Promise<Copy> => ({
    file,
    content: parsed(await readText(directory, file)),
  });
  const [one, two] = [await read(`${name}-1.json`), await read(`${name}-2.json`)];
  return (one.content?.serial ?? 0) >= (two.content?.serial ?? 0) ? [one, two] : [two, one];
}

function parsed(text: string | undefined): Copy["content"] {
  try {
    const content: unknown = text === undefined ? undefined : JSON.parse(text);
    if (typeof content !== "object" || content === null) return undefined;
    if (!("serial" in content) || typeof content.serial !== "number" || !("value" in content))
      return undefined;
    return { serial: content.serial, value: content.value };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
