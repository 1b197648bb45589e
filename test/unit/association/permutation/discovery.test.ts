import { describe, expect, test } from "vitest";
import { isUniform, ruleOf, STOREY_FROM } from "../../../../src/association/permutation/discovery.ts";
import { log10Acat } from "../../../../src/statistics/acat.ts";
import { log10 } from "../../../../src/statistics/elementary.ts";
import { log10NormalTwoSided, normalQuantile } from "../../../../src/statistics/normal.ts";
import { uniform } from "../../../../src/statistics/random.ts";

describe("the rule of q over genes", () => {
  const many = new Float64Array(STOREY_FROM).fill(-1);

  test("auto takes Storey's pi0 of many genes with permutations only", () => {
    expect(ruleOf("auto", "permutations", many)).toBe("fixed");
    expect(ruleOf("auto", "permutations", many.subarray(1))).toBe("bh");
    for (const within of ["acat", "eigenmt", "bonferroni"] as const) {
      expect(ruleOf("auto", within, many), within).toBe("bh");
    }
  });

  test("ACAT of linked noise is not uniform: far too much of it is above 0.85", () => {
    const genes = 1000;
    const variants = 50;
    let above = 0;
    for (let gene = 0; gene < genes; gene++) {
      const shared = normalQuantile(uniform(7, gene, variants));
      const log10P = Float64Array.from({ length: variants }, (_, variant) => {
        const own = normalQuantile(uniform(7, gene, variant));
        return log10NormalTwoSided(Math.sqrt(0.9) * shared + Math.sqrt(0.1) * own);
      });
      if (log10Acat(log10P) > log10(0.85)) above++;
    }
    // Uniform p would leave 150, give or take 11; pi0 at lambda 0.85 is this over 150.
    expect(above).toBeGreaterThan(200);
    expect(isUniform("acat")).toBe(false);
  });
});
