"""Writes test/data/elementary.tsv: log, log1p, exp, expm1, log10 and pow10 at 40 digits by mpmath.

Columns: function, x, value rounded to a double, what the rounding lost (a double): the error of an
implementation in ulps is (its value - value - lost) / ulp(value). Run from the repository root:
    python3 scripts/tables/elementary.py > test/data/elementary.tsv
"""

import random

from mpmath import exp, expm1, log, log10, log1p, mp, mpf

mp.dps = 60
random.seed(20240611)


def uniform(a, b, n):
    return [random.uniform(a, b) for _ in range(n)]


def magnitudes(low, high, n):
    return [10 ** random.uniform(low, high) for _ in range(n)]


near_one = [1 + s * 10 ** random.uniform(-15, -0.5) for s in (-1, 1) for _ in range(60)]
positive = magnitudes(-307, 308, 150) + uniform(0.5, 2, 150) + near_one
positive += [5e-324, 1e-320, 2.2250738585072014e-308, 0.7071067811865475, 0.7071067811865476, 1.4142135623730951]
positive += [float(2**k) for k in (-3, -1, 1, 2, 10, 52, 60)] + [1.7976931348623157e308]
signed = [s * x for s in (-1, 1) for x in magnitudes(-18, 0, 80)]
shift = [x for x in signed if x > -1] + uniform(-0.9999, 3, 200) + magnitudes(0, 308, 100)
shift += [-1 + 1e-10, -0.999999999999, -0.29, 0.41, 9007199254740991.0, 9007199254740992.0, 1.5e16]
exponent = signed + uniform(-2, 2, 250) + uniform(-745, 709.7, 200) + [1.0, -1.0, 0.34657, 0.34658, 709.78, -744.9]
minus = signed + uniform(-2, 2, 300) + uniform(-40, 40, 150) + uniform(40, 709.7, 30) + [0.34657, -0.34658, 709.78]
decimal = [s * x for s in (-1, 1) for x in magnitudes(-18, 0, 40)] + uniform(-2, 2, 200) + uniform(-323, 308.2, 250)
decimal += [float(k) for k in range(-30, 31)]

TABLES = [
    ("log", log, positive),
    ("log10", log10, positive + [float(10**k) for k in range(0, 23)]),
    ("log1p", log1p, shift),
    ("exp", exp, exponent),
    ("expm1", expm1, minus),
    ("pow10", lambda x: mpf(10) ** x, decimal),
]

print("function\tx\tvalue\tlost")
for name, function, points in TABLES:
    for x in sorted(set(points)):
        exact = function(mpf(x))
        value = float(exact)
        print(f"{name}\t{x!r}\t{value!r}\t{float(exact - mpf(value))!r}")
