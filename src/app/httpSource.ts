import { InputError } from "../errors.ts";
import { type ByteSource, bytesSource } from "../formats/source.ts";

/**
 * A file behind an address, read in ranges as they are asked for; where the server knows none, fetched whole.
 * Throws InputError where it is not there, or does not answer.
 */
export async function httpSource(url: string, name: string): Promise<ByteSource> {
  const first = await ask(url, name, 0, 1);
  if (first.status !== 206) return bytesSource(new Uint8Array(await first.arrayBuffer()), name);
  const size = Number(/\/(\d+)$/.exec(first.headers.get("Content-Range") ?? "")?.[1] ?? Number.NaN);
  // An unread answer would keep the connection.
  await first.body?.cancel();
  if (!Number.isSafeInteger(size)) throw new InputError(name, "the server does not say how long it is");
  return {
    name,
    size,
    async read(start, end) {
      if (start === end) return new Uint8Array(0);
      const response = await ask(url, name, start, end);
      const bytes = new Uint8Array(await response.arrayBuffer());
      const part = response.status === 206 ? bytes : bytes.subarray(start, end);
      if (part.length !== end - start) {
        throw new InputError(
          name,
          `ended at byte ${start + part.length}, ${end} expected`,
          "reload the page",
        );
      }
      return part;
    },
  };
}

async function ask(url: string, name: string, start: number, end: number): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { headers: { Range: `bytes=${start}-${end - 1}` } });
  } catch (cause) {
    throw new InputError(name, "the server does not answer", "see that it still runs, and reload", { cause });
  }
  // Of an empty file no range can be given.
  if (response.status === 416) return new Response(new ArrayBuffer(0));
  if (!response.ok) throw new InputError(name, `the server answers ${response.status}`, "check the address");
  return response;
}
