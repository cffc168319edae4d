export function firefox(): string | undefined;
export function webkit(): { driver: string; browser: string; display: string } | undefined;
export type OtherRun = 'Firefox on WASM' | 'Firefox on WebGPU' | 'WebKitGTK on WASM';
export function otherRuns(): { name: OtherRun; lacks: string[] }[];
export function leftOut(name: OtherRun): string | undefined;
