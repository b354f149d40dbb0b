// The demo shop's own script, as a merchant would write it: it speaks to the widget only through SoftbetChat.
'use strict';

const guest = document.documentElement.dataset.customer === '';
const heading = document.getElementById('pieces');
const counter = document.getElementById('every-piece');
const pieces = [...document.querySelectorAll('.gr > li')];
const note = document.getElementById('note');
let shown = ''; // the group on view; '' is this week's firing

const GROUPS = { tea: 'Tea', table: 'Table', home: 'Home', gifts: 'Gifts', all: 'Every piece' };

// Pages a real shop has and this one does not.
const NOTES = {
  journal: ['The journal', 'Notes from the kiln, twice a month. This one page is all of the demo shop, so there is nothing to read yet.'],
  search: ['Search', 'The demo shop shows all its pieces on one page. Or ask in the chat: the people there know every one of them.'],
  account: guest
    ? ['Sign in', 'Choose “Amara, verified” in the dark strip above to see the shop as a customer who has signed in.']
    : ['Your account', 'You are shown as Amara. Her orders, deposits and payouts are in the chat, under “Your activity”.'],
  basket: ['Your basket', 'Two Fern mugs, €28.40. Nothing can be bought here: the shop is invented.'],
  delivery: ['Delivery', 'We pack without plastic and send within two days, tracked. Two to four days inside the EU, five to ten elsewhere.'],
  returns: ['Returns', 'Thirty days, no reason needed. If something arrives chipped, send us a photo in the chat and a new one goes out the same day.'],
  privacy: ['Privacy', 'The demo shop keeps nothing. What you write in the chat stays on the hub you are running.'],
};

// <a data-chat="toggle"> or <button data-chat="showNewMessage" data-text="Hi!">: no script in attributes,
// so the page can forbid inline script.
document.addEventListener('click', (event) => {
  const opener = event.target.closest('[data-chat]');
  if (!opener) return;
  event.preventDefault();
  const { chat, text } = opener.dataset;
  if (text === undefined) SoftbetChat(chat);
  else SoftbetChat(chat, text);
});

function clearAddress() {
  history.replaceState(null, '', location.pathname + location.search);
}

function showNote([title, text]) {
  note.querySelector('h2').textContent = title;
  note.querySelector('p').textContent = text;
  note.showPopover(); // not modal: the chat stays within reach
  note.querySelector('button').focus();
}

// The same link must work again after the note was closed.
note.addEventListener('toggle', ({ newState }) => {
  if (newState === 'closed') clearAddress();
});

function showPieces(group, found) {
  shown = group;
  for (const piece of pieces) {
    piece.hidden = !(group === 'all' || (group ? piece.dataset.group === group : 'week' in piece.dataset));
    piece.classList.toggle('found', piece === found);
  }
  heading.textContent = group ? GROUPS[group] : 'From the kiln this week';
  counter.textContent = group ? 'This week’s firing' : `All ${pieces.length} pieces`;
  counter.hash = group ? '#week' : '#all';
  for (const link of document.querySelectorAll('.hd nav a')) {
    if (link.hash === `#${group}`) link.setAttribute('aria-current', 'true');
    else link.removeAttribute('aria-current');
  }
}

function followAddress() {
  const place = location.hash.slice(1);
  const piece = pieces.find(({ id }) => id === place);
  const order = /^order-([\w-]{1,40})$/.exec(place);
  if (piece) {
    showPieces(piece.hidden ? 'all' : shown, piece);
    piece.scrollIntoView({ block: 'nearest' });
  } else if (Object.hasOwn(GROUPS, place) || place === 'week') {
    showPieces(place === 'week' ? '' : place);
    heading.scrollIntoView();
  } else if (order) {
    showNote([`Order ${order[1]}`, 'In your own shop, this link opens the order in the shop’s back office.']);
  } else if (Object.hasOwn(NOTES, place)) {
    showNote(NOTES[place]);
  } else if (place === 'signed-out') {
    // The first page after signing out: this browser's conversation was Amara's and must be forgotten.
    SoftbetChat('logout');
    clearAddress();
  }
}

for (const link of document.querySelectorAll('[data-as]')) {
  const shown = (link.dataset.as === 'guest') === guest;
  if (shown) link.setAttribute('aria-current', 'true');
  else if (link.dataset.as === 'guest') link.hash = 'signed-out';
}

addEventListener('hashchange', followAddress);
followAddress();
