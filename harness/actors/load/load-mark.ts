/** Header of the requests of a load: the upstream answers them by itself, without its script. */
export const LOAD_MARK = 'x-lastfin-load';
