/** Fidelities of a fault, the most real first. */
export const FIDELITIES = ['kernel', 'wire', 'toxiproxy', 'simulated'] as const;
