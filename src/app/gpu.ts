/** The page's GPU object; undefined where the browser has no WebGPU, or the page is not served securely. */
export function pageGpu(): GPU | undefined {
  return "gpu" in navigator ? navigator.gpu : undefined;
}
