import { type Document, isAlias, isNode, isScalar, type Node, visit } from '../vendor/yaml.ts';
import { suggestion } from './did-you-mean.ts';
import type { YamlError } from './parse-text.ts';
import { YAML_LIMITS } from './yaml-limits.ts';

/** Most anchors that an unknown alias is compared with. */
const MOST_COMPARED = 100;

/**
 * Finds aliases without an anchor, aliases inside their own value, and duplicate keys: the parser reports the first two late and
 * without positions, and takes quadratic time for the last.
 *
 * @param most number of errors after which the search stops
 */
export function aliasAndKeyErrors(document: Document.Parsed, most: number): YamlError[] {
  const errors: YamlError[] = [];
  const anchors = new Set<string>();
  let aliases = 0;
  visit(document, {
    Map: (_key, map) => {
      const keys = new Set<string>();
      for (const { key } of map.items) {
        const name = isScalar(key) ? String(key.value) : undefined;
        if (name === undefined || !isNode(key)) continue;
        if (keys.has(name) && errors.length < most)
          errors.push({ message: 'this key was given before in the same map', range: rangeOf(key) });
        keys.add(name);
      }
      if (map.anchor !== undefined) anchors.add(map.anchor);
    },
    Alias: (_key, alias, ancestors) => {
      if (++aliases > YAML_LIMITS.aliases) {
        errors.push({ message: `more than ${YAML_LIMITS.aliases} aliases`, range: rangeOf(alias) });
        return visit.BREAK;
      }
      const name = alias.source;
      const isLoop = ancestors.some(
        (ancestor) => isNode(ancestor) && !isAlias(ancestor) && ancestor.anchor === name,
      );
      if (isLoop) {
        errors.push({ message: `\`*${name}\` stands inside the value it repeats`, range: rangeOf(alias) });
      } else if (!anchors.has(name)) {
        const hint = suggestion(name, [...anchors].slice(0, MOST_COMPARED));
        errors.push({ message: `no anchor \`&${name}\` before this${hint}`, range: rangeOf(alias) });
      }
      return errors.length < most ? undefined : visit.BREAK;
    },
    Value: (_key, node) => {
      if (node.anchor !== undefined) anchors.add(node.anchor);
    },
  });
  return errors;
}

const rangeOf = (node: Node): [number, number] => [node.range?.[0] ?? 0, node.range?.[1] ?? 1];
