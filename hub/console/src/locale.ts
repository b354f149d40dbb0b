/** The console speaks English; dates and amounts follow the reader's own kind of English. */

export const LOCALE = globalThis.navigator?.languages?.find((tag) => /^en\b/i.test(tag)) ?? "en-GB";
