/**
 * Flags of the WebGPU specification. Node has no global `GPUBufferUsage`, and the core asks for no global.
 * https://gpuweb.github.io/gpuweb/#namespacedef-gpubufferusage
 */
const MAP_READ = 0x1;
const COPY_SOURCE = 0x4;
const COPY_TARGET = 0x8;
const UNIFORM_BIT = 0x40;
const STORAGE_BIT = 0x80;
const QUERY_RESOLVE = 0x200;

/** Whatever kernels read and write. */
export const STORAGE = STORAGE_BIT | COPY_SOURCE | COPY_TARGET;
/** A kernel's parameters. */
export const UNIFORM = UNIFORM_BIT | COPY_TARGET;
/** What the host reads results from. */
export const READBACK = MAP_READ | COPY_TARGET;
/** Where a device puts the time. */
export const TIMES = QUERY_RESOLVE | COPY_SOURCE;

export const MAP_MODE_READ = 0x1;
export const STAGE_COMPUTE = 0x4;
