import type { Round } from './round.ts';
import { StepFailure } from './round-services.ts';

/** Connection on which bytes are awaited. */
type Receiving = {
  readonly round: Round;
  readonly signal: AbortSignal;
  readonly received: number;
  readonly hasEnded: boolean;
  readonly state: string;
};

/**
 * Waits until `wanted` bytes have come in all, `bytes` of them for this step. An end of the connection before that is a failure at
 * once. Of a target that is no transparent pipe any bytes will do: their number is its own affair.
 */
export async function expectBytes(
  connection: Receiving,
  { bytes, wanted }: { bytes: number; wanted: number },
  deadline: number,
): Promise<void> {
  const { round, signal, received: before } = connection;
  const arrived = (): boolean => connection.received >= wanted;
  const mayDiffer = (): boolean => !round.isTransparent && connection.received > 0;
  const what = `expect ${bytes} bytes (${before} of ${wanted} so far)`;
  const waiting = round.until(what, () => arrived() || connection.hasEnded, deadline, signal);
  await waiting.catch((error: unknown) => {
    if (!(error instanceof StepFailure) || !mayDiffer()) throw error;
  });
  if (!arrived() && !mayDiffer()) {
    throw new StepFailure(`expected ${wanted} bytes, got ${connection.received}: ${connection.state}`);
  }
}
