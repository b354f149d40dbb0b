/** Text to copy: a block of code with quiet colours, and the button that copies. */

import { useEffect, useState } from "preact/hooks";
import { problem } from "../toast";
import { Icon } from "./Icon";
import "./code.css";

const TOKENS = /("[^"\n]*"|'[^'\n]*')|(><\/[a-z]+>|<\/?[a-z]+>?)|((?<=^|\s)\/\/[^\n]*)/gm;

export function Code({ text, label }: { text: string; label: string }) {
  return (
    <pre class="code" tabIndex={0} role="region" aria-label={label}>
      <code>{coloured(text)}</code>
    </pre>
  );
}

/** Strings, tags and remarks; the rest as it is. */
function coloured(text: string) {
  const parts = [];
  let end = 0;
  for (const found of text.matchAll(TOKENS)) {
    const look = found[1] ? "st" : found[2] ? "k" : "re";
    parts.push(text.slice(end, found.index), <span class={look}>{found[0]}</span>);
    end = found.index + found[0].length;
  }
  return [...parts, text.slice(end)];
}

interface CopyProps {
  text: string | (() => Promise<string>);
  class?: string;
  label?: string; // for screen readers, where only the glyph is shown
  onCopied?: () => void;
}

export function CopyButton({ text, class: look = "btn", label, onCopied }: CopyProps) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const clock = setTimeout(() => setCopied(false), 2_000);
    return () => clearTimeout(clock);
  }, [copied]);

  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(typeof text === "string" ? text : await text());
      setCopied(true);
      onCopied?.();
    } catch {
      problem("This browser did not let us copy. Select the text and copy it yourself.");
    }
  };
  return (
    <button type="button" class={look} onClick={copy} aria-label={label} title={label}>
      <Icon name={copied ? "check" : "copy"} size={16} />
      {!label && (copied ? "Copied" : "Copy")}
      <span class="sr" role="status">
        {copied ? "Copied" : ""}
      </span>
    </button>
  );
}
