import type { SourcePosition } from '../../shared/yaml-file/source-position.ts';
import type { Load } from './background-load.ts';
import type { Expectations } from './expectations.ts';
import type { Fault } from './fault.ts';
import type { Step } from './step.ts';
import type { Kind } from './suite.ts';
import type { TransportChange, TransportWord } from './transport.ts';
import type { Family } from './trigger.ts';

/** Clients of a case with the same script. */
export type ClientGroup = {
  count: number;
  concurrent: number;
  /** scripts that share a connection, over h2; by default each has its own */
  streams?: number;
  /** local address; by default the system's choice */
  from?: string;
  /** changes of the case's client transport */
  over?: TransportWord | TransportChange;
  script: Step[];
};

/** Cell of a scenario's matrix with all defaults filled in: plain JSON, everything that a run needs. */
export type Case = {
  /** such as `faults/client-reset[phase=idle,count=20]`; unique in a suite, stable between runs */
  id: string;
  /** path of the file below its suite and the folder of its kind, without `.yaml` */
  scenario: string;
  kind: Kind;
  cell: Record<string, string>;
  about: string;
  source: SourcePosition;
  /** name of a file in `scenarios/targets`, or a path from the current directory */
  target: string;
  /** whether the scenario itself names its target, and is about it */
  ownTarget: boolean;
  route: string;
  /** network that the case requires; absent: the one that its faults need */
  lab?: 'single' | 'hosts' | 'routed';
  /** IP version of all addresses of the case */
  family: Family;
  /** IP versions of the addresses that the upstream's name stands for, in order; empty: one address without a name */
  addresses: Family[];
  /** settings of the target as written (`300ms`); its target file has checked them */
  settings: Record<string, string | number | boolean>;
  /** settings that a target may lack; `fitCase` moves those it has into `settings` */
  tuning?: Record<string, string | number | boolean> | undefined;
  connections: { count: number; concurrent: number; streams?: number };
  /** script of the clients; empty if there are `clients` */
  client: Step[];
  /** several groups of clients; see `clientGroups` */
  clients?: ClientGroup[];
  /** changes of the route's transports */
  over?: { client?: TransportWord | TransportChange; upstream?: TransportWord | TransportChange };
  /** script of the upstream; empty if it only accepts, and for a server */
  upstream: Step[];
  /** whether the scenario is about servers without an upstream (`upstream: none`) */
  server?: true;
  /** requests beside the scripts */
  load?: Load | undefined;
  faults: Fault[];
  expect: Expectations;
  /** additional expectations for targets that promise what the reference proxy does; `fitCase` moves them into `expect` */
  contract?: { expect: Partial<Expectations>; deadline?: number } | undefined;
  /** ms that any single step may take */
  deadline: number;
  /** seed derived from the run's seed and the id */
  seed: number;
};
