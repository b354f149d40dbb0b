/** The looks of the workspace's widget: what the form changes, and what is checked before it is saved. */

import type { Appearance } from "../../../chat/protocol";
import { webAddress } from "./address";
import { isHex, readable } from "./contrast";
import { get, put } from "./http";

export interface OwnAppearance extends Appearance {
  domain: string;
}

export type Look = Omit<OwnAppearance, "id" | "on_primary" | "fill">;
export type Problems = { [field in keyof Look]?: string };

export const LENGTHS = { name: 100, welcome_heading: 80, welcome_tagline: 160, domain: 255 } as const;
export const FARTHEST = 1000; // pixels from the corner

const PATH = "/console/api/appearance";

export const appearance = (): Promise<OwnAppearance> => get(PATH);

/** Only what was changed is sent: a colleague's change of another field is kept. */
export const saveAppearance = (change: Partial<Look>): Promise<OwnAppearance> => put(PATH, change);

export function problems(look: Look): Problems {
  const found: Problems = {};
  if (!look.name.trim()) found.name = "Visitors see this name above the conversation.";
  if (!isHex(look.primary_color)) found.primary_color = "A colour such as #7650FF.";
  if (look.logo_url && !webAddress(look.logo_url)) found.logo_url = "An address that begins with https://";
  for (const axis of ["offset_x", "offset_y"] as const) {
    const inside = Number.isInteger(look[axis]) && look[axis] >= 0 && look[axis] <= FARTHEST;
    if (!inside) found[axis] = `0 to ${FARTHEST} pixels.`;
  }
  return found;
}

/** The fields of `look` that differ from what is saved. */
export function changes(saved: OwnAppearance, look: Partial<Look>): Partial<Look> {
  const changed = Object.entries(look).filter(([field, value]) => saved[field as keyof Look] !== value);
  return Object.fromEntries(changed) as Partial<Look>;
}

/** What the preview shows: as the hub would answer once it is saved. */
export function previewed(saved: OwnAppearance, look: Partial<Look>): OwnAppearance {
  const next = { ...saved, ...look };
  const { on, fill } = readable(isHex(next.primary_color) ? next.primary_color : saved.primary_color);
  const logo = webAddress(next.logo_url);
  return { ...next, logo_url: logo, on_primary: on, fill };
}
