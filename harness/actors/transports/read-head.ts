import type { Duplex } from 'node:stream';

import { TransportRefused } from './pipe.ts';

/** Recognizer of the first bytes; undefined: more are needed. */
export type Recognize<T> = (bytes: Buffer) => { value: T; length: number } | undefined;

/** Most bytes of a head: the PROXY protocol of version 2 has the longest. */
const LIMIT = 70_000;

/**
 * Reads the first bytes of a stream until they are recognized, and puts back the bytes after them. Rejects with
 * {@link TransportRefused} if the stream ends before, and with the stream's own error.
 */
export function readHead<T>(stream: Duplex, recognize: Recognize<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    let bytes = Buffer.alloc(0);
    const settle = (act: () => void): void => {
      stream.off('data', onData);
      stream.off('end', onEnd);
      stream.off('close', onClose);
      stream.pause();
      act();
    };
    const onData = (chunk: Buffer): void => {
      bytes = Buffer.concat([bytes, chunk]);
      let head: ReturnType<Recognize<T>>;
      try {
        head = recognize(bytes);
      } catch (error) {
        return settle(() => reject(error));
      }
      if (head === undefined) {
        if (bytes.length > LIMIT) settle(() => reject(new TransportRefused('head-too-long')));
        return;
      }
      settle(() => {
        const rest = bytes.subarray(head.length);
        if (rest.length > 0) stream.unshift(rest);
        resolve(head.value);
      });
    };
    const onEnd = (): void => settle(() => reject(new TransportRefused('end')));
    // the owner of the socket has seen its error, if there was one
    const onClose = (): void => settle(() => reject(new TransportRefused('none')));
    stream.on('data', onData);
    stream.once('end', onEnd);
    stream.once('close', onClose);
    // the read of the previous head has paused it
    stream.resume();
  });
}
