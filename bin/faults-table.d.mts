export interface FaultRow {
  fault: string;
  holds: string;
  /** Titles of tests, or their constant part, by file. */
  tests: Record<string, string[]>;
}
export function readFaults(): { rows: FaultRow[]; missing: string[] };
export function withTable(readme: string): string;
