import { isAbsolute, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * The file as those name it who look at the repository from outside: from the folder that the program runs in, with `/`
 * between. What lies elsewhere keeps its whole path, and the standard input is `-`.
 */
export function artifactPath(file: string, folder = process.cwd()): string {
  return inFolder(file, folder) ?? resolve(folder, file);
}

/** The same as a URI reference. */
export function artifactUri(file: string, folder = process.cwd()): string {
  const path = inFolder(file, folder);
  return path?.split('/').map(encodeURIComponent).join('/') ?? pathToFileURL(resolve(folder, file)).href;
}

function inFolder(file: string, folder: string): string | undefined {
  if (file === '-') return file;
  const path = relative(folder, resolve(folder, file));
  return isAbsolute(path) || path.split(sep)[0] === '..' ? undefined : path.replaceAll(sep, '/');
}
