/** Waits for so many milliseconds and hardly more. */
export declare function exactPause(ms: number): Promise<void>;
