import { parseDuration } from '../../../shared/yaml-file/values/duration.ts';
import type { SettingType } from './target-schema.ts';

/** Requirement of a type that `value` violates; `undefined` if it fits. */
export function refuseSetting(type: SettingType, value: string | number | boolean): string | undefined {
  switch (type) {
    case 'duration':
      return parseDuration(value) === undefined ? 'a duration, such as 300ms or 5s' : undefined;
    case 'integer':
      return /^-?\d+$/.test(String(value)) ? undefined : 'a whole number';
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'true or false';
    default:
      return undefined;
  }
}
