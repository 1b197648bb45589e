/** Small pieces of messages, so that every reader words them alike. */

/** `1234567` as `1,234,567`, the same in every locale. */
export function thousands(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** `3 genes`, `1 gene`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${thousands(count)} ${count === 1 ? noun : plural}`;
}

/** The first few of a list: `S1, S2, S3, ...`. */
export function listed(items: Iterable<string>, most = 3): string {
  const shown: string[] = [];
  for (const item of items) {
    if (shown.length === most) return `${shown.join(", ")}, ...`;
    shown.push(item);
  }
  return shown.length === 0 ? "none" : shown.join(", ");
}

/** Text out of a file as a message may show it: on one line, without control characters, not too long. */
export function shown(text: string, most = 40): string {
  const plain = text.replace(/[^\x20-\x7e\u00a0-\uffff]/g, "?");
  return `"${plain.length > most ? `${plain.slice(0, most)}...` : plain}"`;
}

/** Where a message points: `geno.bim, line 3`. */
export function atLine(name: string, line: number): string {
  return `${name}, line ${line}`;
}
