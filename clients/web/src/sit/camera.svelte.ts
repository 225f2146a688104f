/** The device's camera: one stream for the page, opened when she says so, without sound. Nothing leaves it but single small pictures. */

import { sized } from "../core/camera";
import { MAX_CAMERA_BYTES, MAX_CAMERA_SIDE } from "../generated/limits";

/** The next one is tried where a picture is too large: a room full of detail. */
const QUALITIES = [0.7, 0.5, 0.3, 0.1];

class OwnCamera {
  /** Null: it is off. */
  stream = $state.raw<MediaStream | null>(null);
  trying = $state(false);
  /** The browser or the device did not give it. */
  failed = $state(false);
  /** Told when it stops by itself. */
  onended: () => void = () => undefined;
  private video: HTMLVideoElement | null = null;

  async open(): Promise<boolean> {
    if (this.stream !== null) return true;
    if (this.trying) return false;
    this.trying = true;
    try {
      // A page without a secure address has no devices at all.
      const stream = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: MAX_CAMERA_SIDE }, height: { ideal: 240 }, facingMode: "user" } });
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
      [this.video, this.stream, this.failed] = [video, stream, false];
    } catch {
      this.failed = true;
    }
    this.trying = false;
    return this.stream !== null;
  }

  close(): void {
    const { stream, video } = this;
    [this.stream, this.video] = [null, null];
    stream?.getTracks().forEach((track) => track.stop());
    if (video !== null) video.srcObject = null;
  }

  /** What it sees now; null: nothing yet. */
  async picture(): Promise<Blob | null> {
    const { video } = this;
    if (video === null || video.videoWidth === 0) return null;
    const canvas = Object.assign(document.createElement("canvas"), sized(video.videoWidth, video.videoHeight, MAX_CAMERA_SIDE));
    canvas.getContext("2d")?.drawImage(video, 0, 0, canvas.width, canvas.height);
    for (const quality of QUALITIES) {
      const picture = await new Promise<Blob | null>((made) => canvas.toBlob(made, "image/jpeg", quality));
      if (picture !== null && picture.size <= MAX_CAMERA_BYTES) return picture;
    }
    return null;
  }
}

export const camera = new OwnCamera();

/** Whether the device has one. Asks for nothing. */
export async function hasCamera(): Promise<boolean> {
  const devices = await navigator.mediaDevices?.enumerateDevices().catch(() => []);
  return devices?.some(({ kind }) => kind === "videoinput") === true;
}
