"""Writes test/data/student_t.tsv: log10 of Student's two-sided p by mpmath at 60 digits.

p = I_y(df/2, 1/2) with y = df / (df + t^2), from the hypergeometric series of whichever of p and
1 - p is not close to 1 (p near 1 keeps its digits as log1p(-(1 - p))). df and t are exact doubles.
Every whole df is checked against the finite trigonometric sum (Abramowitz and Stegun 26.7.3, 26.7.4).
Run from the repository root:
    python3 scripts/tables/student_t.py > test/data/student_t.tsv
"""

import sys

from mpmath import atan, beta, cos, hyp2f1, log, log1p, mp, mpf, nstr, pi, sin, sqrt, workdps

mp.dps = 60

DFS = [0.5, 0.75, 1, 1.5, 2, 2.5, 3, 3.7, 4, 5, 6.25, 7, 8, 10, 13, 17.3, 20, 30, 47, 64.5, 98, 100, 150]
DFS += [303, 356, 498.75, 700, 1000, 1234.567, 2000, 2681, 3333.3, 5000]
TS = [0.0, 1e-8, 1e-5, 1e-3, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 1, 1.2, 1.5, 1.7320508075688772, 1.9, 1.99, 2]
TS += [2.0000000000000004, 2.01, 2.1, 2.3, 2.5, 2.75, 3, 3.5, 4, 4.4, 5, 6, 7.5, 9, 11, 14, 18, 25, 37, 60, 99.5]
TS += [150, 250, 400, 500]
BEYOND = [1e3, 12345.6789, 1e10, 1e100, 1e154, 1e200, 1.7e308]


def log10_p(t, df):
    t, df = mpf(t), mpf(df)
    if t == 0:
        return mpf(0)
    a, half = df / 2, mpf(1) / 2
    y, x = df / (df + t * t), t * t / (df + t * t)
    if x < mpf(1) / 2 and a * x < 20:
        inside = 2 * sqrt(x) * y**a / beta(half, a) * hyp2f1(a + half, 1, mpf(3) / 2, x)
        return log1p(-inside) / log(10)
    outside = hyp2f1(half, a, a + 1, y) / (a * beta(a, half))
    return (a * log(y) + log(outside)) / log(10)


def log10_p_whole(t, df):
    """The same for a whole df, by a finite sum in theta = atan(t / sqrt df), with digits to spare."""
    t = mpf(t)
    theta = atan(t / sqrt(mpf(df)))
    c, s = cos(theta), sin(theta)
    total, term = mpf(0), (c if df % 2 else mpf(1))
    for k in range(3 if df % 2 else 2, df + 1, 2):
        total += term
        term *= c * c * (mpf(k - 1) / k)
    inside = 2 / pi * (theta + s * total) if df % 2 else s * total
    return log1p(-inside) / log(10)


print("df\tt\tlog10_p")
for df in DFS:
    for t in TS + BEYOND:
        value = log10_p(t, df)
        if df == int(df) and t <= 1e10 and value > -300:
            with workdps(420):
                check = log10_p_whole(t, int(df))
            if abs(check - value) > mpf(10) ** -40 * abs(value):
                sys.exit(f"df {df} t {t}: {nstr(value, 30)} by the series, {nstr(check, 30)} by the sum")
        print(f"{df!r}\t{t!r}\t{nstr(value, 25)}")
