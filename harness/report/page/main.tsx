import { App } from './app.tsx';
import { listenToKeys } from './state/keyboard.ts';
import { followAddress } from './state/route.ts';
import { loadRun } from './state/run.ts';
import { followSystem, printLight, showTheme } from './state/theme.ts';
import { render } from './packages/preact.ts';

showTheme();
followSystem();
printLight();
followAddress();
listenToKeys();
const root = document.querySelector('#app');
if (root !== null) render(<App />, root);
void loadRun();
