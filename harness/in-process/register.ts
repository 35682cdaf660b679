/**
 * Early hooks: `node --import lastfin/register` sees where everything was made from the first line of the program on, also through
 * functions that were taken from Node's modules before a test calls `noLeaks`.
 */
import { processProbe } from './process-probe.ts';

processProbe();
