/** One's own menu: who one is here, the theme, the devices, and the way out. */

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { deviceName } from "../device";
import { words } from "../http";
import { Avatar } from "../kit/Avatar";
import { Segmented } from "../kit/Choice";
import { Dialog } from "../kit/Dialog";
import { Icon } from "../kit/Icon";
import { now } from "../kit/now";
import { Popover } from "../kit/Popover";
import { Failed, Skeleton } from "../kit/States";
import { type DeviceSession, revoke, sessions, signOut } from "../session";
import { sheetOpen } from "../shortcuts";
import { choose, preference, type Theme } from "../theme";
import { ago } from "../time";
import { problem } from "../toast";
import { useDesk } from "../work";

const THEMES = [
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
  { value: "auto", label: "Auto" },
] as const;

const ROLES = { agent: "Agent", admin: "Admin", owner: "Owner" } as const;

export function AccountMenu({ children }: { children: ComponentChildren }) {
  const { me, connection } = useDesk();
  const [devices, setDevices] = useState(false);
  const online = connection.state.value === "online" ? "online" : "reconnecting";
  return (
    <>
      <Popover
        button={children}
        label={`${me.agent.name}, ${online}`}
        class="who-am-i"
        panel="account"
        panelLabel="Your account"
        role="dialog"
      >
        {(close) => (
          <>
            <div class="id">
              <Avatar name={me.agent.name} url={me.agent.avatar_url} size={36} />
              <div class="grow">
                <b class="clip">{me.agent.name}</b>
                <span class="clip">{me.agent.email}</span>
                <span class="clip">
                  {ROLES[me.agent.role]} of {me.workspace.name}
                </span>
              </div>
            </div>
            <ThemeRow />
            <hr />
            <Action icon="monitor" label="Your sessions" run={() => (close(), setDevices(true))} />
            <Action icon="keyboard" label="Keyboard shortcuts" run={() => (close(), (sheetOpen.value = true))} />
            <hr />
            <Action icon="out" label="Sign out" run={leave} />
          </>
        )}
      </Popover>
      {devices && <Devices onClose={() => setDevices(false)} />}
    </>
  );
}

function ThemeRow() {
  const [theme, setTheme] = useState<Theme>(preference());
  const pick = (next: Theme): void => {
    choose(next);
    setTheme(next);
  };
  return (
    <div class="theme">
      Theme
      <Segmented label="Theme" value={theme} options={THEMES} onChange={pick} />
    </div>
  );
}

interface ActionProps {
  icon: Parameters<typeof Icon>[0]["name"];
  label: string;
  run: () => void;
}

function Action({ icon, label, run }: ActionProps) {
  return (
    <button type="button" class="mi" onClick={run}>
      <Icon name={icon} size={16} />
      {label}
    </button>
  );
}

async function leave(): Promise<void> {
  try {
    await signOut();
  } catch (error) {
    problem(words(error));
  }
}

type Loading = { items: DeviceSession[] } | { problem: string } | null;

function Devices({ onClose }: { onClose: () => void }) {
  const [loaded, setLoaded] = useState<Loading>(null);
  const load = (): void => {
    setLoaded(null);
    sessions().then(
      (items) => setLoaded({ items }),
      (error) => setLoaded({ problem: words(error) }),
    );
  };
  useEffect(load, []);

  const end = async (id: string): Promise<void> => {
    try {
      await revoke(id);
      setLoaded((before) => before && "items" in before ? { items: before.items.filter((one) => one.id !== id) } : before);
    } catch (error) {
      problem(words(error));
    }
  };
  const footer = (
    <button type="button" class="btn" onClick={onClose}>
      Done
    </button>
  );
  return (
    <Dialog title="Your sessions" about="Where you are signed in. End any you do not know." onClose={onClose} footer={footer}>
      {loaded === null && <Skeleton rows={2} />}
      {loaded && "problem" in loaded && <Failed title="The list did not load" problem={loaded.problem} onRetry={load} />}
      {loaded && "items" in loaded && (
        <ul class="devices">
          {loaded.items.map((one) => (
            <Device key={one.id} session={one} onEnd={() => end(one.id)} />
          ))}
        </ul>
      )}
    </Dialog>
  );
}

function Device({ session, onEnd }: { session: DeviceSession; onEnd: () => void }) {
  const name = deviceName(session.user_agent);
  return (
    <li>
      <Icon name={/iPhone|iPad|Android/.test(name) ? "mobile" : "monitor"} />
      <div class="grow">
        <b>{name}</b>
        <span class="muted">
          {session.address}, last seen {ago(session.last_seen_at, now.value)}
        </span>
      </div>
      {session.current ? (
        <span class="pill positive noicon">This one</span>
      ) : (
        <button type="button" class="btn sm" aria-label={`End the session ${name}`} onClick={onEnd}>
          End
        </button>
      )}
    </li>
  );
}
