import { describe, expect, test } from "vitest";
import { johnsonSu, johnsonSuDeviate, johnsonSuLog10P } from "../../../src/statistics/johnsonSu.ts";
import { uniform } from "../../../src/statistics/random.ts";

// scipy 1.17.1: gamma and delta by optimize.root on stats.johnsonsu.stats(a, b, moments="sk") from several starts, location and scale from its mean and
// variance; log10 of 2 min(cdf, sf) at -3, 0.2 and 5.
const BY_SCIPY = [
  [
    0, 4, 0.0, 2.321155481415913, -0.0, 2.10938136494641, -2.1216566693942682, -0.0829856712954019,
    -3.6820405284460076,
  ],
  [
    0.3, 3.6, -0.9136449253620342, 3.1326513279084334, -0.8860108339620829, 2.8464705444945864,
    -2.66457172151399, -0.09731210136570569, -3.670660998981358,
  ],
  [
    -0.5, 4.2, 0.9031027605234669, 2.465282467355497, 0.8584903588140925, 2.1108897701985043,
    -1.8563580207300001, -0.05359266480834841, -5.005328584975426,
  ],
  [
    1.2, 9, -0.622969498478727, 1.5042091072145758, -0.5707212916268761, 1.0738660077158564,
    -2.5149983665673608, -0.1526933147602515, -2.441658269725462,
  ],
  [
    -2, 20, 0.5187153810770474, 1.2030324027071182, 0.45763151755608017, 0.7285384177224382,
    -1.5578200719902893, -0.03668379462857278, -3.4341095293644615,
  ],
  [
    0.05, 3.05, -1.4487451536439917, 9.339141105255093, -1.437121707071233, 9.174415467024103,
    -2.614630108583177, -0.0786213100739656, -5.4981898689242,
  ],
] as const;

describe("Johnson's SU law", () => {
  test.each(BY_SCIPY)("of skewness %f and kurtosis %f is scipy's", (...row) => {
    const [skewness, kurtosis, gamma, delta, location, scale, ...log10P] = row;
    const found = johnsonSu(skewness, kurtosis)!;
    expect(found.gamma).toBeCloseTo(gamma, 6);
    expect(found.delta).toBeCloseTo(delta, 6);
    expect(found.location).toBeCloseTo(location, 6);
    expect(found.scale).toBeCloseTo(scale, 6);
    [-3, 0.2, 5].forEach((x, i) => {
      expect(johnsonSuLog10P(found, x)).toBeCloseTo(log10P[i]!, 6);
    });
  });

  test("has the moments asked for, by its quantiles", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const kurtosis = 3.1 + 6 * uniform(seed, 0, 0);
      const skewness = (uniform(seed, 1, 0) - 0.5) * Math.sqrt((kurtosis - 3) / 2);
      const law = johnsonSu(skewness, kurtosis)!;
      // x = location + scale sinh((u - gamma) / delta), integrated over the normal density.
      const moments = [0, 0, 0, 0, 0];
      for (let u = -12; u <= 12; u += 1 / 256) {
        const x = law.location + law.scale * Math.sinh((u - law.gamma) / law.delta);
        const density = Math.exp((-u * u) / 2) / Math.sqrt(2 * Math.PI) / 256;
        for (let k = 0; k < 5; k++) moments[k]! += density * x ** k;
      }
      const what = `seed ${seed}: skewness ${skewness}, kurtosis ${kurtosis}`;
      [1, 0, 1, skewness, kurtosis].forEach((value, k) => {
        expect(moments[k], what).toBeCloseTo(value, 7);
      });
      expect(johnsonSuDeviate(law, 0.7), what).toBeGreaterThan(johnsonSuDeviate(law, 0.6));
    }
  });

  test("there is none of short tails, nor beyond the lognormal line: a normal one serves", () => {
    for (const [skewness, kurtosis] of [
      [0, 3],
      [0, 2.5],
      [1.5, 4],
      [0, Number.NaN],
    ] as const) {
      expect(johnsonSu(skewness, kurtosis)).toBeUndefined();
    }
    expect(johnsonSuDeviate(undefined, 1.7)).toBe(1.7);
    expect(johnsonSuLog10P(undefined, 1.959963984540054)).toBeCloseTo(Math.log10(0.05), 12);
  });
});
