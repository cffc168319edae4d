/** From a model's files to a {@link LanguageModel} on the best device. */

import { throwIfAborted } from '../errors.ts';
import type { LoadProgress, ModelFiles } from '../hub/types.ts';
import { CrashMark } from './crash-mark.ts';
import type { KeyValue } from './crash-mark.ts';
import { deviceError } from './device-errors.ts';
import { planDevices, probeDevices } from './device.ts';
import type { DevicePlan } from './device.ts';
import { createGpt2Model } from './gpt2-model.ts';
import { openBackend } from './open-backend.ts';
import type { BackendOptions, OpenBackend } from './open-backend.ts';
import { runSelfTest, selfTestOf } from './self-test.ts';
import { createTokenizer } from './tokenizer.ts';
import type { Backend, DeviceInfo, DeviceKind, LanguageModel } from './types.ts';

export interface EngineOptions extends BackendOptions {
  device?: 'auto' | DeviceKind;
  /** Devices that failed before in this session, with the reason. */
  avoid?: readonly { kind: DeviceKind; why: string }[];
  onProgress?(progress: LoadProgress): void;
  /** Told when the device dies, also between calls; the worker is of no use then. */
  onLost?(message: string): void;
  /** Where the mark of a first GPU load is kept; without it there is none. */
  marks?: KeyValue;
}

/** The device that {@link openEngine} would take, e.g. to choose a file for it. @throws VerseletError `no-device`. */
export async function chooseDevice(options: EngineOptions, modelBytes = 0): Promise<DevicePlan> {
  const probe = await probeDevices();
  const crashed = probe.gpu ? await new CrashMark(options.marks).found(probe.gpu.name) : false;
  return planDevices(probe, { wanted: options.device ?? 'auto', avoid: options.avoid, crashed, modelBytes })[0]!;
}

function reporter(files: ModelFiles, options: EngineOptions): (phase: LoadProgress['phase']) => void {
  const { bytes } = files.info;
  const known = { file: '', loaded: bytes, total: bytes, bytesPerSecond: 0, etaSeconds: Infinity, fromCache: true };
  return (phase) => options.onProgress?.({ phase, ...known });
}

/**
 * Opens the model on one device: one attempt, since a runtime that failed once cannot be trusted in this worker.
 * On a failure the caller starts a fresh worker and names the device in `avoid`.
 * @throws VerseletError `no-device` (also when the self-test fails), `out-of-memory`, `unsupported-model`, `aborted`.
 */
export async function openEngine(files: ModelFiles, options: EngineOptions = {}): Promise<LanguageModel> {
  const report = reporter(files, options);
  throwIfAborted(options.signal);
  report('load');
  const tokenizer = createTokenizer(files.tokenizer.json, files.tokenizer.config);
  const plan = await chooseDevice(options, files.weights.byteLength);
  const mark = new CrashMark(options.marks);
  if (plan.kind === 'webgpu') await mark.set(plan.name);
  let opened: OpenBackend | undefined;
  try {
    opened = await openBackend(files, plan, options);
    throwIfAborted(options.signal);
    report('self-test');
    const { backend } = opened;
    await runSelfTest(backend, selfTestOf(files.format === 'packed' ? files.card : undefined, backend.vocab));
    throwIfAborted(options.signal);
  } catch (error) {
    await opened?.backend.dispose().catch(() => {});
    throw deviceError(error, 'no-device');
  } finally {
    if (plan.kind === 'webgpu') await mark.clear();
  }
  report('ready');
  const { backend, lost } = opened;
  return createGpt2Model(backend, tokenizer, { device: deviceInfo(backend, plan), lost, onLost: options.onLost });
}

/** The plan with what the backend really uses. */
function deviceInfo({ device }: Backend, { kind, name }: DevicePlan): DeviceInfo {
  return { kind, name, threads: device.threads, why: device.why };
}
