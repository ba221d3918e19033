import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';

// The least that could be in the webhook's place: reads the body, answers a constant. Arguments: port; files of
// certificate, key and the two constants, which are what the webhook answers.
const [port = '', certFile = '', keyFile = '', mutateFile = '', validateFile = ''] = process.argv.slice(2);
const answers: Record<string, Buffer> = { m: readFileSync(mutateFile), v: readFileSync(validateFile) };

const server = createServer({ cert: readFileSync(certFile), key: readFileSync(keyFile) }, (request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    Buffer.concat(chunks);
    const answer = answers[request.url?.[1] ?? ''] ?? Buffer.alloc(0);
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': answer.length });
    response.end(answer);
  });
});
server.listen({ port: Number(port), host: '127.0.0.1' });
