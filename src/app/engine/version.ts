/** Put in by scripts/build-page.mjs. */
declare const QORTEX_VERSION: string | undefined;

/** Of Qortex, as package.json has it; tables carry it. */
export const VERSION = typeof QORTEX_VERSION === "string" ? QORTEX_VERSION : "0.0.0";
