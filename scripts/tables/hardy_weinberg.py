"""Writes test/data/hardy_weinberg.tsv: the exact p of Hardy-Weinberg equilibrium (Wigginton 2005, not mid-p).

Up to 2,000 samples by exact rational arithmetic from the definition; beyond, by the ratios of neighbouring
probabilities at 60 digits. Ties are exact equalities up to 1e-20. Run from the repository root:
    python3 scripts/tables/hardy_weinberg.py > test/data/hardy_weinberg.tsv
"""

import random
from fractions import Fraction
from math import factorial

from mpmath import mp, mpf, nstr

mp.dps = 60
random.seed(7)


def exact(aa, ab, bb):
    n, a, b = aa + ab + bb, 2 * aa + ab, 2 * bb + ab
    weight = {}
    for h in range(a % 2, min(a, b) + 1, 2):
        ways = factorial(n) // (factorial((a - h) // 2) * factorial(h) * factorial((b - h) // 2))
        weight[h] = Fraction(ways * 2**h)
    p = sum(w for w in weight.values() if w <= weight[ab]) / sum(weight.values())
    return mpf(p.numerator) / p.denominator


def by_ratios(aa, ab, bb):
    n, a = aa + ab + bb, 2 * min(aa, bb) + ab
    probability, h = mpf(1), a % 2
    rare = (a - h) // 2
    common = n - h - rare
    every = []
    while True:
        every.append((h, probability))
        if rare == 0:
            break
        probability = probability * (4 * rare * common) / ((h + 2) * (h + 1))
        h, rare, common = h + 2, rare - 1, common - 1
    limit = dict(every)[ab] * (1 + mpf(10) ** -20)
    return sum(p for _, p in every if p <= limit) / sum(p for _, p in every)


print("homozygotes_a\theterozygotes\thomozygotes_b\tp")
cases = [(57, 14, 50), (25, 50, 25), (100, 0, 0), (80, 18, 2), (0, 1, 0), (1, 0, 0), (0, 0, 5), (1, 0, 1), (0, 2, 0)]
cases += [(0, 10, 0), (5, 0, 5), (0, 99, 1), (3, 1, 97), (0, 0, 0), (50, 0, 50), (499, 2, 499), (250, 500, 250)]
for _ in range(120):
    n = random.choice([3, 10, 40, 101, 330, 700, 2000])
    f = random.random() ** 2
    inbreeding = random.choice([0, 0, 0, 0.1, -0.1, 0.4])
    draws = []
    for _ in range(n):
        first = random.random() < f
        same = random.random() < abs(inbreeding)
        second = (first if inbreeding > 0 else not first) if same else random.random() < f
        draws.append(first + second)
    cases.append((draws.count(0), draws.count(1), draws.count(2)))
for case in cases:
    print(*case, nstr(exact(*case) if sum(case) else mpf(1), 25), sep="\t")
large = [(124800, 250400, 124800), (125300, 249400, 125300), (0, 1200, 498800), (9, 1984, 498007)]
large += [(450900, 47400, 1700), (450900, 46700, 2400), (450000, 47000, 3000)]
for case in large:
    print(*case, nstr(by_ratios(*case), 25), sep="\t")
