/** What a webgpu backend has done so far: for the tests, and for those who wonder. */
export interface Activity {
  /** Pipelines compiled. */
  pipelines: number;
  /** Buffers made (those used again do not count). */
  buffers: number;
  submits: number;
  dispatches: number;
  /** Bytes that the host wrote to buffers. */
  bytesUploaded: number;
  /** Bytes that came back. */
  bytesRead: number;
  /** Milliseconds of the longest submit whose results were read. */
  longestSubmit: number;
  /** Tiles split since their candidates found no room. */
  splits: number;
  /** Devices lost, or refused. */
  losses: number;
}

export function noActivity(): Activity {
  return {
    pipelines: 0,
    buffers: 0,
    submits: 0,
    dispatches: 0,
    bytesUploaded: 0,
    bytesRead: 0,
    longestSubmit: 0,
    splits: 0,
    losses: 0,
  };
}
