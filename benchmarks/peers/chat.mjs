// The chat peer: socket.io 4.8, alone or with better-sqlite3 committing (synchronous=FULL).
//
// node chat.mjs PORT none|each|turn [DATABASE]
//   none  keeps nothing        each  a commit per message
//   turn  one commit for all that came in during one turn of the event loop
//
// It keeps the promises the hub keeps for a message (checked, saved once per sender's id,
// numbered densely in its conversation, told to both sides, acknowledged after the commit)
// and none of the others: no event log, no inbox, no access rules. That favours the peer.
import { createServer } from 'node:http';
import Database from 'better-sqlite3';
import { Server } from 'socket.io';

const [port, keeping, file] = process.argv.slice(2);
const ID = /^[A-Za-z0-9_-]{8,64}$/;
const TEXT_LIMIT = 10_000;

const lastSeq = new Map(); // conversation -> the newest message's place in it
let logged = 0;

function problem(frame) {
  if (typeof frame !== 'object' || frame === null) return 'frame';
  if (typeof frame.id !== 'string' || !ID.test(frame.id)) return 'id';
  if (typeof frame.conversation !== 'string' || !ID.test(frame.conversation)) return 'conversation';
  if (typeof frame.text !== 'string' || !frame.text || frame.text.length > TEXT_LIMIT) return 'text';
  if (frame.kind !== undefined && frame.kind !== 'text') return 'kind';
  return null;
}

function added(author, frame) {
  const seq = (lastSeq.get(frame.conversation) ?? 0) + 1;
  lastSeq.set(frame.conversation, seq);
  return {
    seq: ++logged,
    visitor: author.visitor,
    customer: null,
    conversation: frame.conversation,
    message: {
      id: frame.id,
      seq,
      author: { kind: author.kind, id: author.id, name: author.name, avatar_url: '' },
      kind: 'text',
      text: frame.text,
      at: new Date().toISOString(),
      cards: [],
    },
  };
}

function opened() {
  const db = new Database(file);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec(`CREATE TABLE IF NOT EXISTS message (
    id TEXT NOT NULL, conversation TEXT NOT NULL, seq INTEGER NOT NULL, author_kind TEXT NOT NULL,
    author_id TEXT NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (conversation, id), UNIQUE (conversation, seq)) WITHOUT ROWID`);
  return db;
}

const db = keeping === 'none' ? null : opened();
const insert = db?.prepare('INSERT INTO message VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
const said = db?.prepare('SELECT seq, at FROM message WHERE conversation = ? AND id = ?');

function earlier(frame) {
  return said?.get(frame.conversation, frame.id);
}

function save({ conversation, message }) {
  const { id, seq, author, kind, text, at } = message;
  insert.run(id, conversation, seq, author.kind, author.id, kind, text, at);
}

const io = new Server({ serveClient: false, transports: ['websocket'] });

function tell(event, ack) {
  io.to(event.conversation).emit('MessageAdded', event);
  const { id, seq, at } = event.message;
  ack({ id, conversation: event.conversation, seq, at });
}

let waiting = [];
const saveAll = db?.transaction((all) => {
  const kept = [];
  for (const [author, frame, ack] of all) {
    const before = earlier(frame);
    if (before) {
      kept.push([null, () => ack({ id: frame.id, conversation: frame.conversation, ...before })]);
      continue;
    }
    const event = added(author, frame);
    save(event);
    kept.push([event, ack]);
  }
  return kept;
});

function commit() {
  const all = waiting;
  waiting = [];
  for (const [event, ack] of saveAll(all)) event ? tell(event, ack) : ack();
}

function say(author, frame, ack) {
  if (keeping === 'turn') {
    if (waiting.push([author, frame, ack]) === 1) setImmediate(commit);
    return;
  }
  if (keeping === 'each') {
    const before = earlier(frame);
    if (before) return ack({ id: frame.id, conversation: frame.conversation, ...before });
  }
  const event = added(author, frame);
  if (keeping === 'each') save(event);
  tell(event, ack);
}

io.on('connection', (socket) => {
  const { kind, pair, conversation } = socket.handshake.auth;
  const id = kind === 'visitor' ? `vis_${pair}` : `agt_${pair}`;
  const author = { kind, id, name: kind === 'agent' ? 'Agent' : '', visitor: `vis_${pair}` };
  socket.join(conversation);
  socket.on('send', (frame, ack) => {
    if (typeof ack !== 'function') return;
    const field = problem(frame);
    if (field) ack({ error: { code: 'invalid', field } });
    else say(author, frame, ack);
  });
});

const server = createServer((request, response) => response.end('ok'));
io.attach(server);
server.listen(Number(port), '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
