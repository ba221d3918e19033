import { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';

// The least that could be in the webhook's place: reads the body, answers a constant. Arguments: port; files of
// certificate, key and the two constants, which are what the webhook answers. Plain JavaScript, as the webhook is when
// it is shipped: stripping types costs memory.
const [port, certFile, keyFile, mutateFile, validateFile] = process.argv.slice(2);
const answers = { '/mutate': readFileSync(mutateFile), '/validate': readFileSync(validateFile) };

const server = createServer({ cert: readFileSync(certFile), key: readFileSync(keyFile) }, (request, response) => {
  const chunks = [];
  request.on('data', chunk => chunks.push(chunk));
  request.on('end', () => {
    Buffer.concat(chunks);
    const answer = answers[request.url.split('?')[0]];
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': answer.length });
    response.end(answer);
  });
});
server.listen({ port: Number(port), host: '127.0.0.1' });
