import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Document, isMap, Scalar } from 'yaml';
import { Failure } from '../failure.ts';
import type { AnnotatedDeployment } from './annotate.ts';

/** One object, or a patch of one, as a YAML document. */
export interface OutputFile {
  readonly name: string;
  /** Begins with `---`. */
  readonly text: string;
  /** What a user does with it; `FILE` stands for the file. */
  readonly command: string;
}

const PRINTED = { lineWidth: 0, flowCollectionPadding: false } as const;

/** Whole Deployments, with the comments that they had. */
export function deploymentFiles(deployments: readonly AnnotatedDeployment[]): readonly OutputFile[] {
  return deployments.map(deployment => ({
    name: fileName(deployment),
    text: deploymentText(deployment),
    command: 'kubectl apply -f FILE',
  }));
}

/** For each Deployment that something has come to, what `kubectl patch` needs. */
export function patchFiles(deployments: readonly AnnotatedDeployment[]): readonly OutputFile[] {
  return deployments
    .filter(({ moved }) => moved.length > 0)
    .map(deployment => {
      const { namespace, name, key, text } = deployment;
      const document = new Document({ metadata: { annotations: { [key]: literal(text) } } });
      const command = `kubectl patch deployment ${name} --namespace ${namespace} --type merge --patch-file FILE`;
      return { name: fileName(deployment), text: `---\n${document.toString(PRINTED)}`, command };
    });
}

/** All of them in one text; with patches, what to do with each. */
export function printFiles(files: readonly OutputFile[], withCommands: boolean): string {
  return files
    .map(({ name, text, command }) =>
      withCommands ? text.replace('---\n', `---\n# ${command.replace('FILE', name)}\n`) : text,
    )
    .join('');
}

/** Writes one file each; resolves with the commands. Rejects with a Failure when it cannot. */
export async function writeFiles(files: readonly OutputFile[], folder: string): Promise<string> {
  try {
    await mkdir(folder, { recursive: true });
    for (const { name, text } of files) await writeFile(join(folder, name), text);
  } catch (error) {
    throw new Failure(`error: --output-dir ${folder} cannot be written: ${(error as Error).message}`);
  }
  return files.map(({ name, command }) => `${command.replace('FILE', join(folder, name))}\n`).join('');
}

function fileName({ namespace, name }: AnnotatedDeployment): string {
  return `${namespace}.${name}.yaml`;
}

function deploymentText({ manifest, key, text }: AnnotatedDeployment): string {
  let document = manifest.copy();
  if (!canBeSet(document)) document = new Document(manifest.value);
  if (isMap(document.contents)) {
    if (!isMap(document.getIn(['metadata', 'annotations']))) document.deleteIn(['metadata', 'annotations']);
    document.setIn(['metadata', 'annotations', key], literal(text));
    // Between brackets a text of several lines is hard to read.
    for (const path of [['metadata'], ['metadata', 'annotations']]) {
      const map = document.getIn(path);
      if (isMap(map)) map.flow = false;
    }
  }
  if (document.directives) document.directives.docStart = null;
  return `---\n${document.toString(PRINTED)}`;
}

/** Not where `metadata` stands on an anchor. */
function canBeSet(document: Document): boolean {
  return isMap(document.get('metadata'));
}

function literal(text: string): Scalar {
  const scalar = new Scalar(text);
  scalar.type = Scalar.BLOCK_LITERAL;
  return scalar;
}
