export { computed, signal, useSignal, type Signal } from '@preact/signals';
