/** Columns that grow by doubling: rows are appended without an object each. */
export class GrowingFloats {
  #values: Float64Array;
  length = 0;

  constructor(capacity = 1024) {
    this.#values = new Float64Array(capacity);
  }

  push(value: number): void {
    if (this.length === this.#values.length) this.#grow(this.length + 1);
    this.#values[this.length++] = value;
  }

  append(values: Float64Array): void {
    if (this.length + values.length > this.#values.length) this.#grow(this.length + values.length);
    this.#values.set(values, this.length);
    this.length += values.length;
  }

  /** The values so far: a copy that holds no spare room. */
  take(): Float64Array {
    return this.#values.slice(0, this.length);
  }

  #grow(least: number): void {
    const larger = new Float64Array(Math.max(least, 2 * this.length));
    larger.set(this.#values);
    this.#values = larger;
  }
}

export class GrowingIntegers {
  #values: Uint32Array;
  length = 0;

  constructor(capacity = 1024) {
    this.#values = new Uint32Array(capacity);
  }

  at(i: number): number {
    return this.#values[i]!;
  }

  push(value: number): void {
    if (this.length === this.#values.length) this.#grow(this.length + 1);
    this.#values[this.length++] = value;
  }

  append(values: Uint32Array): void {
    if (this.length + values.length > this.#values.length) this.#grow(this.length + values.length);
    this.#values.set(values, this.length);
    this.length += values.length;
  }

  take(): Uint32Array {
    return this.#values.slice(0, this.length);
  }

  #grow(least: number): void {
    const larger = new Uint32Array(Math.max(least, 2 * this.length));
    larger.set(this.#values);
    this.#values = larger;
  }
}
