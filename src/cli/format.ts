/** Numbers as a terminal shows them (plain text that can be pasted elsewhere); more in report/numbers.ts. */

/** `508 M`: a large count in three figures. */
export function shortCount(value: number): string {
  const units: readonly (readonly [number, string])[] = [
    [1e12, " T"],
    [1e9, " G"],
    [1e6, " M"],
    [1e3, " k"],
  ];
  for (const [size, unit] of units) {
    // 999,600 reads better as 1.00 M than as 1000 k.
    if (value >= size * 0.9995) return `${threeFigures(value / size)}${unit}`;
  }
  return String(Math.round(value));
}

function threeFigures(value: number): string {
  if (value >= 99.95) return value.toFixed(0);
  return value.toFixed(value >= 9.995 ? 1 : 2);
}

/** `12.3 MB`, powers of 1000 as file managers and `ls --si` count. */
export function fileSize(bytes: number): string {
  return bytes < 999.5 ? `${bytes} B` : `${shortCount(bytes)}B`;
}

/** `512 MiB`, powers of 1024 as `--memory` counts. */
export function memorySize(bytes: number): string {
  const gib = bytes / 2 ** 30;
  return gib >= 1 ? `${Number(gib.toFixed(1))} GiB` : `${Math.round(bytes / 2 ** 20)} MiB`;
}

/** `0.8 s`, `23 s`, `4 min 10 s`, `2 h 05 min`. */
export function duration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/** A p-value from its log10, right where p itself underflows: `0.0123`, `2.4e-28`, `3.1e-4012`. */
export function pValue(log10P: number): string {
  if (Number.isNaN(log10P)) return "NA";
  if (log10P > -3) return String(Number((10 ** log10P).toPrecision(3)));
  let exponent = Math.floor(log10P);
  let mantissa = (10 ** (log10P - exponent)).toFixed(1);
  if (mantissa === "10.0") {
    mantissa = "1.0";
    exponent++;
  }
  return `${mantissa}e${exponent}`;
}

/** Four significant figures: `-0.9238`, `1.200e-7`. */
export function effect(value: number): string {
  if (Number.isNaN(value)) return "NA";
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-3 || size >= 1e6) ? value.toExponential(3) : value.toPrecision(4);
}

/** A number as people type it: `0.05`, `1e-5`. */
export function shortNumber(value: number): string {
  const plain = String(value);
  const exponential = value.toExponential();
  return exponential.length < plain.length ? exponential : plain;
}
