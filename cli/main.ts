import { Argument, Command, CommanderError, Option } from 'commander';
import { Failure } from './failure.ts';
import { collected, port, validity } from './flags.ts';
import { printable } from './printable.ts';
import { processTerminal } from './terminal.ts';
import type { Terminal } from './terminal.ts';
import { ownVersion } from './version.ts';

/** What a command's own module offers: it is loaded only when the command runs. */
type Start = (options: never, terminal: Terminal) => Promise<number>;

/**
 * Runs one command line, without the program's name. Resolves with the exit code: 0 fine, 1 findings of severity error,
 * 2 wrong usage, unreadable input or a program that cannot start.
 */
export async function main(argv: readonly string[], terminal: Terminal = processTerminal()): Promise<number> {
  let status = 0;
  const finish = (result: number) => (status = result);
  try {
    await programOf(terminal, finish).parseAsync(argv, { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof Failure) terminal.err(`${error.message.split('\n').map(printable).join('\n')}\n`);
    // A mistake of ours: whoever reports it needs the stack.
    else terminal.err(`waymark ended unexpectedly: ${error instanceof Error ? (error.stack ?? '') : String(error)}\n`);
    return 2;
  }
}

function programOf(terminal: Terminal, finish: (status: number) => void): Command {
  const program = new Command('waymark')
    .description('One annotation on a Deployment gives it its environment, Service, autoscaler and Istio routes.')
    .version(ownVersion(), '--version')
    .addOption(new Option('--config <file>', "the platform's settings; absent: all defaults"))
    .addOption(new Option('--kubeconfig <file>', 'how to reach a cluster; absent: as kubectl does'))
    .addOption(new Option('--context <name>', 'context of the kubeconfig'))
    .addOption(
      new Option('--namespace <name>', 'with -f: of objects that name none; else: look only at it (repeatable)')
        .argParser(collected)
        .default([], 'default; all'),
    )
    .addOption(new Option('--log-level <level>').choices(['debug', 'info', 'warn', 'error']).default('info'))
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeOut: text => terminal.out(text), writeErr: text => terminal.err(text) })
    .exitOverride();

  const command = (name: string, description: string, load: () => Promise<Start>) =>
    program
      .command(name)
      .description(description)
      // Commander hands over the arguments, the options and the command.
      .action(async (...given: readonly unknown[]) => {
        const called = given.at(-1) as Command;
        const start = await load();
        finish(await start({ ...called.optsWithGlobals<object>(), arguments: called.args } as never, terminal));
      });

  command('render', 'print what annotated Deployments become, without a cluster', () =>
    import('./render.ts').then(module => module.render),
  )
    .addOption(filenames().makeOptionMandatory())
    .addOption(new Option('-o, --output <format>').choices(['yaml', 'json']).default('yaml'))
    .addHelpText('after', EXIT_CODES);

  command('lint', 'print what is wrong with annotated Deployments', () =>
    import('./lint.ts').then(module => module.lint),
  )
    .addOption(filenames(', or, with --policy, absent: the cluster'))
    .addOption(new Option('--format <format>').choices(['text', 'json', 'github', 'sarif']).default('text'))
    .addOption(new Option('--policy', "print what the policy 'enforce' would deny at the next apply, by namespace"))
    .addHelpText('after', EXIT_CODES);

  command('explain', 'print why requests to a host go where they go, and what happens next', () =>
    import('./explain.ts').then(module => module.explain),
  )
    .argument('<host>', 'such as shop.example.com')
    .addOption(filenames('; absent: the cluster'))
    .addOption(
      new Option('--request <request>', "tell of one request only, such as 'POST /models/a/?v=1 -H x-user:me'"),
    )
    .addOption(new Option('-o, --output <format>').choices(['text', 'json']).default('text'))
    .addHelpText('after', EXPLAIN_CODES);

  command('migrate', 'print Deployments with the annotations that Mappings on Services or of their own become', () =>
    import('./migrate/migrate.ts').then(module => module.migrate),
  )
    .addArgument(new Argument('<from>', 'what the Mappings were written for').choices(['ambassador']))
    .addOption(filenames('; absent: the cluster'))
    .addOption(new Option('--patch', 'print patches, one for each Deployment'))
    .addOption(new Option('--output-dir <folder>', 'write one file for each, and print what to do with it'))
    .addOption(
      new Option('--default-deployment <namespace/name>', 'takes what has no Deployment of its own (repeatable)')
        .argParser(collected)
        .default([], 'none'),
    )
    .addOption(new Option('--ambassador-id <id>', 'which Ambassador is moved from').default('default'))
    .addOption(
      new Option('--format <format>', 'of the report, which goes to stderr').choices(['text', 'json']).default('text'),
    )
    .addHelpText('after', MIGRATE_CODES);

  addInstallationOptions(
    command('webhook', 'serve the admission webhook', () => import('./webhook.ts').then(module => module.webhook)),
  )
    .addOption(new Option('--port <port>', 'HTTPS: /mutate and /validate').argParser(port).default(8443))
    .addOption(metricsPort(8080))
    .addOption(new Option('--tls-cert-file <file>', 'certificate; absent: from the Secret'))
    .addOption(new Option('--tls-key-file <file>', 'its private key'))
    .addOption(
      new Option('--on-missing-mutation <answer>', 'to a Deployment without its variables')
        .choices(['deny', 'warn'])
        .default('deny'),
    );

  addInstallationOptions(
    command('controller', 'build and keep what annotated Deployments ask for', () =>
      import('./controller.ts').then(module => module.controller),
    ),
  )
    .addOption(metricsPort(8081))
    .addOption(new Option('--no-leader-election', 'lead without asking: for a single process on your own machine'));

  return program;
}

function filenames(otherwise = ''): Option {
  return new Option('-f, --filename <path...>', `file, directory or - for the standard input (repeatable)${otherwise}`);
}

const EXIT_CODES = `
Exit code: 0 no errors, 1 at least one error, 2 wrong usage, unreadable input or an unreachable cluster.`;

const EXPLAIN_CODES = `
Exit code: 0 explained, 1 nobody has the host or asks for it, 2 wrong usage, unreadable input or an unreachable cluster.`;

const MIGRATE_CODES = `
Exit code: 0 all has moved, 1 something has not, 2 wrong usage, unreadable input or an unreachable cluster.`;

function metricsPort(standard: number): Option {
  return new Option('--metrics-port <port>', 'HTTP: /healthz, /readyz and /metrics').argParser(port).default(standard);
}

/** What both programs take, so that one list of arguments serves both; the webhook makes no use of some. */
function addInstallationOptions(command: Command): Command {
  return command
    .addOption(new Option('--tls-secret <name>', 'Secret of the certificate').default('waymark-webhook-tls'))
    .addOption(new Option('--webhook-service <name>', 'Service of the webhook').default('waymark-webhook'))
    .addOption(new Option('--webhook-configuration <name>', 'of both webhook configurations').default('waymark'))
    .addOption(new Option('--lease <name>', "Lease that the controller's leader holds").default('waymark-controller'))
    .addOption(
      new Option('--certificate-validity <duration>', 'of the serving certificate, which the controller makes')
        .argParser(validity)
        .default(validity('90d'), '90d'),
    );
}
