/** What a container sees at a path of its own. */
export interface Mount {
  /** Folder or file of the machine. */
  readonly source: string;
  readonly target: string;
  readonly kind: 'folder' | 'file';
  readonly readOnly: boolean;
}

/** What of the machine's files a container sees. */
export interface Machine {
  /** Each is shown through an overlay of its own; the outer come before the inner. */
  readonly folders: readonly string[];
  /** Links in the root folder: `bin` → `usr/bin`. */
  readonly links: Readonly<Record<string, string>>;
}

export interface LaunchPlan {
  /** An existing, empty folder: the container's root is put there, in its own mount namespace only. */
  readonly folder: string;
  readonly machine: Machine;
  readonly mounts: readonly Mount[];
  readonly readOnlyRoot: boolean;
  readonly environment: Readonly<Record<string, string>>;
  readonly workingFolder: string;
  /** Program and arguments. */
  readonly command: readonly string[];
}

/** What the script writes to descriptor 3 when nothing is left but to run the program. */
export const LAUNCHED = 'launched';

/**
 * The script that becomes a container: process 1 of fresh mount and process namespaces.
 *
 * It shows the machine's files through overlays, so that whatever the container writes stays in memory and goes with it,
 * binds the volumes where the pod wants them, and turns into the program. Descriptor 3 first gets its process id as the
 * machine sees it, then `LAUNCHED`; if the second does not come, the log says why.
 */
export function launchScript(plan: LaunchPlan): string {
  const { folder, machine, mounts, readOnlyRoot, environment, workingFolder, command } = plan;
  const root = `${folder}/root`;
  const layers = machine.folders.map((path, index) => ({
    path,
    upper: `${folder}/upper${index}`,
    work: `${folder}/work${index}`,
  }));
  const variables = Object.entries(environment).map(([name, value]) => quote(`${name}=${value}`));
  return [
    'set -eu',
    'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    // /proc is still the outer one here.
    'read -r pid rest < /proc/self/stat',
    'echo "$pid" >&3',
    `mount -t tmpfs -o mode=755 tmpfs ${quote(folder)}`,
    `mkdir ${[root, ...layers.flatMap(({ upper, work }) => [upper, work])].map(quote).join(' ')}`,
    `mount --bind ${quote(root)} ${quote(root)}`,
    `mkdir -p ${['/proc', '/dev', '/sys', ...machine.folders].map(path => quote(root + path)).join(' ')}`,
    ...Object.entries(machine.links).map(([name, target]) => `ln -s ${quote(target)} ${quote(`${root}/${name}`)}`),
    ...layers.map(layer => showFolder(root, layer)),
    `mount -t proc proc ${quote(`${root}/proc`)}`,
    ...['/dev', '/sys'].map(path => `mount --rbind ${path} ${quote(root + path)}`),
    // Paths are resolved inside the new root: /var/run is a link to /run, which must not be the machine's.
    `within() { printf '%s%s' ${quote(root)} "$(chroot ${quote(root)} realpath "$1")"; }`,
    `folder() { chroot ${quote(root)} mkdir -p "$1"; within "$1"; }`,
    'file() { folder "$(dirname "$1")" > /dev/null; ' +
      `chroot ${quote(root)} sh -c '[ -e "$1" ] || : > "$1"' sh "$1"; within "$1"; }`,
    ...mounts.flatMap(({ source, target, kind, readOnly }) => [
      `at=$(${kind} ${quote(target)})`,
      `mount --bind ${quote(source)} "$at"`,
      ...(readOnly ? ['mount -o remount,bind,ro "$at"'] : []),
    ]),
    `chroot ${quote(root)} mkdir -p ${quote(workingFolder)}`,
    ...(readOnlyRoot ? ['', ...machine.folders].map(path => `mount -o remount,bind,ro ${quote(root + path)}`) : []),
    `echo ${LAUNCHED} >&3`,
    `exec chroot ${quote(root)} env -i -C ${quote(workingFolder)} \\`,
    ...variables.map(variable => `  ${variable} \\`),
    `  ${command.map(quote).join(' ')} 3>&-`,
    '',
  ].join('\n');
}

/**
 * Not everything can lie below an overlay (in a user namespace, nothing that holds another mount can): what cannot is shown
 * as it is.
 */
function showFolder(
  root: string,
  layer: { readonly path: string; readonly upper: string; readonly work: string },
): string {
  const options = `lowerdir=${layer.path},upperdir=${layer.upper},workdir=${layer.work}`;
  const target = quote(root + layer.path);
  const asItIs = `mount --rbind ${quote(layer.path)} ${target}`;
  return `mount -t overlay overlay -o ${quote(options)} ${target} 2> /dev/null || ${asItIs}`;
}

/** Folders of the kernel's own making. */
export const PSEUDO: readonly string[] = ['/proc', '/sys', '/dev'];

/** Mount points of the machine that hold files, from the text of `/proc/self/mountinfo`; parents come first. */
export function fileSystemsOf(mountinfo: string): string[] {
  const points = mountinfo
    .split('\n')
    .map(line => line.split(' ')[4] ?? '')
    // Spaces and the like are written as \040 there; nothing that a pod needs lies under such a path.
    .filter(point => point.startsWith('/') && point !== '/' && !point.includes('\\'))
    .filter(point => !PSEUDO.some(pseudo => point === pseudo || point.startsWith(`${pseudo}/`)));
  return [...new Set(points)].sort();
}

/** For a POSIX shell. */
function quote(text: string): string {
  return /^[\w@%+:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
