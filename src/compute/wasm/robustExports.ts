/** The functions of `assembly/robust.ts`; addresses and strides are bytes. */
export interface RobustExports {
  spreadTerms(
    g: number,
    modifiers: number,
    terms: number,
    samples: number,
    bytes: number,
    vectors: number,
  ): void;
  residualise(
    vectors: number,
    count: number,
    samples: number,
    bytes: number,
    basis: number,
    basisCount: number,
    share: number,
    e: number,
    squares: number,
  ): void;
  orthonormalise(vectors: number, terms: number, bytes: number, triangle: number): void;
  restOf(
    leverage: number,
    vectors: number,
    terms: number,
    samples: number,
    bytes: number,
    least: number,
    rest: number,
  ): number;
  weigh(
    vectors: number,
    first: number,
    terms: number,
    samples: number,
    bytes: number,
    shares: number,
    deviation: number,
    rest: number,
    weights: number,
    d: number,
    weighted: number,
    moments: number,
  ): void;
  multiplyEach(d: number, vectors: number, count: number, bytes: number, out: number): void;
  inOrder(a: number, b: number, count: number): number;
  squaredError(
    e: number,
    vectors: number,
    along: number,
    terms: number,
    weights: number,
    bytes: number,
  ): number;
  termDots(
    g: number,
    e: number,
    modifiers: number,
    terms: number,
    bytes: number,
    product: number,
    out: number,
  ): void;
}
