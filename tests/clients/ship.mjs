// node ship.mjs CLIENT ADDRESS KEY COUNT: ships so many documents with one real client, and prints what it says became of them.
import { createRequire } from "node:module";

const [, , name, node, key, count] = process.argv;
const load = createRequire(import.meta.url);
const { Client } = load(name === "opensearch" ? "@opensearch-project/opensearch" : name);
const auth = name === "elastic7" || name === "opensearch" ? { username: "canh", password: key } : { apiKey: key };
const client = new Client({ node, auth, maxRetries: 5, requestTimeout: 20000 });

async function* documents() {
  for (let number = 0; number < Number(count); number++) {
    yield {
      "@timestamp": "2026-11-24T02:30:00Z",
      message: `Failed password for root from 203.0.113.${number % 250} port 50112 ssh2`,
      process: { name: "sshd" },
      "labels.client": name,
      number,
    };
  }
}

const dropped = {};
const outcome = await client.helpers.bulk({
  datasource: documents(),
  onDocument: (document) => ({ create: { _index: "logs-app", _id: `${name}-${document.number}` } }),
  onDrop: ({ status }) => { dropped[status] = (dropped[status] ?? 0) + 1; },
  concurrency: 1,
  flushBytes: 100_000,
  retries: 5,
  wait: 200,
});
console.log(JSON.stringify({ successful: outcome.successful, failed: outcome.failed, retry: outcome.retry, dropped }));
await client.close();
