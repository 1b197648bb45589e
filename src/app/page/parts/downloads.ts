/** Files that the page makes, handed to the browser to save. Nothing leaves the machine. */

export function save(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser reads the blob after the click.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

export function svgBlob(svg: string): Blob {
  return new Blob([svg], { type: "image/svg+xml" });
}

/** A plot as the page shows it: without its own style rules, which the page's stand for, and without a tooltip over all of it. */
export function inPage(svg: string): string {
  return svg.replace(/<style>[\s\S]*?<\/style>/, "").replace(/<title>[\s\S]*?<\/title>/, "");
}

/** A PNG of a plot, `scale` pixels a unit: in daylight colours on white whatever the page's theme, as papers and slides want it. */
export async function pngBlob(svg: string, scale = 2): Promise<Blob> {
  const [, width, height] = /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(svg) ?? [];
  if (width === undefined || height === undefined) throw new Error("this plot has no size");
  const image = new Image();
  const url = URL.createObjectURL(svgBlob(svg.replace(/<style>[\s\S]*?<\/style>/, "")));
  try {
    image.src = url;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(Number(width) * scale);
    canvas.height = Math.round(Number(height) * scale);
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((done, fail) => {
      canvas.toBlob((blob) => {
        if (blob === null) fail(new Error("this browser could not draw the plot; take the SVG"));
        else done(blob);
      }, "image/png");
    });
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** A file name of any text. */
export function fileName(text: string): string {
  return text.replace(/[^\w.-]+/g, "-").replace(/^[-.]+|-+$/g, "") || "qortex";
}
