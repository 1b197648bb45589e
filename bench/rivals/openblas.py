"""numpy's matrix product, which is OpenBLAS's sgemm where numpy is Debian's: the protocol of serve.mjs."""
import json
import sys
import time

import numpy

rows, columns, samples, threads = map(int, sys.argv[1:5])
r, s, c = numpy.arange(rows), numpy.arange(samples), numpy.arange(columns)
a = ((31 * r[:, None] + 17 * s[None, :]) % 3).astype(numpy.float32)
b = ((13 * c[None, :] + 7 * s[:, None]) % 11 - 5).astype(numpy.float32)
out = numpy.empty((rows, columns), numpy.float32)


def library():
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return "BLAS unknown: threadpoolctl is not installed (Debian: apt-get install python3-threadpoolctl)"
    found = [one for one in threadpool_info() if one["user_api"] == "blas"]
    if not found:
        return "a BLAS that threadpoolctl does not know"
    one = found[0]
    return f"{one['internal_api']} {one['version']}, kernel {one.get('architecture', 'unknown')}, {one['num_threads']} threads"


def product():
    numpy.matmul(a, b, out=out)
    return float(out[-1, -1])


last = product()
print(json.dumps({"detail": f"numpy {numpy.__version__}, {library()}", "last": last}), flush=True)
for line in sys.stdin:
    passes = int(line)
    start, before = time.perf_counter(), time.process_time()
    for _ in range(passes):
        last = product()
    seconds, cpu = time.perf_counter() - start, time.process_time() - before
    print(json.dumps({"seconds": seconds / passes, "cpuSeconds": cpu / passes, "last": last}), flush=True)
