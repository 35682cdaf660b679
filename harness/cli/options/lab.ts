import { Option } from '../../../shared/vendor/commander.ts';
import type { LabMode } from '../../run/admission/choose-network.ts';

/** Declares `--lab`. */
export function labOption(): Option {
  return new Option(
    '--lab <which>',
    'where cases run: a network namespace of their own, wherever that works, or the machine itself',
  )
    .choices(['auto', 'none', 'single', 'hosts'] satisfies LabMode[])
    .default('auto');
}
