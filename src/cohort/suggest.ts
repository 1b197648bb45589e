import { withoutVersion } from "../formats/genePlaces.ts";
import { thousands } from "../formats/wording.ts";

/** How ids of one file may be written in the other. */
export interface Suggestion {
  /** What differs, in words: `family and individual id joined (FID_IID)`. */
  readonly difference: string;
  /** Ids of the smaller list that find a partner of their own. */
  readonly matched: number;
  /** Ids of the smaller list. */
  readonly of: number;
  /** Pairs (id of `a`, id of `b`) in the order of `a`: what a coupling file would hold. */
  readonly pairs: readonly (readonly [string, string])[];
}

/** A way of writing ids that undoes one habit; what has not got the habit stays as it is. */
interface Rule {
  readonly difference: string;
  readonly plain: (id: string) => string;
  /** Applied to both lists at once, where neither way of writing is the plain one. */
  readonly both?: true;
}

const RULES: readonly Rule[] = [
  { difference: "Windows line ends", plain: (id) => id.replace(/\r+$/, "") },
  { difference: "quotation marks", plain: (id) => id.replace(/^(["'])(.*)\1$/, "$2") },
  { difference: "blanks around ids", plain: (id) => id.trim() },
  { difference: "0 as family id (0_IID)", plain: (id) => id.replace(/^0_/, "") },
  { difference: "the id twice (FID_IID)", plain: (id) => id.replace(/^(.+)_\1$/, "$1") },
  { difference: "family and individual id joined (FID_IID)", plain: (id) => id.replace(/^[^_]+_/, "") },
  { difference: "the version of Ensembl ids", plain: withoutVersion },
  { difference: "an X before digits (R's make.names)", plain: (id) => id.replace(/^X(?=\d)/, "") },
  { difference: "- for _ or .", plain: (id) => id.replace(/[-_.\s]/g, "_"), both: true },
  { difference: "upper and lower case", plain: (id) => id.toLowerCase(), both: true },
  {
    difference: "an X before digits and . for - (R's make.names)",
    plain: (id) => id.replace(/^X(?=\d)/, "").replace(/[-_.\s]/g, "_"),
    both: true,
  },
  {
    difference: "case, and - for _ or .",
    plain: (id) => id.toLowerCase().replace(/[-_.\s]/g, "_"),
    both: true,
  },
];

/** Ids are cut after as many parts (GTEX-XXXX-0001 is the donor GTEX-XXXX), for each mark between parts. */
const MOST_PARTS = 4;

/**
 * How most ids of `a` may be ids of `b`, where more are so than are equal as they stand; undefined where
 * nothing that is known helps at least half of the smaller list. A rule that gives two ids one name pairs neither.
 */
export function suggestMapping(a: readonly string[], b: readonly string[]): Suggestion | undefined {
  const equal = pairsBy(a, b, same, same).length;
  let best: Suggestion | undefined;
  const of = Math.min(new Set(a).size, new Set(b).size);
  const consider = (difference: string, ofA: (id: string) => string, ofB: (id: string) => string): void => {
    const pairs = pairsBy(a, b, ofA, ofB);
    if (pairs.length > Math.max(equal, best?.matched ?? 0)) {
      best = { difference, matched: pairs.length, of, pairs };
    }
  };
  for (const { difference, plain, both } of RULES) {
    if (both === undefined) {
      consider(difference, plain, same);
      consider(difference, same, plain);
    }
    consider(difference, plain, plain);
  }
  for (const { difference, plain } of affixes(a)) consider(difference, plain, same);
  for (const { difference, plain } of affixes(b)) consider(difference, same, plain);
  return best !== undefined && 2 * best.matched >= of ? best : undefined;
}

/** One clause: what differs, how many would match, and what to do. `ofA`, `ofB`: what the lists are called. */
export function suggestionText(suggestion: Suggestion, ofA: string, ofB: string): string {
  const { difference, matched, of, pairs } = suggestion;
  const [first] = pairs;
  if (first === undefined) return "";
  return (
    `${thousands(matched)} of ${thousands(of)} would match but for ${difference}: ${quoted(first[0])} in ${ofA} ` +
    `is ${quoted(first[1])} in ${ofB}`
  );
}

/** Which of the two a table's rows and columns are, the wrong way round: more of `ids` are in `known` than of `names`. */
export function looksTransposed(
  ids: readonly string[],
  names: readonly string[],
  known: ReadonlySet<string>,
): boolean {
  const inIds = ids.reduce((sum, id) => sum + (known.has(id) ? 1 : 0), 0);
  const inNames = names.reduce((sum, name) => sum + (known.has(name) ? 1 : 0), 0);
  return inIds > inNames && inIds > 0;
}

function quoted(id: string): string {
  return JSON.stringify(id);
}

function same(id: string): string {
  return id;
}

function pairsBy(
  a: readonly string[],
  b: readonly string[],
  ofA: (id: string) => string,
  ofB: (id: string) => string,
): [string, string][] {
  const partner = unique(b, ofB);
  return [...unique(a, ofA)].flatMap(([name, id]): [string, string][] => {
    const other = partner.get(name);
    return other === undefined || name === "" ? [] : [[id, other]];
  });
}

/** Ids by their plain name; names that several ids share are left out. */
function unique(ids: readonly string[], plain: (id: string) => string): Map<string, string> {
  const byName = new Map<string, string>();
  const shared = new Set<string>();
  for (const id of new Set(ids)) {
    const name = plain(id);
    if (byName.has(name)) shared.add(name);
    byName.set(name, id);
  }
  for (const name of shared) byName.delete(name);
  return byName;
}

/** What all ids of a list begin or end with, and parts that follow a mark. */
function affixes(ids: readonly string[]): Rule[] {
  if (ids.length < 2) return [];
  const rules: Rule[] = [];
  const prefix = commonPrefix(ids);
  for (let length = prefix.length; length > 0; length--) {
    const text = prefix.slice(0, length);
    // A prefix ends where a mark, or a change from letters to digits, ends it.
    const ends = length === prefix.length || /[-_.:\s]$/.test(text) || /\D$/.test(text);
    if (ends) rules.push({ difference: `the prefix ${quoted(text)}`, plain: (id) => id.slice(length) });
  }
  const suffix = reversed(commonPrefix(ids.map(reversed)));
  for (let length = suffix.length; length > 0; length--) {
    const text = suffix.slice(suffix.length - length);
    if (length === suffix.length || /^[-_.:\s]/.test(text)) {
      const plain = (id: string): string => id.slice(0, id.length - length);
      rules.push({ difference: `the suffix ${quoted(text)}`, plain });
    }
  }
  for (const mark of ["-", "_", "."]) {
    for (let parts = 1; parts <= MOST_PARTS; parts++) {
      const plain = (id: string): string => id.split(mark).slice(0, parts).join(mark);
      if (ids.some((id) => plain(id) !== id)) {
        rules.push({ difference: `what follows ${counting(parts)} ${quoted(mark)}`, plain });
      }
    }
  }
  return rules;
}

function counting(number: number): string {
  return ["the first", "the second", "the third", "the fourth"][number - 1] ?? `${number}`;
}

function commonPrefix(ids: readonly string[]): string {
  let prefix = ids[0] ?? "";
  for (const id of ids) {
    let length = 0;
    while (length < prefix.length && prefix[length] === id[length]) length++;
    prefix = prefix.slice(0, length);
  }
  return prefix;
}

function reversed(text: string): string {
  return Array.from(text).reverse().join("");
}
