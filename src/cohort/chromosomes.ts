import { InputError } from "../errors.ts";

/** PLINK's number codes and the letters people write. */
const CODES: Readonly<Record<string, string>> = { "23": "X", "24": "Y", "25": "XY", "26": "MT", M: "MT" };

/** The name under which `chr1`, `Chr1` and `1` (or `chrM`, `MT` and `26`) are the same chromosome. */
export function canonicalChromosome(name: string): string {
  const bare = /^chr/i.test(name) ? name.slice(3) : name;
  const upper = bare.toUpperCase();
  return CODES[upper] ?? upper;
}

/**
 * Throws {@link InputError} where two of `names` are the same chromosome (`1` and `chr1`): a gene could
 * then meet the variants of one of them only.
 */
export function checkOneNameEach(names: readonly string[], where: string): void {
  const seen = new Map<string, string>();
  for (const name of names) {
    const canonical = canonicalChromosome(name);
    const before = seen.get(canonical);
    if (before !== undefined) {
      throw new InputError(
        where,
        `chromosome ${canonical} goes by two names, ${before} and ${name}`,
        "give it one: plink2 --make-pgen --output-chr chrM --sort-vars, then --make-bed",
      );
    }
    seen.set(canonical, name);
  }
}

/**
 * For each name in `names`, the index of the same chromosome in `targets`, or -1.
 * `renamed` is an example of a pair that is written differently, for a message.
 */
export function matchChromosomes(
  names: readonly string[],
  targets: readonly string[],
): { index: Int32Array; renamed: { from: string; to: string } | undefined } {
  const byName = new Map(targets.map((target, i) => [canonicalChromosome(target), i]));
  const index = new Int32Array(names.length);
  let renamed: { from: string; to: string } | undefined;
  names.forEach((name, i) => {
    const found = byName.get(canonicalChromosome(name)) ?? -1;
    index[i] = found;
    if (found >= 0 && targets[found] !== name) renamed ??= { from: name, to: targets[found] ?? "" };
  });
  return { index, renamed };
}
