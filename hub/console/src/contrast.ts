/** Whether text on a brand colour can be read: the same sums as the hub's, for the live preview. */

export interface Readable {
  on: "#ffffff" | "#000000";
  fill: string;
  ratio: number;
}

export const ENOUGH = 4.5;

export const isHex = (text: string): boolean => /^#[0-9a-f]{6}$/i.test(text);

/** WCAG's contrast ratio, 1 to 21. */
export function ratio(one: string, other: string): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

/** White text where it reads, else black; one of the two always reaches 4.58 to 1. */
export function readable(colour: string): Readable {
  const white = ratio(colour, "#ffffff");
  if (white >= ENOUGH) return { on: "#ffffff", fill: colour, ratio: white };
  return { on: "#000000", fill: colour, ratio: ratio(colour, "#000000") };
}

export interface Verdict {
  tone: "positive" | "warning";
  words: string;
}

/** What Settings says below the colour. */
export function verdict(colour: string): Verdict {
  const { on, ratio: reached } = readable(colour);
  const number = reached.toFixed(1);
  if (on === "#ffffff") return { tone: "positive", words: `White text reads well, ${number} to 1` };
  const white = ratio(colour, "#ffffff").toFixed(1);
  return {
    tone: "warning",
    words: `Too light for white text (${white} to 1), so black is used: ${number} to 1`,
  };
}

function luminance(hex: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => linear(parseInt(hex.slice(at, at + 2), 16) / 255));
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

const linear = (channel: number): number =>
  channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
