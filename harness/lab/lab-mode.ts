/**
 * Networks that the cases of a run may use: `none`, the machine's own network; `single`, a namespace; `hosts`, the target apart from
 * its peers wherever the case does not ask for less; `auto`, a namespace, and in it what each case needs.
 */
export type LabMode = 'auto' | 'none' | 'single' | 'hosts';
