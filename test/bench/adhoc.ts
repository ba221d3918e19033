import { join } from 'node:path';
import { execSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { packWaymark } from '../cluster/pack.ts';
import { openStage } from './controller-stage.ts';
import { stock } from './controller-stock.ts';
const N = Number(process.env['N']);
const program = join(await packWaymark({ progress: console.error }), 'bin/waymark.js');
const stage = await openStage(program);
function heap() {
  return execSync(
    "curl -s 127.0.0.1:8081/metrics | grep -E '^(nodejs_heap_size_(used|total)_bytes|nodejs_external|process_resident)|space_size_used'",
  ).toString();
}
try {
  await stock(stage.admin, 0, N, 16);
  console.log('stocked');
  let c = await stage.startController();
  const q = await c.quiet();
  console.log('built in', q.at - q.firstWriteAt, 'rss', c.residentMegabytes());
  console.log(heap());
  await c.stop();
  for (const round of [1, 2]) {
    c = await stage.startController();
    console.log('ready', c.startToReady, 'rss', c.residentMegabytes());
    await c.quiet();
    for (const s of [0, 10, 30]) {
      await delay(s * 1000);
      console.log(round, 'after', s, 'rss', c.residentMegabytes());
      console.log(heap());
    }
    if (round === 2) {
      execSync(
        "kill -USR2 $(pgrep -f '^[^ ]*node .*waymark.js controller --kubeconfig=/tmp/waymark' | head -1) || true",
      );
      await delay(20000);
      execSync(
        'mkdir -p /tmp/c5-heap; find / -xdev -name "Heap*.heapsnapshot" -newer /tmp/c5/test/bench/adhoc.ts -exec cp {} /tmp/c5-heap/ \\; 2>/dev/null || true',
      );
    }
    await c.stop();
  }
} finally {
  await stage.stop();
}
