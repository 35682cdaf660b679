import { type ComponentChildren, type JSX, useState } from '../packages/preact.ts';

/** Button that puts a text on the clipboard and says that it has. */
export function CopyButton({
  text,
  children,
  id,
}: {
  text: () => string;
  children: ComponentChildren;
  id?: string;
}): JSX.Element {
  const [said, setSaid] = useState<string | undefined>(undefined);
  const onClick = (): void => {
    void copy(text()).then((done) => {
      setSaid(done ? 'Copied' : 'Copy failed');
      setTimeout(() => {
        setSaid(undefined);
      }, 1600);
    });
  };
  return (
    <button type="button" class="copy" id={id} onClick={onClick}>
      {said ?? children}
    </button>
  );
}

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // files have no clipboard in some browsers: the old way
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    // oxlint-disable-next-line typescript/no-deprecated -- the only way without a secure context
    const done = document.execCommand('copy');
    area.remove();
    return done;
  }
}
