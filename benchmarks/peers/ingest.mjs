// The ingest peer: fastify (its own JSON-schema validation) and better-sqlite3, synchronous=FULL.
//
// node ingest.mjs PORT each|turn DATABASE KEY
//   each  a transaction and commit per request
//   turn  one transaction for all requests that came in during one turn of the event loop
//
// A request saves the customer, then each record upserted by (customer, kind, reference),
// unchanged rows left alone and older updates refused, as the hub does. It keeps no status
// history and no event log and tells nobody. That favours the peer.
import { createHash, timingSafeEqual } from 'node:crypto';
import Database from 'better-sqlite3';
import Fastify from 'fastify';

const [port, committing, file, key] = process.argv.slice(2);

const db = new Database(file);
db.pragma('journal_mode = WAL');
db.pragma('synchronous = FULL');
db.exec(`CREATE TABLE IF NOT EXISTS customer (
    id INTEGER PRIMARY KEY, external_id TEXT NOT NULL UNIQUE, seen_at TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS api_key (hash BLOB PRIMARY KEY, scopes TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS record (
    customer_id INTEGER NOT NULL REFERENCES customer, kind TEXT NOT NULL, reference TEXT NOT NULL,
    title TEXT NOT NULL, amount_minor INTEGER, currency TEXT, status TEXT NOT NULL,
    tone TEXT NOT NULL, url TEXT NOT NULL, occurred_at TEXT NOT NULL, updated_at TEXT NOT NULL,
    UNIQUE (customer_id, kind, reference))`);

const hashed = (text) => createHash('sha256').update(text).digest();
db.prepare('INSERT OR IGNORE INTO api_key VALUES (?, ?)').run(hashed(key), 'records');

const findKey = db.prepare('SELECT hash, scopes FROM api_key WHERE hash = ?');
const findCustomer = db.prepare('SELECT id FROM customer WHERE external_id = ?').pluck();
const addCustomer = db.prepare('INSERT INTO customer (external_id, seen_at) VALUES (?, ?)');
const upsert = db.prepare(`INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (customer_id, kind, reference) DO UPDATE SET title = excluded.title,
    amount_minor = excluded.amount_minor, currency = excluded.currency, status = excluded.status,
    tone = excluded.tone, url = excluded.url, occurred_at = excluded.occurred_at,
    updated_at = excluded.updated_at
  WHERE excluded.updated_at >= record.updated_at
    AND (record.title, record.amount_minor, record.currency, record.status, record.url,
         record.occurred_at)
     IS NOT (excluded.title, excluded.amount_minor, excluded.currency, excluded.status,
         excluded.url, excluded.occurred_at)`);

const TONES = {
  paid: 'positive', completed: 'positive', processing: 'info', pending: 'warning',
  'on-hold': 'warning', failed: 'negative', refunded: 'negative', cancelled: 'negative',
};
const EXPONENT = { JPY: 0, KRW: 0, VND: 0, KWD: 3, BHD: 3, TND: 3 };
const NOBODY = new Set(['', '0', 'null', 'undefined', 'guest', 'anonymous', '-1']);

function minor({ amount, amount_cents: cents, currency }) {
  if (cents !== undefined) return cents;
  if (amount === undefined) return null;
  const scaled = amount * 10 ** (EXPONENT[currency] ?? 2);
  const whole = Math.round(scaled);
  if (!Number.isSafeInteger(whole) || Math.abs(scaled - whole) > 1e-6) return undefined;
  return whole;
}

const record = {
  type: 'object',
  required: ['kind', 'reference'],
  properties: {
    kind: { enum: ['order', 'deposit', 'withdrawal', 'payment', 'custom'] },
    reference: { type: 'string', minLength: 1, maxLength: 200 },
    title: { type: 'string', maxLength: 500 },
    amount: { type: 'number' },
    amount_cents: { type: 'integer' },
    currency: { type: 'string', pattern: '^[A-Z]{3}$' },
    status: { type: 'string', maxLength: 100 },
    url: { type: 'string', maxLength: 2048, pattern: '^https?://' },
    occurred_at: { type: 'string', format: 'date-time' },
    updated_at: { type: 'string', format: 'date-time' },
  },
};
const body = {
  type: 'object',
  required: ['external_id', 'records'],
  properties: {
    external_id: { type: 'string', minLength: 1, maxLength: 200 },
    records: { type: 'array', minItems: 1, maxItems: 1000, items: record },
  },
};

function save({ external_id: person, records }) {
  const now = new Date().toISOString();
  const customer = findCustomer.get(person) ?? addCustomer.run(person, now).lastInsertRowid;
  return records.map((r, index) => {
    const amount = minor(r);
    if (amount === undefined) return { index, error: { code: 'invalid', field: 'amount' } };
    const { changes } = upsert.run(
      customer, r.kind, r.reference, r.title ?? '', amount, r.currency ?? null, r.status ?? '',
      TONES[r.status?.toLowerCase()] ?? 'neutral', r.url ?? '', r.occurred_at ?? now,
      r.updated_at ?? now);
    return { index, kind: r.kind, reference: r.reference, result: changes ? 'saved' : 'unchanged' };
  });
}

const saveOne = db.transaction(save);
const saveAll = db.transaction((bodies) => bodies.map(save));

let waiting = [];

function commit() {
  const all = waiting;
  waiting = [];
  const results = saveAll(all.map(([body]) => body));
  all.forEach(([, resolve], index) => resolve(results[index]));
}

function saved(body) {
  if (committing === 'each') return saveOne(body);
  return new Promise((resolve) => {
    if (waiting.push([body, resolve]) === 1) setImmediate(commit);
  });
}

const app = Fastify({ logger: false, bodyLimit: 2 * 1024 * 1024 });

app.addHook('onRequest', async (request, reply) => {
  const header = request.headers.authorization ?? '';
  const hash = hashed(header.slice('Bearer '.length));
  const found = header.startsWith('Bearer ') ? findKey.get(hash) : undefined;
  if (!found || !timingSafeEqual(found.hash, hash)) {
    return reply.code(401).send({ error: { code: 'unauthorized' } });
  }
  if (!found.scopes.includes('records')) {
    return reply.code(403).send({ error: { code: 'scope' } });
  }
});

app.post('/v1/chat/ingest/records', { schema: { body } }, async (request, reply) => {
  if (NOBODY.has(request.body.external_id)) {
    return reply.code(422).send({ error: { code: 'invalid', field: 'external_id' } });
  }
  return { items: await saved(request.body) };
});

process.on('SIGTERM', () => process.exit(0));
await app.listen({ port: Number(port), host: '127.0.0.1' });
