export { default as prettyMs } from 'pretty-ms';
