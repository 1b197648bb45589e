import { InputError } from "../../errors.ts";
import type { GivenFile } from "../engine/protocol.ts";

/** A file that the page's own server has, whole; `url` is relative to the page. Throws InputError where it is not there, `fix` says what to do. */
export async function fetchedFile(name: string, url: string, fix: string): Promise<GivenFile> {
  let answer: Response;
  try {
    answer = await fetch(new URL(url, document.baseURI));
  } catch (cause) {
    throw new InputError(name, "the server does not answer", "see that it still runs, and reload", { cause });
  }
  if (!answer.ok) throw new InputError(name, `the server answers ${answer.status}`, fix);
  try {
    return { name, file: new File([await answer.blob()], name) };
  } catch (cause) {
    throw new InputError(name, "the server broke off", "see that it still runs, and reload", { cause });
  }
}
