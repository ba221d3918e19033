import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { contents, isStored, stored } from './assets/store.ts';
import type { Progress, Recipe } from './assets/store.ts';
import { runOrThrow } from './command.ts';
import { isInSandbox } from './isolation.ts';
import type { Images } from './types.ts';

const PROJECT = join(import.meta.dirname, '../..');

/** Beside the folders of `tsconfig.build.json`, all that `npm pack` reads. */
const PACKED = ['package.json', '.npmrc', 'tsconfig.json', 'tsconfig.build.json', 'LICENSE', 'README.md', 'bin'];

/** What decides which packages `npm ci` installs. */
const DEPENDENCY_FIELDS = ['dependencies', 'devDependencies', 'optionalDependencies', 'overrides'] as const;

export interface PackOptions {
  readonly progress?: Progress;
}

/** The images that tests and the demo run: Waymark as it would be shipped, and the echo server. */
export async function productionImages(options: PackOptions = {}): Promise<Images> {
  const folder = await packWaymark(options);
  return {
    // As in the Dockerfile's entry point.
    waymark: { command: [process.execPath, '--max-semi-space-size=4', join(folder, 'bin/waymark.js')] },
    echo: { command: [process.execPath, join(import.meta.dirname, 'echo.ts')] },
  };
}

/**
 * The production layout of this checkout: `npm pack`, unpacked, with the packages of `npm ci --omit=dev`. Returns its folder.
 * The packages are a layer of their own, so that a change of a source costs one compilation.
 */
export async function packWaymark({ progress = silent }: PackOptions = {}): Promise<string> {
  const modules = modulesRecipe();
  if (isInSandbox() && !isStored(modules)) {
    throw new Error(
      "Waymark's packages are not installed yet, and here is no network: " +
        "run 'node test/cluster/main.ts build' outside the sandbox first",
    );
  }
  return stored(packageRecipe(await stored(modules, progress)), progress);
}

/** The part of `packWaymark` that needs the network. */
export async function prepareModules({ progress = silent }: PackOptions = {}): Promise<void> {
  await stored(modulesRecipe(), progress);
}

function modulesRecipe(): Recipe {
  const manifest = readManifest();
  const wanted = Object.fromEntries(DEPENDENCY_FIELDS.map(field => [field, manifest[field]]));
  return {
    name: 'waymark-modules',
    waitsFor: 'installing the packages of production (a minute)',
    key: [JSON.stringify(wanted), ...contents(join(PROJECT, 'package-lock.json'))],
    async make(folder) {
      for (const file of ['package.json', 'package-lock.json', '.npmrc']) {
        cpSync(join(PROJECT, file), join(folder, file));
      }
      await npm(folder, 'ci', '--omit=dev', '--omit=optional', '--ignore-scripts');
    },
  };
}

function packageRecipe(modules: string): Recipe {
  const sources = sourceFiles();
  return {
    name: 'waymark-package',
    waitsFor: 'compiling and packing Waymark (some seconds)',
    key: [modules, ...sources.flatMap(file => [file, ...contents(join(PROJECT, file))])],
    async make(folder) {
      // Built aside, so that neither the checkout nor a leftover in its `dist` has a part in it.
      const staging = join(folder, '.staging');
      for (const file of sources) cpSync(join(PROJECT, file), join(staging, file));
      symlinkSync(join(PROJECT, 'node_modules'), join(staging, 'node_modules'));
      await npm(staging, 'pack', '--offline', '--pack-destination', folder);
      rmSync(staging, { recursive: true });

      const archive = readdirSync(folder).find(name => name.endsWith('.tgz'));
      if (archive === undefined) throw new Error('npm pack left no archive');
      await runOrThrow('tar', ['-xzf', archive, '--strip-components=1'], { cwd: folder });
      rmSync(join(folder, archive));
      symlinkSync(join('..', basename(modules), 'node_modules'), join(folder, 'node_modules'));
    },
  };
}

/** Relative to the project, sorted. */
function sourceFiles(): string[] {
  const { include } = JSON.parse(readFileSync(join(PROJECT, 'tsconfig.build.json'), 'utf8')) as { include: string[] };
  return [...PACKED, ...include]
    .filter(path => existsSync(join(PROJECT, path)))
    .flatMap(path => filesUnder(path))
    .filter(path => !path.endsWith('.test.ts'))
    .sort();
}

function filesUnder(path: string): string[] {
  const absolute = join(PROJECT, path);
  if (!statSync(absolute).isDirectory()) return [path];
  return readdirSync(absolute, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => relative(PROJECT, join(entry.parentPath, entry.name)));
}

type Manifest = Readonly<Partial<Record<(typeof DEPENDENCY_FIELDS)[number], unknown>>>;

function readManifest(): Manifest {
  return JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as Manifest;
}

async function npm(folder: string, ...args: string[]): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const env = { ...process.env, npm_config_update_notifier: 'false', npm_config_loglevel: 'error' };
  await runOrThrow('npm', args, { cwd: folder, env });
}

function silent(): void {
  // Nothing is asked to be printed.
}
