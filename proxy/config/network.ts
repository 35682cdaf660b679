import { scalar } from '../../shared/yaml-file/values/scalar-fields.ts';
import { addressList } from '../routing/admission.ts';

/** Schema of an address or a network. */
export const network = scalar('an address or a network, such as 10.0.0.0/8 or ::1', (value) => {
  try {
    addressList([String(value)]);
    return String(value);
  } catch {
    return undefined;
  }
});
