/** Integers that grow by doubling. */
class Growing {
  private held = new Uint32Array(1024);
  length = 0;

  extend(count: number): Uint32Array<ArrayBuffer> {
    const from = this.length;
    this.length += count;
    if (this.length > this.held.length) {
      const larger = new Uint32Array(Math.max(this.length, 2 * this.held.length));
      larger.set(this.held.subarray(0, from));
      this.held = larger;
    }
    return this.held.subarray(from, this.length);
  }

  get view(): Uint32Array<ArrayBuffer> {
    return this.held.subarray(0, this.length);
  }
}

/** Candidates of all tiles in order of row, then column. */
export class OrderedPairs {
  readonly row = new Growing();
  readonly column = new Growing();
  private readonly tileRow = new Growing();
  private readonly tileColumn = new Growing();

  /** Entries `row << 16 | column` of one tile, in order; within a row tile, column tiles come in order. */
  add(entries: Uint32Array, columns: Uint32Array): void {
    const row = this.tileRow.extend(entries.length);
    const column = this.tileColumn.extend(entries.length);
    entries.forEach((entry, i) => {
      row[i] = entry >>> 16;
      column[i] = columns[entry & 0xffff]!;
    });
  }

  /** The same of a tile whose columns follow each other from `first` on. */
  addFrom(entries: Uint32Array, first: number): void {
    const row = this.tileRow.extend(entries.length);
    const column = this.tileColumn.extend(entries.length);
    entries.forEach((entry, i) => {
      row[i] = entry >>> 16;
      column[i] = first + (entry & 0xffff);
    });
  }

  /** Ends the row tile that starts at row `from`: its pairs go to their rows, in a stable order. */
  endRows(from: number, rows: number): void {
    const tileRow = this.tileRow.view;
    const next = new Uint32Array(rows + 1);
    for (const r of tileRow) next[r + 1] = next[r + 1]! + 1;
    for (let r = 0; r < rows; r += 1) next[r + 1] = next[r + 1]! + next[r]!;
    const row = this.row.extend(tileRow.length);
    const column = this.column.extend(tileRow.length);
    const tileColumn = this.tileColumn.view;
    tileRow.forEach((r, i) => {
      const to = next[r]!;
      next[r] = to + 1;
      row[to] = from + r;
      column[to] = tileColumn[i]!;
    });
    this.tileRow.length = 0;
    this.tileColumn.length = 0;
  }
}
