"""Writes the tables of the beta, normal and gamma functions by mpmath at 60 digits:
test/data/beta.tsv    a, b, x, log I_x(a, b), log(1 - I_x(a, b))
test/data/normal.tsv  z, log10 of the two-sided tail, a double p, Phi^-1(p) (NA where p underflows)
test/data/gamma.tsv   function, a, b (0 where there is none), value
Run from the repository root: python3 scripts/tables/distributions.py test/data
"""

import sys

from mpmath import beta, erfc, hyp2f1, log, log1p, loggamma, mp, mpf, nstr, sqrt

mp.dps = 60
folder = sys.argv[1]


def show(value):
    return nstr(value, 25)


def tails(a, b, x):
    """log I_x(a, b) and its complement: the smaller by the hypergeometric series with positive terms."""
    if x > a / (a + b):
        upper, lower = tails(b, a, 1 - mpf(x))
        return lower, upper
    a, b, x = mpf(a), mpf(b), mpf(x)
    lower = a * log(x) + b * log1p(-x) + log(hyp2f1(a + b, 1, a + 1, x) / (a * beta(a, b)))
    return lower, log1p(-mp.exp(lower))


with open(f"{folder}/beta.tsv", "w") as out:
    print("a\tb\tx\tlog_lower\tlog_upper", file=out)
    shapes = [(0.5, 0.5), (0.01, 3), (1, 1), (1, 1000), (1.02, 347.25), (0.98, 5321.7), (2, 3), (7.5, 0.3)]
    shapes += [(10, 10), (33, 250.5), (400, 0.5), (1, 100000), (600, 900), (5000, 5000), (0.9, 30), (1e-3, 1e-3)]
    xs = [1e-300, 1e-20, 1e-8, 1e-5, 1e-4, 0.001, 0.01, 0.05, 0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9, 0.99, 0.999999]
    for a, b in shapes:
        for x in xs:
            lower, upper = tails(a, b, x)
            print(a, b, x, show(lower), show(upper), sep="\t", file=out)

with open(f"{folder}/normal.tsv", "w") as out:
    print("z\tlog10_two_sided\tp\tquantile", file=out)
    zs = [0, 1e-12, 1e-5, 0.01, 0.1, 0.3, 0.5, 0.67, 0.8, 1, 1.28, 1.5, 1.96, 2, 2.2, 2.4999, 2.5, 2.5001, 2.6, 3]
    zs += [3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 12, 15, 20, 25, 30, 36, 37.5]
    for z in zs + [40, 60, 100, 1000, 1e6, 1e100]:
        tail = erfc(mpf(z) / sqrt(2))
        log_tail = log(tail) / log(10) if z < 1e90 else -(mpf(z) ** 2) / 2 / log(10)
        p, quantile = "NA", "NA"
        if 0 < z < 38:
            # Newton's method from z: the quantile of the double next to the lower tail.
            p = float(tail / 2)
            root = mpf(-z)
            for _ in range(8):
                density = mp.exp(-root * root / 2) / sqrt(2 * mp.pi)
                root -= (erfc(-root / sqrt(2)) / 2 - mpf(p)) / density
            p, quantile = repr(p), show(root)
        print(z, show(log_tail), p, quantile, sep="\t", file=out)

with open(f"{folder}/gamma.tsv", "w") as out:
    print("function\ta\tb\tvalue", file=out)
    arguments = [1e-10, 1e-3, 0.1, 0.25, 0.5, 0.9, 1, 1.5, 1.9, 2, 2.5, 3, 4.7, 7, 9.5, 9.999, 10, 11.25, 15, 20, 50]
    arguments += [123.456, 1000, 2500, 1e5, 1234567.5, 1e10]
    for a in arguments:
        print("logGamma", a, 0, show(loggamma(mpf(a))), sep="\t", file=out)
        ratio = mp.exp(loggamma(mpf(a) + mpf(1) / 2) - loggamma(mpf(a)))
        print("gammaHalfRatio", a, 0, show(ratio), sep="\t", file=out)
        for b in [1e-3, 0.5, 1, 2.25, 8, 12.5, 300, 1e4, 1e7]:
            value = loggamma(mpf(a)) + loggamma(mpf(b)) - loggamma(mpf(a) + mpf(b))
            print("logBeta", a, b, show(value), sep="\t", file=out)
