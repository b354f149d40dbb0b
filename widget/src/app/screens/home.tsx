/** The first screen: a greeting, who is there, and what one may want to come back to. */

import type { JSX } from "preact";
import { Avatar } from "../parts/avatar";
import { Close, Tabs } from "../parts/band";
import { ConversationRow } from "../parts/conversation-row";
import { Icon } from "../parts/icon";
import { ActivityCard } from "../parts/records";
import { Bones } from "../parts/states";
import { initials } from "../format";
import { safeUrl } from "../safe";
import { agents, appearance, conversations, hasHelp, help, known, online, proving, session, verified, words } from "../state";
import { useChat } from "../use";
import { ENGLISH, fill } from "../words";

export function Home(): JSX.Element {
  const { state, items } = conversations.value;
  const recent = items[0];
  const isComing = known.value && /^(idle|loading)$/.test(state);
  return (
    <>
      <HomeBand />
      <div class="scroll over">
        <div class="pad">
          {(recent || isComing) && (
            <div class="card">{recent ? <ConversationRow one={recent} from="home" /> : <Bones rows={1} />}</div>
          )}
          <SendUs />
          {verified.value || proving.value ? <ActivityCard /> : <ActivityHint />}
          {hasHelp.value && <HelpCard />}
        </div>
      </div>
      <Tabs />
    </>
  );
}

function HomeBand(): JSX.Element {
  const look = appearance.value!;
  return (
    <header class="band home">
      <Motif />
      <div class="band-row">
        <div class="logo">
          <Tile />
          <span class="shop">{look.name}</span>
        </div>
        <Close />
      </div>
      <h1 dir="auto">{heading(look.welcome_heading)}</h1>
      <p class="tag" dir="auto">
        {look.welcome_tagline === ENGLISH.words.defaultTagline ? words().defaultTagline : look.welcome_tagline}
      </p>
      {look.show_online_badge && <Crew />}
    </header>
  );
}

/** A merchant's own words stay as written; the default ones are in the visitor's language, with a proven name. */
function heading(written: string): string {
  const name = verified.value && session.value?.name.trim().split(/\s+/)[0];
  if (written !== ENGLISH.words.defaultHeading) return written;
  return name ? fill(words().greeting, { name }) : words().defaultHeading;
}

function Tile(): JSX.Element {
  const look = appearance.value!;
  const logo = safeUrl(look.logo_url);
  return (
    <span class="tile" aria-hidden="true">
      {logo ? <img src={logo} alt="" referrerpolicy="no-referrer" /> : initials(look.name)}
    </span>
  );
}

function Crew(): JSX.Element {
  const said = words();
  if (online.value === null) return <div class="crew" />;
  return (
    <div class="crew">
      {online.value ? (
        <>
          {agents.value.length > 0 && (
            <span class="stack">
              {agents.value.slice(0, 3).map((agent) => (
                <Avatar key={agent.id} face={agent} size={28} />
              ))}
            </span>
          )}
          <span class="there">
            <i class="on-dot" />
            {said.onlineNow}
          </span>
        </>
      ) : (
        <>
          <Icon name="clock" size={18} />
          <span>{appearance.value!.assistant ? said.awayAssistant : said.away}</span>
        </>
      )}
    </div>
  );
}

function SendUs(): JSX.Element {
  const { chat } = useChat();
  const said = words();
  const look = appearance.value!;
  const isTold = look.show_online_badge && online.value !== null;
  const people = !isTold ? said.startHow : online.value ? said.sendUsOnline : said.sendUsAway;
  const presence = look.assistant ? said.sendUsAssistant : people;
  return (
    <div class="card">
      <button class="row" type="button" onClick={() => chat.showNew()}>
        <span class="glyph accent big">
          <Icon name="chat" />
        </span>
        <span class="main">
          <span class="t strong">{said.sendUs}</span>
          <span class="s">{presence}</span>
        </span>
        <Icon name="right" flip />
      </button>
    </div>
  );
}

const SHOWN = 3; // articles on Home

/** The way into the help centre: its search, and the first article of its first collections. */
function HelpCard(): JSX.Element {
  const { chat } = useChat();
  const said = words();
  const articles = help.value.collections.flatMap((one) => one.articles.slice(0, 1));
  return (
    <section class="card find" aria-label={said.help}>
      <button class="w-field" type="button" data-key="help" onClick={() => chat.show({ name: "help", seek: true })}>
        <Icon name="search" size={18} />
        {said.searchHelp}
      </button>
      <ul>
        {articles.slice(0, SHOWN).map((one) => (
          <li key={one.slug}>
            <button class="row slim" type="button" data-key={`article:${one.slug}`} onClick={() => chat.showArticle(one.slug)}>
              <span class="main" dir="auto">{one.title}</span>
              <Icon name="right" size={18} flip />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function ActivityHint(): JSX.Element {
  return (
    <div class="card">
      <div class="row still">
        <span class="glyph">
          <Icon name="shield" size={18} />
        </span>
        <span class="main">
          <span class="t">{words().activityHint}</span>
          <span class="s">{words().activityHow}</span>
        </span>
      </div>
    </div>
  );
}

function Motif(): JSX.Element {
  return (
    <svg class="motif" viewBox="0 0 300 300" aria-hidden="true">
      <g stroke-width="20" stroke-linejoin="round">
        <path d="M176 26c66 0 118 47 118 106s-52 106-118 106c-15 0-30-2-43-7l-61 26 19-52c-21-19-33-45-33-73C58 73 110 26 176 26z" />
        <path d="M176 86c30 0 54 21 54 46s-24 46-54 46-54-21-54-46 24-46 54-46z" />
      </g>
    </svg>
  );
}
