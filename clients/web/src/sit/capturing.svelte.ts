/** The device's camera, and the screen that is shared: one stream of each for the page, opened when she says so, without sound. Nothing leaves it but single small pictures. */

import { isEnough, sized, type Source } from "../core/captures";
import { MAX_CAMERA_SIDE, MAX_CAPTURED_BYTES, MAX_SCREEN_SIDE } from "../generated/limits";
import type { CaptureAsked } from "../generated/messages";

/** The next one is tried where a picture is too large: a room or a page full of detail. */
const QUALITIES = [0.7, 0.5, 0.3, 0.1];

/** Not all browsers know all of it; what they don't know they leave out. */
type ScreenOptions = DisplayMediaStreamOptions & { monitorTypeSurfaces: "include"; surfaceSwitching: "exclude"; selfBrowserSurface: "include" | "exclude" };

class Capturing {
  /** Null: it is off. */
  stream = $state.raw<MediaStream | null>(null);
  trying = $state(false);
  /** Why it is off, where it was tried: the browser or the device did not give it, or a part of the screen was chosen where the whole is asked for. */
  trouble = $state<"" | "failed" | "part">("");
  /** Told when it stops by itself. */
  onended: () => void = () => undefined;
  private video: HTMLVideoElement | null = null;
  /** Parts of the page that show that it is on. */
  private holders = 0;

  constructor(
    private readonly most: number,
    private readonly ask: (asked: CaptureAsked) => Promise<MediaStream>,
  ) {}

  async open(asked: CaptureAsked): Promise<boolean> {
    if (this.stream !== null) return true;
    if (this.trying) return false;
    this.trying = true;
    this.trouble = "";
    try {
      // A page without a secure address has no devices at all.
      const stream = await this.ask(asked);
      // What asked for it may be gone by now.
      if (this.holders === 0) stop(stream);
      else if (isEnough(asked, surfaceOf(stream))) this.begin(stream);
      else {
        stop(stream);
        this.trouble = "part";
      }
    } catch {
      this.trouble = "failed";
    }
    this.trying = false;
    return this.stream !== null;
  }

  /** A part of the page shows that it is on. Returns what to call when that is gone: it goes off unless another has come in its place. */
  hold(): () => void {
    this.holders += 1;
    return () => {
      this.holders -= 1;
      setTimeout(() => this.holders === 0 && this.close());
    };
  }

  close(): void {
    const { stream, video } = this;
    [this.stream, this.video, this.trouble] = [null, null, ""];
    if (stream !== null) stop(stream);
    if (video !== null) video.srcObject = null;
  }

  /** What it sees now; null: nothing yet. */
  async picture(asked: CaptureAsked): Promise<Blob | null> {
    const { stream, video } = this;
    if (stream !== null && !isEnough(asked, surfaceOf(stream))) {
      // The browser let her go over to a window or a tab.
      this.close();
      this.trouble = "part";
      this.onended();
      return null;
    }
    if (video === null || video.videoWidth === 0) return null;
    const canvas = Object.assign(document.createElement("canvas"), sized(video.videoWidth, video.videoHeight, this.most));
    canvas.getContext("2d")?.drawImage(video, 0, 0, canvas.width, canvas.height);
    for (const quality of QUALITIES) {
      const picture = await new Promise<Blob | null>((made) => canvas.toBlob(made, "image/jpeg", quality));
      if (picture !== null && picture.size <= MAX_CAPTURED_BYTES) return picture;
    }
    return null;
  }

  private begin(stream: MediaStream): void {
    for (const track of stream.getTracks()) {
      track.addEventListener("ended", () => {
        if (this.stream !== stream) return;
        this.close();
        this.onended();
      });
    }
    const video = document.createElement("video");
    Object.assign(video, { muted: true, playsInline: true, srcObject: stream });
    void video.play().catch(() => undefined);
    [this.video, this.stream] = [video, stream];
  }
}

function stop(stream: MediaStream): void {
  stream.getTracks().forEach((track) => track.stop());
}

function surfaceOf(stream: MediaStream): string | undefined {
  return stream.getVideoTracks()[0]?.getSettings().displaySurface;
}

function askForScreen({ whole_screen }: CaptureAsked): Promise<MediaStream> {
  const options: ScreenOptions = {
    video: { displaySurface: "monitor", frameRate: { ideal: 1, max: 5 } },
    audio: false,
    monitorTypeSurfaces: "include",
    surfaceSwitching: "exclude",
    selfBrowserSurface: whole_screen ? "exclude" : "include",
  };
  return navigator.mediaDevices.getDisplayMedia(options);
}

export const own: Record<Source, Capturing> = {
  camera: new Capturing(MAX_CAMERA_SIDE, () =>
    navigator.mediaDevices.getUserMedia({ video: { width: { ideal: MAX_CAMERA_SIDE }, height: { ideal: 240 }, facingMode: "user" } }),
  ),
  screen: new Capturing(MAX_SCREEN_SIDE, askForScreen),
};

/** Whether the device can give pictures. Asks for nothing. No telephone shares its screen. */
export async function isAble(source: Source): Promise<boolean> {
  const { mediaDevices } = navigator as Partial<Navigator>;
  if (source === "screen") return mediaDevices !== undefined && "getDisplayMedia" in mediaDevices;
  const devices = await mediaDevices?.enumerateDevices().catch(() => []);
  return devices?.some(({ kind }) => kind === "videoinput") === true;
}
