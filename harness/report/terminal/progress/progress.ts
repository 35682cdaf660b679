/** Lines of a run that stay, and whatever tells how far it is between them. */
export type Progress = {
  /** to be called when a case has begun or ended */
  changed(): void;
  print(lines: string[]): void;
  stop(): void;
};
