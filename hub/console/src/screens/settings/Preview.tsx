/** The real widget in a frame, told of every change, on a page that is only drawn. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { OwnAppearance } from "../../appearance";
import { Segmented } from "../../kit/Choice";
import { Icon } from "../../kit/Icon";

type Device = "desktop" | "phone";

const SIZES = { small: 48, medium: 56, large: 68 } as const;
const GAP = 16; // between bubble and panel, as in the loader
const REACH = 120; // a bubble farther out would leave the drawn page

const MARK =
  "M16 2.5c7.6 0 13.5 5.6 13.5 12.8S23.6 28.1 16 28.1c-1.5 0-3-.2-4.3-.6L5.3 30c-.8.3-1.5-.4-1.3-1.2l1.1-4.6C3.4 21.9 2.5 18.7 2.5 15.3 2.5 8.1 8.4 2.5 16 2.5z" +
  "M9.6 11.2a2.7 2.7 0 0 1 2.7-2.7h6.2c3.3 0 5.6 2.2 5.6 5.2s-2.3 5.2-5.6 5.2h-4.1l-3.3 3.2c-.6.5-1.5.1-1.5-.7z";

export function Preview({ look }: { look: OwnAppearance }) {
  const [device, setDevice] = useState<Device>("desktop");
  const [dark, setDark] = useState(document.documentElement.dataset.theme === "dark");
  const [open, setOpen] = useState(true);
  const theme = dark ? "dark" : "light";
  const bare = look.own_button;
  const shown = open || bare;

  return (
    <aside class="pane pv-pane" aria-label="Live preview">
      <div class="bar">
        <h2 class="grow">Live preview</h2>
        <Segmented
          label="Device"
          value={device}
          options={[
            { value: "desktop", label: "Computer", icon: <Icon name="monitor" size={16} /> },
            { value: "phone", label: "Phone", icon: <Icon name="mobile" size={16} /> },
          ]}
          onChange={setDevice}
        />
        <button
          type="button"
          class="btn ghost icon"
          aria-label={dark ? "Preview in light" : "Preview in dark"}
          onClick={() => setDark(!dark)}
        >
          <Icon name={dark ? "sun" : "moon"} />
        </button>
      </div>
      <div class={`pv-stage ${device} ${look.position}${shown ? " shown" : ""}`} data-theme={theme} style={corner(look)}>
        <div class="pv-site" aria-hidden="true">
          <i />
          <i />
          <i />
        </div>
        <Widget look={look} theme={theme} />
        {!bare && !(device === "phone" && shown) && (
          <Bubble look={look} open={shown} toggle={() => setOpen(!open)} />
        )}
      </div>
      {device === "phone" && open && !bare && (
        <button type="button" class="btn sm pv-shut" onClick={() => setOpen(false)}>
          Show the bubble
        </button>
      )}
    </aside>
  );
}

/** Where the bubble stands; the panel above it, or in its place where the page has its own button. */
function corner(look: OwnAppearance): preact.CSSProperties {
  const size = SIZES[look.launcher_size];
  const x = Math.min(look.offset_x || 0, REACH);
  const y = Math.min(look.offset_y || 0, REACH);
  return {
    "--x": `${x}px`,
    "--y": `${y}px`,
    "--d": `${size}px`,
    "--up": `${look.own_button ? y : y + size + GAP}px`,
    "--fill": look.fill,
    "--on": look.on_primary,
  } as preact.CSSProperties;
}

function Bubble({ look, open, toggle }: { look: OwnAppearance; open: boolean; toggle: () => void }) {
  return (
    <button
      type="button"
      class="pv-bubble"
      aria-label={open ? "Close the previewed chat" : "Open the previewed chat"}
      aria-expanded={open}
      onClick={toggle}
    >
      <svg viewBox="0 0 32 32" aria-hidden="true">
        {open ? <path class="line" d="M8.6 12.5 16 19.9l7.4-7.4" /> : <path d={MARK} />}
      </svg>
      {!open && look.show_online_badge && <span class="pv-dot" />}
    </button>
  );
}

/** The app itself, in preview mode: it starts no session and believes only our window. */
function Widget({ look, theme }: { look: OwnAppearance; theme: "light" | "dark" }) {
  const frame = useRef<HTMLIFrameElement>(null);
  const [ready, setReady] = useState(0);
  const tell = (): void => {
    const message = { type: "preview", appearance: look, theme, online: true };
    frame.current?.contentWindow?.postMessage(message, location.origin);
  };

  useEffect(() => {
    const hear = ({ source, origin, data }: MessageEvent): void => {
      const ours = source === frame.current?.contentWindow && origin === location.origin;
      if (ours && data?.type === "preview-ready") setReady((times) => times + 1);
    };
    addEventListener("message", hear);
    return () => removeEventListener("message", hear);
  }, []);
  useEffect(tell, [look, theme, ready]);

  return (
    <iframe
      ref={frame}
      class="pv-w"
      title="The widget as visitors will see it"
      src={`/widget/app?id=${encodeURIComponent(look.id)}&preview=1`}
      onLoad={tell}
    />
  );
}
