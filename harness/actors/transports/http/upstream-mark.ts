/**
 * A header of every answer of the upstream. A proxy passes it on; where it answers itself (an error page), its words are not of the pattern and
 * are no bytes of the upstream.
 */
export const UPSTREAM_MARK = 'x-lastfin';
