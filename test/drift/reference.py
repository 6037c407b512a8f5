"""Writes reference.json: what pymannkendall and SciPy say of 22 series, for test/drift/reference.test.ts.

    python3 -m venv /tmp/reference && /tmp/reference/bin/pip install pymannkendall==1.4.3 scipy==1.17.1
    /tmp/reference/bin/python test/drift/reference.py > test/drift/reference.json
"""

import json
import sys

import numpy as np
import pymannkendall as mk
from scipy import stats

random = np.random.default_rng(20240607)


def remembering(n, phi):
    out = np.zeros(n)
    for i in range(1, n):
        out[i] = phi * out[i - 1] + random.normal()
    return out


def series():
    for n in (8, 12, 24, 25, 60):
        yield f"white, {n}", random.normal(size=n)
        yield f"climbs, {n}", 0.1 * np.arange(n) + random.normal(size=n)
    for phi in (0.4, 0.8):
        yield f"remembers {phi}", remembering(64, phi)
        yield f"remembers {phi} and climbs", remembering(64, phi) + 0.05 * np.arange(64)
    yield "alternates", np.where(np.arange(40) % 2 == 0, 1.0, -1.0) + 0.1 * random.normal(size=40)
    yield "falls", -0.2 * np.arange(30) + random.normal(size=30)
    yield "heavy tails", random.standard_t(2, size=50)
    yield "whole numbers", random.integers(0, 4, size=40).astype(float)
    yield "whole numbers that climb", np.floor(np.arange(48) / 8) + random.integers(0, 2, size=48)
    yield "mostly 0", np.where(random.random(50) < 0.2, 0.01, 0.0)
    yield "sine", np.sin(np.arange(60) / 4) + 0.2 * random.normal(size=60)
    yield "only up", np.arange(10.0) ** 2


cases = []
for name, raw in series():
    values = np.round(raw, 4)
    n = len(values)
    plain = mk.original_test(values)
    hamed_rao = mk.hamed_rao_modification_test(values)
    slope, intercept, low, high = stats.theilslopes(values, np.arange(n))
    exact = (
        stats.kendalltau(np.arange(n), values, method="exact", alternative="greater").pvalue
        if n <= 25 and len(set(values)) == n
        else None
    )
    cases.append(
        {
            "name": name,
            "values": values.tolist(),
            "s": float(plain.s),
            "variance": float(plain.var_s),
            "z": float(plain.z),
            "p": float(plain.p),
            "exact": exact if exact is None else float(exact),
            "hamedRaoVariance": float(hamed_rao.var_s),
            "slope": float(slope),
            "intercept": float(intercept),
            "interval": [float(low), float(high)],
        }
    )
json.dump(cases, sys.stdout, indent=None)
print()
