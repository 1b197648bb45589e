"""Expected numbers of the network room by numpy and scipy, written to function.json.

python3 test/data/network/make.py      (numpy 2.4.6, scipy 1.17.1)

Nothing here is shared with the code under test: eigenvectors by numpy's eigh of the whole correlation matrix, tests by
scipy.stats, generalised least squares by solving with the matrices of the textbook formula.
"""
import json
import os

import numpy as np
from scipy import integrate, stats

rng = np.random.default_rng(20261129)
out = {}

# Sums of chi-squares: equal weights, and two unequal ones by numerical integration over the first.
rows = []
for weight, m, q in [(1, 1, 1e-3), (1, 1, 1), (1, 1, 40), (2.5, 1, 300), (1, 10, 4), (1, 10, 10), (1, 10, 150),
                     (0.1, 200, 12), (0.1, 200, 20), (0.1, 200, 60), (3, 7, 2000)]:
    rows.append({"weights": [weight] * m, "q": q, "log10Upper": stats.chi2.logsf(q / weight, m) / np.log(10),
                 "log10Lower": stats.chi2.logcdf(q / weight, m) / np.log(10)})
for a, b, q in [(1, 0.3, 5), (1, 0.01, 2), (4, 3, 60), (1, 0.5, 0.2), (1, 0.9, 1.9)]:
    # x = s^2 takes the root out of the density of one degree of freedom.
    density = lambda s: np.sqrt(2 / np.pi) * np.exp(-s * s / 2)
    end = np.sqrt(q / a)
    inner = integrate.quad(lambda s: density(s) * stats.chi2.sf((q - a * s * s) / b, 1), 0, end,
                           epsabs=0, epsrel=1e-12, limit=500)[0]
    upper = inner + stats.chi2.sf(q / a, 1)
    rows.append({"weights": [b, a], "q": q, "log10Upper": np.log10(upper), "log10Lower": np.log10(1 - upper)})
out["chiSquareSums"] = rows

# Welch's t as a normal deviate; Mann and Whitney.
welch = []
for n1, n2, shift in [(2, 30, 0.5), (12, 300, 0.7), (40, 41, -2), (5, 6, 8)]:
    a, b = rng.normal(shift, 1.5, n1), rng.normal(0, 1, n2)
    test = stats.ttest_ind(a, b, equal_var=False)
    welch.append({"a": a.tolist(), "b": b.tolist(),
                  "z": float(np.sign(test.statistic) * stats.norm.isf(test.pvalue / 2))})
out["welch"] = welch
ranks = []
for n, k, ties in [(30, 7, False), (50, 20, True), (9, 2, False)]:
    x = rng.normal(size=n)
    if ties:
        x = np.round(x)
    members = rng.choice(n, k, replace=False)
    x[members] += 1
    rest = np.delete(x, members)
    test = stats.mannwhitneyu(x[members], rest, method="asymptotic", use_continuity=False)
    ranks.append({"values": x.tolist(), "members": members.tolist(), "auc": test.statistic / (k * (n - k)), "p": test.pvalue})
out["rankSums"] = ranks

# Co-regulation and function, from the definitions.
genes, samples, keep = 60, 25, 12
hidden = rng.normal(size=(4, samples))
expression = rng.normal(size=(genes, samples))
for g in range(48):
    expression[g] += 1.2 * hidden[g // 12]
sets = [list(range(0, 12)), [1, 5, 13, 17, 22, 29, 33, 40, 44, 59]]
standard = expression - expression.mean(1, keepdims=True)
standard /= np.linalg.norm(standard, axis=1, keepdims=True)
values, vectors = np.linalg.eigh(standard @ standard.T)
values, vectors = values[::-1], vectors[:, ::-1][:, :keep]
# Cronbach's alpha by its general formula, of genes of variance 1.
z_genes = standard * np.sqrt(samples - 1)
alpha = []
for k in range(keep):
    score = vectors[:, k] @ z_genes
    alpha.append(genes / (genes - 1) * (1 - (vectors[:, k] ** 2 * z_genes.var(1, ddof=1)).sum() / score.var(ddof=1)))
signs = np.sign(vectors[np.abs(vectors).argmax(0), np.arange(keep)])
E = vectors * signs
E = (E - E.mean(0)) / E.std(0, ddof=1)


def deviate(r, m):
    t = r * np.sqrt((m - 2) / (1 - r * r))
    return float(np.sign(t) * stats.norm.isf(stats.t.sf(abs(t), m - 2)))


def component_z(inside):
    outside = np.setdiff1d(np.arange(genes), inside)
    found = []
    for k in range(keep):
        test = stats.ttest_ind(E[inside, k], E[outside, k], equal_var=False)
        found.append(np.sign(test.statistic) * stats.norm.isf(test.pvalue / 2))
    return np.array(found)


predictions = []
for members in sets:
    z = component_z(members)
    score = [deviate(np.corrcoef(E[g], z)[0, 1], keep) for g in range(genes)]
    for g in members:
        score[g] = deviate(np.corrcoef(E[g], component_z([m for m in members if m != g]))[0, 1], keep)
    score = np.array(score)
    test = stats.mannwhitneyu(score[members], np.delete(score, members), method="asymptotic", use_continuity=False)
    predictions.append({"members": members, "componentZ": z.tolist(), "score": score.tolist(),
                        "auc": test.statistic / (len(members) * (genes - len(members))), "p": test.pvalue})
corr = np.corrcoef(E)
out["coregulation"] = {"genes": genes, "samples": samples, "components": keep, "expression": expression.tolist(),
                       "eigenvalues": values[:samples - 1].tolist(), "alpha": alpha,
                       "z": [[deviate(corr[a, b], keep) for b in range(a)] for a in range(genes)],
                       "predictions": predictions}

# Generalised least squares: two blocks, 90 % of the variance of each.
blocks, y, x, covariate = [], rng.normal(size=11), rng.normal(size=11), rng.normal(size=11)
white = []
for members in ([0, 3, 4, 7, 9, 10], [1, 2, 5, 6, 8]):
    n = len(members)
    loading = rng.normal(size=(n, 3))
    cov = loading @ loading.T + 0.3 * np.eye(n)
    sd = np.sqrt(np.diag(cov))
    matrix = cov / sd / sd[:, None]
    blocks.append({"genes": members, "matrix": matrix.ravel().tolist()})
    lam, u = np.linalg.eigh(matrix)
    lam, u = lam[::-1], u[:, ::-1]
    count = int(np.searchsorted(np.cumsum(lam), 0.9 * n - 1e-12) + 1)
    white.append((members, lam[:count], u[:, :count]))
size = sum(len(lam) for _, lam, _ in white)
U = np.zeros((11, size))
L = np.zeros(size)
at = 0
for members, lam, u in white:
    U[members, at:at + len(lam)] = u
    L[at:at + len(lam)] = lam
    at += len(lam)
X = np.column_stack([np.ones(11), covariate, x])
Xh, Yh, W = U.T @ X, U.T @ y, np.diag(1 / L)
inverse = np.linalg.inv(Xh.T @ W @ Xh)
beta = inverse @ Xh.T @ W @ Yh
residual = Yh - Xh @ beta
s2 = residual @ W @ residual / (size - 3)
se = np.sqrt(s2 * inverse[2, 2])
out["gls"] = {"blocks": blocks, "y": y.tolist(), "x": x.tolist(), "covariate": covariate.tolist(), "size": size,
              "beta": beta[2], "se": se, "p": 2 * stats.t.sf(abs(beta[2] / se), size - 3)}

# Enrichment score by its definition: the running sum over all genes.
score = np.sort(rng.normal(size=40))[::-1]
places = sorted(rng.choice(40, 8, replace=False).tolist())
hit = np.zeros(40)
hit[places] = np.abs(score[places]) / np.abs(score[places]).sum()
miss = np.full(40, 1 / 32)
miss[places] = 0
running = np.cumsum(hit - miss)
out["gsea"] = {"score": score.tolist(), "places": places, "es": running[np.abs(running).argmax()]}

# Over-representation, and a ranking in which most scores are tied: a set of its own, whatever is above.
rng = np.random.default_rng(20261130)
background, lists, sets = 400, [60, 25], [20, 45, 8]
members = [sorted(rng.choice(background, size, replace=False).tolist()) for size in lists]
tested = [sorted(set(rng.choice(members[i % 2], size // 3, replace=False).tolist() + rng.choice(background, size - size // 3, replace=False).tolist()))
          for i, size in enumerate(sets)]
overlaps = []
for one in members:
    p, odds = [], []
    for other in tested:
        k = len(set(one) & set(other))
        p.append(stats.hypergeom.sf(k - 1, background, len(other), len(one)))
        table = [[k, len(one) - k], [len(other) - k, background - len(one) - len(other) + k]]
        odds.append(stats.contingency.odds_ratio(table, kind="sample").statistic)
    q = stats.false_discovery_control(p)
    overlaps.append([{"p": float(a), "q": float(b), "odds": float(c)} for a, b, c in zip(p, q, odds)])
score = np.round(rng.normal(0, 1, background) * 2) / 2
score[tested[0]] += 0.5
ranked = []
for other in tested:
    rest = np.setdiff1d(np.arange(background), other)
    test = stats.mannwhitneyu(score[other], score[rest], method="asymptotic", use_continuity=False)
    ranked.append({"auc": test.statistic / len(other) / len(rest), "p": test.pvalue})
out["enrichment"] = {"background": background, "lists": members, "sets": tested, "overlaps": overlaps,
                     "score": score.tolist(), "ranked": ranked}

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "function.json"), "w") as file:
    json.dump(out, file)
