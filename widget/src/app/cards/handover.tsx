/** A person takes over: who is there, and where they may write when the visitor has gone. */

import type { JSX } from "preact";
import { useId, useState } from "preact/hooks";
import type { HandoverCard } from "../../../../chat/protocol";
import { Avatar } from "../parts/avatar";
import { Icon } from "../parts/icon";
import { agents, online, reach, verified, words } from "../state";
import { useChat } from "../use";

const FACES = 2;

export function Handover({ card }: { card: HandoverCard }): JSX.Element {
  const said = words();
  const isThere = online.value ?? card.online;
  return (
    <div class="card inset form handover">
      <div class="lead-in">
        {isThere && agents.value.length > 0 ? (
          <span class="stack">
            {agents.value.slice(0, FACES).map((agent) => (
              <Avatar key={agent.id} face={agent} size={32} />
            ))}
          </span>
        ) : (
          <span class="glyph">
            <Icon name={isThere ? "headset" : "clock"} size={18} />
          </span>
        )}
        <div>
          <h2>{said.personTakesOver}</h2>
          <p class="lead">{isThere ? said.personSoon : said.personAway}</p>
        </div>
      </div>
      {!verified.value && <Reach />}
    </div>
  );
}

/** The address is a claim like one the page makes: agents see it as such. */
function Reach(): JSX.Element {
  const { chat } = useChat();
  const said = words();
  const [email, setEmail] = useState("");
  const [isWrong, setWrong] = useState(false);
  const id = useId();
  const address = reach.value || chat.claimedEmail();
  if (address) {
    const [before, after = ""] = said.reached.split("{address}") as [string, string?];
    return (
      <p class="reached" role="status">
        <Icon name="check" size={16} />
        <span>{before}<bdi>{address}</bdi>{after}</span>
      </p>
    );
  }
  const submit = (event: Event): void => {
    event.preventDefault();
    const isAddress = /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email.trim());
    setWrong(!isAddress);
    if (isAddress) chat.reachAt(email.trim());
  };
  return (
    <form aria-live="off" noValidate onSubmit={submit}>
      <label class="lab" for={id}>
        {said.reachYou} <em>{said.optional}</em>
      </label>
      <div class="w-field">
        <input
          id={id}
          type="email"
          dir="ltr"
          inputmode="email"
          autocomplete="email"
          maxLength={320}
          placeholder={said.emailExample}
          aria-invalid={isWrong}
          aria-describedby={`${id}p`}
          value={email}
          onInput={(event) => setEmail(event.currentTarget.value)}
        />
        <button class="linkish" type="submit" disabled={!email.trim()}>{said.save}</button>
      </div>
      <p class="trouble" id={`${id}p`} role="status">
        {isWrong && <><Icon name="alert" size={16} />{said.codeProblems.email}</>}
      </p>
    </form>
  );
}
