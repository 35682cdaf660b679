export { Composer, isAlias, isMap, isNode, isScalar, isSeq, Lexer, LineCounter, Parser, visit } from 'yaml';
export type { CST, Document, Node, Pair } from 'yaml';
