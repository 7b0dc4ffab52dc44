/** When windows give results besides the default: at their end, and then with every late element. Plain data. */
export interface WindowTrigger {
  readonly kind: "continuous-event-time";
  readonly intervalMs: number;
}
