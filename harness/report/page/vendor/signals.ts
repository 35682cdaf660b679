export { computed, effect, signal, useComputed, useSignal, type Signal } from '@preact/signals';
