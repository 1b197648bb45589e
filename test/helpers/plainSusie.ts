/** SuSiE as its paper defines it, on whole matrices, one residual at a time: slow, and shares no code with the program. */

export interface PlainFit {
  readonly alpha: number[][];
  readonly pip: number[];
  readonly sigma2: number;
}

/** y of n values, X of p columns of n values, both centred and of variance 1 (divisor n - 1). */
export function plainSusie(
  x: readonly number[][],
  y: readonly number[],
  effects: number,
  rounds: number,
): PlainFit {
  const n = y.length;
  const p = x.length;
  const alpha = Array.from({ length: effects }, () => new Array<number>(p).fill(1 / p));
  const mean = Array.from({ length: effects }, () => new Array<number>(p).fill(0));
  const spread = Array.from({ length: effects }, () => new Array<number>(p).fill(0));
  const prior = new Array<number>(effects).fill(0.2);
  let sigma2 = 1;
  const fittedBy = (l: number) =>
    y.map((_, i) => x.reduce((sum, column, j) => sum + column[i]! * alpha[l]![j]! * mean[l]![j]!, 0));
  for (let round = 0; round < rounds; round++) {
    for (let l = 0; l < effects; l++) {
      const residual = [...y];
      for (let other = 0; other < effects; other++) {
        if (other !== l) for (const [i, value] of fittedBy(other).entries()) residual[i]! -= value;
      }
      const squares = x.map((column) => column.reduce((sum, value) => sum + value * value, 0));
      const estimate = x.map(
        (column, j) => column.reduce((sum, value, i) => sum + value * residual[i]!, 0) / squares[j]!,
      );
      const s2 = squares.map((square) => sigma2 / square);
      const bf = (variance: number) =>
        estimate.map((b, j) => {
          const z2 = (b * b) / s2[j]!;
          return (
            Math.sqrt(s2[j]! / (s2[j]! + variance)) * Math.exp(((z2 / 2) * variance) / (variance + s2[j]!))
          );
        });
      const likelihood = (variance: number) => bf(variance).reduce((sum, value) => sum + value, 0) / p;
      // A fine grid, then a finer one about its best.
      let best = prior[l]!;
      for (const [from, to] of [
        [-30, 15],
        [-1, 1],
        [-0.01, 0.01],
        [-1e-4, 1e-4],
      ] as const) {
        const centre = from === -30 ? 0 : Math.log(best);
        for (let step = 0; step <= 400; step++) {
          const variance = Math.exp(centre + from + ((to - from) * step) / 400);
          if (likelihood(variance) > likelihood(best)) best = variance;
        }
      }
      prior[l] = likelihood(best) <= 1 ? 0 : best;
      const weights = bf(prior[l]!);
      const total = weights.reduce((sum, value) => sum + value, 0);
      for (let j = 0; j < p; j++) {
        alpha[l]![j] = weights[j]! / total;
        const variance = prior[l] === 0 ? 0 : 1 / (1 / s2[j]! + 1 / prior[l]!);
        mean[l]![j] = (variance / s2[j]!) * estimate[j]!;
        spread[l]![j] = variance;
      }
    }
    // E |y - X b|^2 = |y - X E b|^2 + sum of the variances of X b_l.
    const all = y.map(() => 0);
    let variances = 0;
    for (let l = 0; l < effects; l++) {
      const own = fittedBy(l);
      for (const [i, value] of own.entries()) all[i]! += value;
      const second = x.reduce((sum, column, j) => {
        const square = column.reduce((s, value) => s + value * value, 0);
        return sum + square * alpha[l]![j]! * (mean[l]![j]! ** 2 + spread[l]![j]!);
      }, 0);
      variances += second - own.reduce((sum, value) => sum + value * value, 0);
    }
    sigma2 = (y.reduce((sum, value, i) => sum + (value - all[i]!) ** 2, 0) + variances) / n;
  }
  const pip = x.map(
    (_, j) => 1 - alpha.reduce((left, own, l) => left * (prior[l] === 0 ? 1 : 1 - own[j]!), 1),
  );
  return { alpha, pip, sigma2 };
}
