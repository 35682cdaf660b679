export type Address = { host: string; port: number };
