import { Option } from '../../../shared/vendor/commander.ts';
import type { LabMode } from '../../lab/lab-mode.ts';

/** Makes the option `--lab`, anew for each command. */
export function labOption(): Option {
  return new Option(
    '--lab <which>',
    'where cases run: `single` or `hosts` (network namespaces), `none` (the machine itself), `auto` (the best that works here)',
  )
    .choices(['auto', 'none', 'single', 'hosts'] satisfies LabMode[])
    .default('auto');
}
