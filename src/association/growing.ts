/** Columns that grow by doubling: rows are appended without an object each. */
export class GrowingFloats {
  #values: Float64Array;
  length = 0;

  constructor(capacity = 1024) {
    this.#values = new Float64Array(capacity);
  }

  push(value: number): void {
    if (this.length === this.#values.length) {
      const larger = new Float64Array(this.length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.length++] = value;
  }

  /** The values so far: a copy that holds no spare room. */
  take(): Float64Array {
    return this.#values.slice(0, this.length);
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
    if (this.length === this.#values.length) {
      const larger = new Uint32Array(this.length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.length++] = value;
  }

  take(): Uint32Array {
    return this.#values.slice(0, this.length);
  }
}
