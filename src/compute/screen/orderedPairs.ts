type Numbers = Uint32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

/** Numbers that grow by doubling. */
class Growing<Held extends Numbers> {
  private held: Held;
  private readonly make: (length: number) => Held;
  length = 0;

  constructor(make: (length: number) => Held) {
    this.make = make;
    this.held = make(1024);
  }

  extend(count: number): Held {
    const from = this.length;
    this.length += count;
    if (this.length > this.held.length) {
      const larger = this.make(Math.max(this.length, 2 * this.held.length));
      larger.set(this.held.subarray(0, from));
      this.held = larger;
    }
    return this.held.subarray(from, this.length) as Held;
  }

  push(value: number): void {
    const at = this.length;
    if (at < this.held.length) this.length += 1;
    else this.extend(1);
    this.held[at] = value;
  }

  get view(): Held {
    return this.held.subarray(0, this.length) as Held;
  }
}

const integers = () => new Growing((length) => new Uint32Array(length));
const doubles = () => new Growing((length) => new Float64Array(length));

/** Candidates of all tiles in order of row, then column. */
export class OrderedPairs {
  readonly row = integers();
  readonly column = integers();
  /** Of pairs that came with their products: all of them, or none. */
  readonly product = doubles();
  private readonly tileRow = integers();
  private readonly tileColumn = integers();
  private readonly tileProduct = doubles();

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

  /** A pair of the tile with its product; a row's columns come in order. */
  push(row: number, column: number, product: number): void {
    this.tileRow.push(row);
    this.tileColumn.push(column);
    this.tileProduct.push(product);
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
    const tileProduct = this.tileProduct.view;
    const product = this.product.extend(tileProduct.length);
    tileRow.forEach((r, i) => {
      const to = next[r]!;
      next[r] = to + 1;
      row[to] = from + r;
      column[to] = tileColumn[i]!;
      if (i < tileProduct.length) product[to] = tileProduct[i]!;
    });
    this.tileRow.length = 0;
    this.tileColumn.length = 0;
    this.tileProduct.length = 0;
  }
}
