import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** How one step ended, in tests (a step without tests of its own counts as one). */
interface Tally {
  readonly passed: number;
  readonly failed: number;
}

const JEST = [
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  join('node_modules', 'jest', 'bin', 'jest.js'),
];

const results = mkdtempSync(join(tmpdir(), 'waymark-test-'));
// Ctrl-C leaves no file behind either; a running step gets it from the terminal, and ends by itself.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => process.exit(130));
}
process.once('exit', () => rmSync(results, { recursive: true, force: true }));

/** Resolves with the exit code; output goes where ours goes. */
function run(command: string, args: readonly string[]): Promise<number> {
  return new Promise(resolve => {
    const child = spawn(command, args, { stdio: 'inherit' });
    child.on('error', error => {
      console.error(error.message);
      resolve(1);
    });
    child.on('exit', (code, signal) => resolve(signal === null ? (code ?? 1) : 1));
  });
}

async function check(title: string, command: string, args: readonly string[]): Promise<Tally> {
  announce(title);
  const ok = (await run(command, args)) === 0;
  console.log(`${ok ? 'ok' : 'FAILED'}: ${title}`);
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1 };
}

/**
 * Tests that measure time, most of all what somebody at the gateway notices, have the machine to themselves. Of the others
 * two files run side by side: they mostly wait, for a Lease, a probe, a minute without a write. A pattern of paths.
 */
const ALONE = 'test/(cluster/(cluster|kubelet/pods)|integration/(requests|takeover))';

/** A run that died before it wrote its results, or found no test, is one failure. */
async function jest(title: string, project: string, wrap: readonly string[], args: readonly string[]): Promise<Tally> {
  announce(title);
  const file = join(results, `${title}.json`);
  const code = await run(process.execPath, [
    ...wrap,
    ...JEST,
    '--selectProjects',
    project,
    '--json',
    `--outputFile=${file}`,
    ...args,
  ]);
  const tally = readTally(file);
  return tally.passed > 0 && (code === 0 || tally.failed > 0) ? tally : { ...tally, failed: tally.failed + 1 };
}

function readTally(file: string): Tally {
  try {
    const report = JSON.parse(readFileSync(file, 'utf8')) as {
      numPassedTests: number;
      numFailedTests: number;
      numPendingTests: number;
      numRuntimeErrorTestSuites: number;
    };
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests + report.numPendingTests + report.numRuntimeErrorTestSuites,
    };
  } catch {
    return { passed: 0, failed: 0 };
  }
}

function announce(title: string): void {
  console.log(`\n=== ${title}`);
}

const started = performance.now();
const sandbox = ['test/cluster/sandbox.ts', '--', process.execPath];

// The cold build takes minutes and one core; it goes on beside the steps that need no cluster.
const assets = run(process.execPath, ['test/cluster/main.ts', 'build']);

const tallies = [
  // Each of them keeps one core busy.
  ...(await Promise.all([
    check('types', 'tsc', ['--noEmit']),
    check('lint', 'eslint', ['.', '--max-warnings', '0']),
    check('format', 'prettier', ['--check', '--log-level', 'warn', '.']),
  ])),
  await jest('unit, golden, laws, architecture', 'unit', [], []),
  await check('control plane, Istio and Envoy built', process.execPath, [
    '-e',
    `process.exit(${String(await assets)})`,
  ]),
  await jest('real control plane', 'integration', sandbox, [
    '--testPathIgnorePatterns=/node_modules/',
    `--testPathIgnorePatterns=${ALONE}`,
  ]),
  await jest('requests through a real Envoy', 'integration', sandbox, ['--runInBand', ALONE]),
];

const passed = tallies.reduce((sum, tally) => sum + tally.passed, 0);
const failed = tallies.reduce((sum, tally) => sum + tally.failed, 0);
console.log(`\n${((performance.now() - started) / 60_000).toFixed(1)} minutes`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
