import type { SourcePosition } from '../../shared/yaml-file/source-position.ts';
import type { Expectations } from './expectations.ts';
import type { Fault } from './fault.ts';
import type { Step } from './step.ts';
import type { Kind } from './suite.ts';
import type { CarrierChange, CarrierWord } from './transport.ts';
import type { Family } from './trigger.ts';

/** Some of the clients of a case, all alike. */
export type ClientGroup = {
  count: number;
  concurrent: number;
  /** local address; by default the system's choice */
  from?: string;
  /** changes of the carrier that the case has for its clients */
  over?: CarrierWord | CarrierChange;
  script: Step[];
};

/** One cell of a scenario's matrix, with every default filled in: plain JSON, all a run needs. */
export type Case = {
  /** `faults/client-reset[phase=idle,count=20]`; unique in a suite, stable between runs */
  id: string;
  /** the file's path below its suite and the folder of its kind, without `.yaml` */
  scenario: string;
  kind: Kind;
  cell: Record<string, string>;
  about: string;
  source: SourcePosition;
  /** name of a file in `scenarios/targets`, or a path from the current directory */
  target: string;
  /** the scenario itself names its target: it is about that one */
  ownTarget: boolean;
  route: string;
  /** the network it must stand on; absent: what its faults need */
  lab?: 'single' | 'hosts' | 'routed';
  /** of all addresses of the case */
  family: Family;
  /** the upstream is a name that stands for these addresses, in this order; empty: it is one address, without a name */
  addresses: Family[];
  /** settings of the target as written (`300ms`); its target file has checked them */
  settings: Record<string, string | number | boolean>;
  /** the same, but left out where a target does not have them; `fitCase` puts them into `settings` */
  tuning?: Record<string, string | number | boolean> | undefined;
  connections: { count: number; concurrent: number };
  /** empty where there are `clients` */
  client: Step[];
  /** several kinds of client; see `clientGroups` */
  clients?: ClientGroup[];
  /** changes of the carriers that the route has */
  over?: { client?: CarrierWord | CarrierChange; upstream?: CarrierWord | CarrierChange };
  /** empty where it only accepts, and on a server */
  upstream: Step[];
  /** the scenario is about servers without an upstream (`upstream: none`) */
  server?: true;
  faults: Fault[];
  expect: Expectations;
  /** expected besides, where the target promises what the reference proxy does; `fitCase` puts it into `expect` */
  contract?: { expect: Partial<Expectations>; deadline?: number } | undefined;
  /** ms that any single step may take */
  deadline: number;
  /** derived from the run's seed and the id */
  seed: number;
};
