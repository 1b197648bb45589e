/** Serves a folder to this machine alone; see serve-app.mjs. */
export declare function serve(
  folder: string,
  options?: { readonly port?: number; readonly path?: string; readonly isolate?: boolean },
): Promise<{ readonly port: number; close(): Promise<void> }>;
