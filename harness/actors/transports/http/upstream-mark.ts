/**
 * Header of every answer of the upstream. A proxy passes it on; an answer without it is the proxy's own (an error page), whose bytes are
 * not compared with the pattern.
 */
export const UPSTREAM_MARK = 'x-lastfin';
