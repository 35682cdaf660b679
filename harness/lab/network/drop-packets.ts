/**
 * Filters of tc that drop packets where they arrive, as classic BPF programs: they need neither nft nor an action module, only the
 * qdisc `ingress` and the classifier `bpf` (Linux ≥ 4.1).
 */
import net from 'node:net';

/** TCP packets that a filter drops. */
export type Dropped = {
  version: 4 | 6;
  /** port field that must equal `port` */
  field: 'dport' | 'sport';
  port: number;
  /** address field and its required value */
  address?: { field: 'saddr' | 'daddr'; ip: string };
  /** share of the packets that is dropped, 0 to 1; absent: all */
  share?: number;
};

/** Base of loads from the network header, whatever the device (`SKF_NET_OFF` of linux/filter.h). */
const NETWORK = 0xfff0_0000;
/** Load of a random number (`SKF_AD_OFF + SKF_AD_RANDOM`). */
const RANDOM = 0xffff_f000 + 56;

// opcodes of linux/bpf_common.h
const LOAD_BYTE = 0x30;
const LOAD_WORD = 0x20;
const LOAD_HALF_AT_X = 0x48;
const X_FROM_IP_HEADER = 0xb1;
const X_FROM_CONSTANT = 0x01;
const SHIFT_RIGHT = 0x74;
const JUMP_EQUAL = 0x15;
const JUMP_GREATER_OR_EQUAL = 0x35;
const RETURN = 0x06;

/** Results of a filter: continue with the next one, or drop (`TC_ACT_UNSPEC`, `TC_ACT_SHOT`). */
const PASS = 0xffff_ffff;
const DROP = 2;

const TCP = 6;

type Load = readonly [opcode: number, from: number];
/** Condition on a loaded value; if it fails, the packet passes. */
type Condition = { loads: readonly Load[]; is: number } | { loads: readonly Load[]; below: number };

/** Arguments of `tc` that add a filter at a device's ingress, with this preference. */
export function dropFilter(device: string, preference: number, dropped: Dropped): string[] {
  return filter(device, preference, program(conditionsOf(dropped)));
}

/** Arguments of `tc` for a filter that drops nothing, to test whether the machine supports such filters. */
export function trialFilter(device: string, preference: number): string[] {
  return filter(device, preference, program([{ loads: [[LOAD_WORD, RANDOM]], below: 0 }]));
}

function filter(device: string, preference: number, bytecode: string): string[] {
  const at = ['dev', device, 'ingress', 'pref', String(preference), 'protocol', 'all'];
  return ['filter', 'add', ...at, 'bpf', 'direct-action', 'bytecode', bytecode];
}

function conditionsOf({ version, field, port, address, share }: Dropped): Condition[] {
  const [protocol, source, destination] = version === 4 ? [9, 12, 16] : [6, 8, 24];
  const conditions: Condition[] = [
    {
      loads: [
        [LOAD_BYTE, NETWORK],
        [SHIFT_RIGHT, 4],
      ],
      is: version,
    },
    { loads: [[LOAD_BYTE, NETWORK + protocol]], is: TCP },
  ];
  if (address !== undefined) {
    const start = address.field === 'saddr' ? source : destination;
    for (const [index, word] of wordsOf(address.ip).entries())
      conditions.push({ loads: [[LOAD_WORD, NETWORK + start + 4 * index]], is: word });
  }
  const header: Load = version === 4 ? [X_FROM_IP_HEADER, NETWORK] : [X_FROM_CONSTANT, 40];
  const at = field === 'sport' ? 0 : 2;
  conditions.push({ loads: [header, [LOAD_HALF_AT_X, NETWORK + at]], is: port });
  if (share !== undefined)
    conditions.push({ loads: [[LOAD_WORD, RANDOM]], below: Math.round(share * 0xffff_ffff) });
  return conditions;
}

/** Program as tc reads it: the number of instructions, then each as `opcode jump-if-true jump-if-false constant`. */
function program(conditions: readonly Condition[]): string {
  const length = conditions.reduce((sum, { loads }) => sum + loads.length + 1, 2);
  const lines: string[] = [];
  for (const condition of conditions) {
    for (const [opcode, from] of condition.loads) lines.push(`${opcode} 0 0 ${from}`);
    // a jump counts from the next instruction; the last one lets the packet pass
    const toPass = length - 1 - (lines.length + 1);
    lines.push(
      'is' in condition
        ? `${JUMP_EQUAL} 0 ${toPass} ${condition.is}`
        : `${JUMP_GREATER_OR_EQUAL} ${toPass} 0 ${condition.below}`,
    );
  }
  lines.push(`${RETURN} 0 0 ${DROP}`, `${RETURN} 0 0 ${PASS}`);
  return `${lines.length},${lines.join(',')}`;
}

/** Address as words of 32 bits. */
function wordsOf(ip: string): number[] {
  const groups = net.isIPv4(ip) ? pairs(ip.split('.').map(Number), 256) : groupsOf(ip);
  return pairs(groups, 65_536);
}

/** Eight groups of an IPv6 address, including those that `::` leaves out. */
function groupsOf(ip: string): number[] {
  const [before = '', after] = ip.split('::');
  const parse = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((one) => parseInt(one, 16));
  const [first, last] = [parse(before), parse(after ?? '')];
  return [...first, ...Array.from({ length: 8 - first.length - last.length }, () => 0), ...last];
}

function pairs(values: readonly number[], base: number): number[] {
  return values.flatMap((value, index) => (index % 2 === 0 ? [value * base + (values[index + 1] ?? 0)] : []));
}
