import { describe, expect, test } from "vitest";
import { isUniform, ruleOf, STOREY_FROM } from "../../../../src/association/permutation/discovery.ts";
import { log10Acat } from "../../../../src/statistics/acat.ts";
import { log10 } from "../../../../src/statistics/elementary.ts";
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

  test("ACAT of noise is not uniform: with p above 1 - 1/M cut there, next to none is above 0.85", () => {
    const genes = 1000;
    const variants = 200;
    let above = 0;
    for (let gene = 0; gene < genes; gene++) {
      const log10P = Float64Array.from({ length: variants }, (_, variant) =>
        log10(uniform(7, gene, variant)),
      );
      if (log10Acat(log10P) > log10(0.85)) above++;
    }
    // Uniform p would leave 150; pi0 at lambda 0.85 is this over 150.
    expect(above).toBeLessThan(15);
    expect(isUniform("acat")).toBe(false);
  });
});
