/** What a container sees at a path of its own. */
export interface Mount {
  /** Folder or file of the machine. */
  readonly source: string;
  readonly target: string;
  readonly kind: 'folder' | 'file';
  readonly readOnly: boolean;
}

export interface LaunchPlan {
  /** An existing, empty folder: the container's root is put there, in its own mount namespace only. */
  readonly folder: string;
  /** File systems of the machine beside `/` that hold files; each is shown through an overlay. */
  readonly fileSystems: readonly string[];
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
  const { folder, fileSystems, mounts, readOnlyRoot, environment, workingFolder, command } = plan;
  const root = `${folder}/root`;
  const overlays = ['/', ...fileSystems];
  const overlayAt = (path: string) => (path === '/' ? root : root + path);
  const variables = Object.entries(environment).map(([name, value]) => quote(`${name}=${value}`));
  return [
    'set -eu',
    'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    // /proc is still the outer one here.
    'read -r pid rest < /proc/self/stat',
    'echo "$pid" >&3',
    `mount -t tmpfs -o mode=755 tmpfs ${quote(folder)}`,
    ...overlays.flatMap((path, index) => {
      const upper = `${folder}/upper${index}`;
      const work = `${folder}/work${index}`;
      const options = `lowerdir=${path},upperdir=${upper},workdir=${work}`;
      return [
        `mkdir -p ${[upper, work, ...(index === 0 ? [root] : [])].map(quote).join(' ')}`,
        `mount -t overlay overlay -o ${quote(options)} ${quote(overlayAt(path))}` +
          // Not everything can lie below an overlay; beside the root itself, what cannot is shown as it is.
          (index === 0 ? '' : ` || mount --rbind ${quote(path)} ${quote(overlayAt(path))}`),
      ];
    }),
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
    ...(readOnlyRoot ? overlays.map(path => `mount -o remount,bind,ro ${quote(overlayAt(path))}`) : []),
    `echo ${LAUNCHED} >&3`,
    `exec chroot ${quote(root)} env -i -C ${quote(workingFolder)} \\`,
    ...variables.map(variable => `  ${variable} \\`),
    `  ${command.map(quote).join(' ')} 3>&-`,
    '',
  ].join('\n');
}

const PSEUDO = ['/proc', '/sys', '/dev'];

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
