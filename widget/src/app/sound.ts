/** A short soft ring for a new message, from one tab only, and never before the visitor has touched the widget. */

let audio: AudioContext | undefined;

/** Browsers let a page make sound only after a gesture in it; so we listen for the first one. */
export function listenForGesture(): void {
  const wake = (): void => {
    audio ??= new AudioContext();
    void audio.resume();
  };
  window.addEventListener("pointerdown", wake, { once: true });
  window.addEventListener("keydown", wake, { once: true });
}

/** Several tabs hear of the same message; the one that gets the lock rings. */
export function ring(message: string): void {
  if (audio?.state !== "running") return;
  if (!navigator.locks) return chime(audio); // only on https
  const sounding = audio;
  void navigator.locks.request(`ring:${message}`, { ifAvailable: true }, async (lock) => {
    if (!lock) return;
    chime(sounding);
    await new Promise((resolve) => setTimeout(resolve, 3000)); // until the slowest tab has heard too
  });
}

function chime(audio: AudioContext): void {
  for (const [pitch, after] of [[660, 0], [880, 0.09]] as const) {
    const tone = new OscillatorNode(audio, { frequency: pitch });
    const gain = new GainNode(audio, { gain: 0 });
    const begin = audio.currentTime + after;
    gain.gain.linearRampToValueAtTime(0.07, begin + 0.015);
    gain.gain.exponentialRampToValueAtTime(0.0001, begin + 0.35);
    tone.connect(gain).connect(audio.destination);
    tone.start(begin);
    tone.stop(begin + 0.4);
  }
}
