import { enterSandbox } from './isolation.ts';
import { prepare } from './prepare.ts';

async function main(): Promise<number> {
  const [separator, ...command] = process.argv.slice(2);
  if (separator !== '--' || command.length === 0) {
    process.stderr.write('usage: node test/cluster/sandbox.ts -- COMMAND…\n');
    return 2;
  }
  // Inside there is no network, so whatever has to be fetched is fetched now.
  await prepare(line => process.stderr.write(`${line}\n`));
  return enterSandbox(command);
}

main().then(
  code => (process.exitCode = code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
