/** The fields of the launcher's form: its colour and words, and where the bubble stands. */

import { FARTHEST, LENGTHS, type Look, type Problems } from "../../appearance";
import { isHex, verdict } from "../../contrast";
import { Segmented, Switch } from "../../kit/Choice";
import { Field } from "../../kit/Field";
import { Icon } from "../../kit/Icon";

export type Change = (change: Partial<Look>) => void;

interface PartProps {
  look: Look;
  wrong: Problems;
  change: Change;
}

export function Words({ look, wrong, change }: PartProps) {
  return (
    <section class="card sc stacked" aria-label="Colour and words">
      <h3>Colour and words</h3>
      <Colour look={look} wrong={wrong} change={change} />
      <Field
        label="Name"
        value={look.name}
        onText={(name) => change({ name })}
        maxLength={LENGTHS.name}
        problem={wrong.name}
      />
      <Field
        label="Heading"
        value={look.welcome_heading}
        onText={(welcome_heading) => change({ welcome_heading })}
        maxLength={LENGTHS.welcome_heading}
        problem={wrong.welcome_heading}
      />
      <Field
        label="Tagline"
        value={look.welcome_tagline}
        onText={(welcome_tagline) => change({ welcome_tagline })}
        maxLength={LENGTHS.welcome_tagline}
        hint={`${look.welcome_tagline.length} of ${LENGTHS.welcome_tagline} characters`}
        problem={wrong.welcome_tagline}
      />
      <Field
        label="Logo"
        type="url"
        value={look.logo_url ?? ""}
        onText={(logo_url) => change({ logo_url: logo_url || null })}
        placeholder="https://"
        hint="Address of an SVG or PNG, at least 96 px. Empty: the first letter of the name."
        problem={wrong.logo_url}
        after={<Icon name="image" size={16} />}
      />
      <Field
        label="Website"
        value={look.domain}
        onText={(domain) => change({ domain })}
        placeholder="shop.example"
        maxLength={LENGTHS.domain}
        hint="Only this site may show the widget. Empty: any site."
        problem={wrong.domain}
      />
    </section>
  );
}

const SWATCHES = ["#7650ff", "#0b5d3b", "#1f5fbf", "#c2452d", "#1b1922", "#ffb400"] as const;

function Colour({ look, wrong, change }: PartProps) {
  const set = (primary_color: string): void => change({ primary_color });
  const chosen = look.primary_color.toLowerCase();
  return (
    <div>
      <div class="colours">
        <Field
          label="Brand colour"
          value={look.primary_color}
          onText={set}
          maxLength={7}
          mono
          problem={wrong.primary_color}
          before={
            <input
              type="color"
              class="well"
              aria-label="Pick a colour"
              value={isHex(chosen) ? chosen : "#7650ff"}
              onInput={(event) => set(event.currentTarget.value.toUpperCase())}
            />
          }
        />
        <div class="swatches" role="group" aria-label="Suggestions">
          {SWATCHES.map((swatch) => (
            <button
              key={swatch}
              type="button"
              class={swatch === chosen ? "swt on" : "swt"}
              style={{ background: swatch }}
              aria-label={swatch}
              aria-pressed={swatch === chosen}
              onClick={() => set(swatch.toUpperCase())}
            >
              {swatch === chosen && <Icon name="check" size={14} />}
            </button>
          ))}
        </div>
      </div>
      {isHex(chosen) && <Contrast colour={chosen} />}
    </div>
  );
}

function Contrast({ colour }: { colour: string }) {
  const { tone, words: said } = verdict(colour);
  return (
    <p class={`hint contrast ${tone}`} role="status">
      <Icon name={tone === "positive" ? "check" : "alert"} size={14} />
      {said}
    </p>
  );
}

const SIZES = [
  { value: "small", label: "Small" },
  { value: "medium", label: "Medium" },
  { value: "large", label: "Large" },
] as const;

const SIDES = [
  { value: "left", label: "Left" },
  { value: "right", label: "Right" },
] as const;

export function Place({ look, wrong, change }: PartProps) {
  return (
    <section class="card sc sets" aria-label="Bubble">
      <div class="set">
        <div class="grow">
          <b>Size</b>
          <p>Diameter 48, 56 or 68 pixels</p>
        </div>
        <Segmented
          label="Size"
          value={look.launcher_size}
          options={SIZES}
          onChange={(launcher_size) => change({ launcher_size })}
        />
      </div>
      <div class="set">
        <div class="grow">
          <b>Side</b>
          <p>The corner at the bottom of the page</p>
        </div>
        <Segmented label="Side" value={look.position} options={SIDES} onChange={(position) => change({ position })} />
      </div>
      <div class="set">
        <div class="grow">
          <b>Distance from the corner</b>
          <p class={wrong.offset_x || wrong.offset_y ? "hint bad" : ""}>
            {wrong.offset_x ?? wrong.offset_y ?? "Pixels from the side and the bottom"}
          </p>
        </div>
        <div class="flex">
          <Pixels label="From the side" axis="x" value={look.offset_x} onChange={(offset_x) => change({ offset_x })} />
          <Pixels label="From the bottom" axis="y" value={look.offset_y} onChange={(offset_y) => change({ offset_y })} />
        </div>
      </div>
      <div class="set">
        <div class="grow">
          <b>Online dot</b>
          <p>Green while an agent is online</p>
        </div>
        <Switch
          label="Online dot"
          on={look.show_online_badge}
          onChange={(show_online_badge) => change({ show_online_badge })}
        />
      </div>
      <div class="set">
        <div class="grow">
          <b>Use my own button</b>
          <p>
            Hides the bubble. Open it with <span class="mono">SoftbetChat('open')</span>
          </p>
        </div>
        <Switch label="Use my own button" on={look.own_button} onChange={(own_button) => change({ own_button })} />
      </div>
    </section>
  );
}

interface PixelsProps {
  label: string;
  axis: "x" | "y";
  value: number;
  onChange: (value: number) => void;
}

function Pixels({ label, axis, value, onChange }: PixelsProps) {
  return (
    <div class="px">
      <Field
        label={label}
        hideLabel
        type="number"
        inputMode="numeric"
        maxLength={String(FARTHEST).length}
        value={Number.isNaN(value) ? "" : String(value)}
        onText={(text) => onChange(text === "" ? NaN : Number(text))}
        after={<span aria-hidden="true">{axis}</span>}
      />
    </div>
  );
}
