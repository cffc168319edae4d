/** The way of results to the CPU: one buffer, which grows with the largest. One read at a time. */
export class Readback {
  readonly #device: GPUDevice;
  readonly #lost: Promise<never>;
  readonly #counts: { bytesRead: number; buffersCreated: number };
  #staging: GPUBuffer | undefined;

  /** @param lost rejects when the device goes. */
  constructor(device: GPUDevice, lost: Promise<never>, counts: { bytesRead: number; buffersCreated: number }) {
    this.#device = device;
    this.#lost = lost;
    this.#counts = counts;
  }

  /** Encodes the copy of `bytes` of `source` from byte `from` on; {@link Readback.read} comes after the submit. */
  copy(encoder: GPUCommandEncoder, source: GPUBuffer, from: number, bytes: number): void {
    if ((this.#staging?.size ?? 0) < bytes) {
      this.#staging?.destroy();
      const size = Math.max(bytes, Math.min(source.size, 2 * bytes));
      this.#staging = this.#device.createBuffer({ size, usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ });
      this.#counts.buffersCreated += 1;
    }
    encoder.copyBufferToBuffer(source, from, this.#staging!, 0, bytes);
  }

  /** What was copied. @throws VerseletError `device-lost`. */
  async read(bytes: number): Promise<ArrayBuffer> {
    const staging = this.#staging!;
    this.#counts.bytesRead += bytes;
    await Promise.race([staging.mapAsync(GPUMapMode.READ, 0, bytes), this.#lost]);
    const result = staging.getMappedRange(0, bytes).slice(0);
    staging.unmap();
    return result;
  }
}
