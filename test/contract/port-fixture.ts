/** A port under contract, and how to let go of it. */
export interface PortFixture<Port> {
  readonly port: Port;
  close(): Promise<void>;
}
