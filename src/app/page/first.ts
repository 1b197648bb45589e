/** Runs before the first paint, so that a page which is to be dark is never white first. Stands alone: no imports. */
try {
  const theme = localStorage.getItem("qortex-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset["theme"] = theme;
} catch {
  // A browser that keeps nothing: the system's theme.
}
