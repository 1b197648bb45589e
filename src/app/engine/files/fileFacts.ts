import type { FileRole } from "../protocol.ts";

/** Chromosomes that were met in a file, under their one name, by the name that the file has. */
export interface SeenChromosomes {
  readonly names: ReadonlyMap<string, string>;
  /** Whether there can be no others. */
  readonly whole: boolean;
}

/** What is known of a file in its role. */
export interface FileFacts {
  readonly role: FileRole;
  /** One line: `PLINK samples, 358 samples`. */
  readonly says: string;
  readonly problem?: string | undefined;
  /** Sample ids; of tables that lie either way, the ones across and the ones down. */
  readonly samples?: readonly string[] | undefined;
  readonly across?: readonly string[] | undefined;
  readonly down?: readonly string[] | undefined;
  readonly variants?: number | undefined;
  /** Last position met of a chromosome, by its bare name. */
  readonly reach?: ReadonlyMap<string, number> | undefined;
  readonly build?: string | undefined;
  /** Of variants or genes. */
  readonly chromosomes?: SeenChromosomes | undefined;
  /** Expression has the places of its genes. */
  readonly placed?: boolean | undefined;
}

/** What is said of a file, whatever it was taken for. */
export type Described = Omit<FileFacts, "role">;
