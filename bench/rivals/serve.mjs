// What every rival's program has in common: it is given a shape, makes both matrices, says what it is, and then goes over
// the product as often as each line on standard input says. The matrices are small whole numbers, so that f32 is exact.

/** Row `r`, sample `s` of the genotypes; column `c`, sample `s` of the expression. */
export const left = (r, s) => (31 * r + 17 * s) % 3;
export const right = (c, s) => ((13 * c + 7 * s) % 11) - 5;

/** @returns {{rows: number, columns: number, samples: number, threads: number}} */
export function shape() {
  const [rows, columns, samples, threads] = process.argv.slice(2).map(Number);
  return { rows, columns, samples, threads };
}

/** rows x samples, and samples x columns: f32, row-major. */
export function matrices({ rows, columns, samples }) {
  const a = new Float32Array(rows * samples);
  for (let r = 0; r < rows; r++) for (let s = 0; s < samples; s++) a[r * samples + s] = left(r, s);
  const b = new Float32Array(samples * columns);
  for (let s = 0; s < samples; s++) for (let c = 0; c < columns; c++) b[s * columns + c] = right(c, s);
  return { a, b };
}

/** Says `detail`, then answers lines: `pass` makes the product once and returns its last number (a promise of it, too). */
export async function serve(detail, pass) {
  console.log(JSON.stringify({ detail, last: await pass() }));
  let text = "";
  for await (const chunk of process.stdin) {
    text += chunk;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
      const passes = Number(text.slice(0, end));
      text = text.slice(end + 1);
      const before = process.cpuUsage();
      const start = performance.now();
      let last;
      for (let i = 0; i < passes; i++) last = await pass();
      const seconds = (performance.now() - start) / 1000 / passes;
      const { user, system } = process.cpuUsage(before);
      console.log(JSON.stringify({ seconds, cpuSeconds: (user + system) / 1e6 / passes, last }));
    }
  }
}
