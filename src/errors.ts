/**
 * The one error type of Verselet, and the closed list of its codes.
 * Every failure that a caller can act on is one of these; `hint` says what to do next.
 */

export const ERROR_CODES = [
  'bad-request',
  'model-not-found',
  'unsupported-model',
  'network',
  'hub-refused',
  'integrity',
  'quota',
  'storage-blocked',
  'no-device',
  'device-lost',
  'out-of-memory',
  'aborted',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** What crosses a worker or frame boundary in place of a {@link VerseletError}. */
export interface ErrorData {
  code: ErrorCode;
  message: string;
  hint: string;
}

const DEFAULT_HINTS: Record<ErrorCode, string> = {
  'bad-request': 'Correct the named field and try again.',
  'model-not-found': 'Check the model id and revision, or choose another model.',
  'unsupported-model': 'Choose a GPT-2 model.',
  network: 'Check the connection and try again; what was downloaded is kept.',
  'hub-refused': 'Try again later, or choose another model or hub.',
  integrity: 'The file differs from what the hub announced. Try again; nothing of it was used.',
  quota: 'Free some storage, or delete models that are kept here.',
  'storage-blocked': 'Close other tabs of this page, or allow this site to store data.',
  'no-device': 'Use a browser with WebAssembly SIMD, or allow it in the settings.',
  'device-lost': 'Compose again; if it happens once more, choose the CPU.',
  'out-of-memory': 'Close other tabs, or choose a smaller model.',
  aborted: 'Nothing to do: the work was stopped as asked.',
};

/** An error with a code from {@link ERROR_CODES} and a sentence that says what to do. */
export class VerseletError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'VerseletError';
    this.code = code;
    this.hint = options.hint ?? DEFAULT_HINTS[code];
  }

  /** Plain data for a message; the cause stays on its side of the boundary. */
  toData(): ErrorData {
    return { code: this.code, message: this.message, hint: this.hint };
  }

  /** The error that {@link toData} described. */
  static fromData(data: ErrorData): VerseletError {
    return new VerseletError(data.code, data.message, { hint: data.hint });
  }
}

/** Whether `value` is one of the closed list of codes. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return (ERROR_CODES as readonly unknown[]).includes(value);
}

/**
 * Any thrown thing as a {@link VerseletError}; an abort keeps its meaning whatever class it came as.
 * @param fallback the code for errors that carry none.
 */
export function asVerseletError(error: unknown, fallback: ErrorCode = 'no-device'): VerseletError {
  if (error instanceof VerseletError) return error;
  if (error instanceof Error && error.name === 'AbortError') {
    return new VerseletError('aborted', 'The work was stopped.', { cause: error });
  }
  const message = error instanceof Error ? error.message || error.name : String(error);
  return new VerseletError(fallback, message, { cause: error });
}

/** @throws VerseletError `aborted` when the signal has fired. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new VerseletError('aborted', 'The work was stopped.', { cause: signal.reason });
}
