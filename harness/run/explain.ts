/**
 * Purpose of a run that is not judged, but explains one that was: `exit` preloads why-is-node-running, for an exit that did not come;
 * `lives` follows the target's sockets, for connections that ended otherwise than they should. Both slow the target.
 */
export type Explain = 'exit' | 'lives';
