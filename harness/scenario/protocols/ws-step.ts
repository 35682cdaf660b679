/** Deviations of a frame from what RFC 6455 asks for. */
export type FrameMistake = {
  /** whether the payload is masked; by default a client's is and an upstream's is not */
  masked?: boolean;
  /** reserved bits that are set, as a number from 1 to 7 */
  reserved?: number;
};

/** Frame, or message of several frames, that a script sends. */
export type WsMessage = FrameMistake &
  (
    | {
        type: 'binary';
        /** patterned bytes */
        bytes: number;
        /** length that its frames announce, which may exceed the bytes: then the message is cut short */
        length: number;
        /** number of frames that it is cut into */
        fragments: number;
      }
    | { type: 'text'; text: string; fragments: number }
    | { type: 'ping'; text: string }
    | { type: 'pong'; text: string }
    /** close frame; the peer sees 1005 where there is no code */
    | { type: 'close'; code?: number; reason: string }
  );

/** Frame, or whole message, that a script waits for. */
export type ExpectedWs =
  | { type: 'binary'; bytes: number }
  | { type: 'text'; text: string }
  | { type: 'ping' }
  | { type: 'pong' }
  /** close frame of the peer, with one of these codes; no codes: any */
  | { type: 'close'; codes?: number[] };

/** Step that only WebSocket frames have. */
export type WsStep =
  /** send a message, or a control frame */
  | { kind: 'ws'; message: WsMessage }
  /** wait for the next whole message, or the next control frame of this kind; `orEnd`: the end of the connection is accepted, too */
  | { kind: 'expect-ws'; message: ExpectedWs; orEnd?: true };
