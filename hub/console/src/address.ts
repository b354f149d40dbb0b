/** Addresses from outside: only http and https become links or pictures. */

export function webAddress(text: string | null | undefined): string | null {
  if (!text) return null;
  try {
    const url = new URL(text);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
  } catch {
    return null;
  }
}

/** "kestrelandclay.example/account/orders": an address short enough to read. */
export function shortAddress(text: string): string {
  const address = webAddress(text);
  if (!address) return text;
  const { host, pathname } = new URL(address);
  return host + (pathname === "/" ? "" : pathname);
}
