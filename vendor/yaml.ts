export { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml';
export type { Document, Node, Pair } from 'yaml';
