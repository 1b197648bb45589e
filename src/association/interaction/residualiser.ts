import { loadProjection, type Projection } from "../../compute/wasm/projection.ts";
import { dot, type OrthonormalBasis, residualiseQuickly } from "../../statistics/linalg.ts";

/** Below this share of its square a residual is projected once more: see `residualiseQuickly`. */
const SHARE = 1e-2;

/** Residuals of vectors on one basis: `residualiseQuickly` of linalg.ts to the bit, by a kernel where the engine has WebAssembly SIMD. */
export class Residualiser {
  readonly #basis: OrthonormalBasis;
  readonly #projection: Projection | undefined;

  constructor(basis: OrthonormalBasis, projection?: Projection) {
    this.#basis = basis;
    this.#projection = projection;
  }

  static async load(basis: OrthonormalBasis): Promise<Residualiser> {
    return new Residualiser(basis, await loadProjection(basis));
  }

  /** Replaces `count` vectors of `n` values, one after the other, by what the constant and the basis leave of each. */
  run(values: Float64Array, count: number, n: number): void {
    const projection = this.#projection;
    if (projection === undefined) {
      for (let m = 0; m < count; m++) residualiseQuickly(values, m * n, n, this.#basis, SHARE);
      return;
    }
    for (let from = 0; from < count; from += projection.lanes) {
      const lanes = Math.min(projection.lanes, count - from);
      const square = (lane: number): number => dot(values, (from + lane) * n, values, (from + lane) * n, n);
      const before = Array.from({ length: lanes }, (_, lane) => square(lane));
      projection.load(values, from * n, lanes);
      projection.run();
      for (let lane = 0; lane < lanes; lane++) projection.store(lane, values, (from + lane) * n);
      const again = before.map((own, lane) => !(square(lane) >= SHARE * own));
      if (!again.includes(true)) continue;
      projection.run();
      again.forEach((is, lane) => {
        if (is) projection.store(lane, values, (from + lane) * n);
      });
    }
  }
}
