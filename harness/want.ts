/** A thing that a case needs of the machine and that is not there; for all rooms. */
export type Want = {
  /** its name, by which reports count the cases: `nft`, `network namespaces` */
  what: string;
  /** the command or change that adds it */
  fix: string;
};
