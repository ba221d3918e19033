import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { IssueRequest, IssuedCertificate } from '../../controller/issue-certificate.ts';

const MODULE = new URL('../../controller/issue-certificate.ts', import.meta.url).href;

/** The same certificate from a process of its own: pure JavaScript arithmetic is twenty times slower inside jest. */
export async function issueOutside(request: IssueRequest): Promise<IssuedCertificate> {
  const script = `const { issueCertificate } = await import(${JSON.stringify(MODULE)});
    console.log(JSON.stringify(await issueCertificate(${JSON.stringify(request)})));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  return JSON.parse(stdout) as IssuedCertificate;
}
