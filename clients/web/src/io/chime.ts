/** Two soft tones. Browsers let a page sound once somebody has clicked in it: the click that asks for it is that one. */

const TONES_HZ = [660, 880] as const;
const TONE_S = 0.18;
const LOUDNESS = 0.2;

export class Chime {
  private context: AudioContext | null = null;

  get on(): boolean {
    return this.context !== null;
  }

  /** Lets it sound from now on, and sounds once, so that whoever asked hears what it is like. */
  switchOn(): void {
    this.context ??= new AudioContext();
    this.ring();
  }

  switchOff(): void {
    void this.context?.close();
    this.context = null;
  }

  ring(): void {
    const { context } = this;
    if (context === null) return;
    void context.resume();
    TONES_HZ.forEach((hz, n) => {
      const from = context.currentTime + n * TONE_S;
      const tone = new OscillatorNode(context, { frequency: hz });
      const volume = new GainNode(context, { gain: 0 });
      // A tone that begins or ends at once clicks.
      volume.gain.setValueAtTime(0, from);
      volume.gain.linearRampToValueAtTime(LOUDNESS, from + 0.02);
      volume.gain.linearRampToValueAtTime(0, from + TONE_S);
      tone.connect(volume).connect(context.destination);
      tone.start(from);
      tone.stop(from + TONE_S);
    });
  }
}
