import { open, rename, rm } from 'node:fs/promises';

/**
 * Writes a file in one step: its readers see the old text or the new one, and a full disk leaves no half of it, nor an empty file.
 *
 * @throws {Error} of the system; the file is then unchanged
 */
export async function writeWhole(file: string, text: string): Promise<void> {
  const part = `${file}.part`;
  try {
    const handle = await open(part, 'w');
    try {
      await handle.writeFile(text);
      // some file systems report a full disk only now
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}
