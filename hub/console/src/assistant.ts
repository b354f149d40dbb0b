/** The assistant: its settings as the hub has them, and what each choice is called on screen. */

import type { AssuranceName, Message, ToolStep, Tone } from "../../../chat/protocol";
import { get, post, put } from "./http";
import type { IconName } from "./kit/icons";

export type EngineName = "built-in" | "model";
export type Rule = "answers" | "asks" | "never";

export interface AssistantTool {
  name: string;
  title: string;
  description: string;
  limit: string;
  needs: AssuranceName;
  rule: Rule;
}

/** What can be changed; amounts are exact text in `currency`. */
export interface Settings {
  on: boolean;
  engine: EngineName;
  discount_percent: string;
  rules: { readonly [tool: string]: Rule };
  answers: number; // in one conversation
  tokens_a_day: number;
  tokens_a_visitor: number;
  price_in: string; // a million tokens
  price_out: string;
  currency: string;
  cost_a_day: string | null; // null: no limit
  unhelpful: boolean;
  words: string[];
}

export interface Assistant extends Settings {
  model: { configured: boolean; name: string; host: string; installed: boolean };
  tools: AssistantTool[];
  usage: { answers: number; handovers: number; tokens: number; cost: string; median_ms: number | null };
  answering_now: number;
}

export interface Source {
  kind: "article" | "product" | "record" | "profile" | "discount";
  id: string;
  title: string;
  url: string;
}

/** An answer nobody was given: a draft for an agent, or a test. */
export interface Trial {
  text: string;
  cards: Message["cards"];
  choices?: string[];
  sources: Source[];
  steps: ToolStep[];
  passing?: { why: string; reason: string } | null;
  engine?: string; // "built-in", or the model's name
  ms: number;
}

export interface Asking {
  text: string;
  history: { author: "visitor" | "assistant"; text: string }[];
  customer: string | null; // null: a visitor nobody knows
  locale: string;
}

export interface Check {
  ok: boolean;
  ms: number;
  detail: string;
}

const BASE = "/console/api/assistant";

export const assistant = (): Promise<Assistant> => get(BASE);
export const saveAssistant = (changes: Partial<Settings>): Promise<Assistant> => put(BASE, changes);
export const checkModel = (): Promise<Check> => post(`${BASE}/check`);
export const tryAnswer = (asking: Asking): Promise<Trial> => post(`${BASE}/try`, asking);

export interface Look {
  word: string;
  tone: Tone;
  glyph: IconName;
}

export const RULES: { readonly [rule in Rule]: Look & { means: string } } = {
  answers: { word: "Answers", tone: "positive", glyph: "check", means: "by itself" },
  asks: { word: "Asks a person", tone: "warning", glyph: "person", means: "it hands over" },
  never: { word: "Never", tone: "neutral", glyph: "lock", means: "it may not" },
};

export const NEEDS: { readonly [name in AssuranceName]: string } = {
  anonymous: "Anyone",
  claimed: "Says who they are",
  email: "Email code",
  hmac: "Verified",
  token: "Signed token",
};

/** What the model needs from whoever runs the server. */
export const MODEL_SETTINGS = `AI_MODEL=gpt-5-mini
AI_BASE_URL=https://models.example.com/v1
AI_API_KEY=…`;

/** "1.1 s", "640 ms". */
export const took = (ms: number): string => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);
