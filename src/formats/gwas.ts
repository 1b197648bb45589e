import { InputError } from "../errors.ts";
import { log10 } from "../statistics/elementary.ts";
import { normalFromLog10P } from "../statistics/normal.ts";
