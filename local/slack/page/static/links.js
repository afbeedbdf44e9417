// Links. One to a message of this workspace opens it in the page; any other opens a tab of its own.

let openHere = () => {};

// Says what opens a message: a function of {channel, ts, thread}.
export const onMessageLink = (open) => (openHere = open);

// The message that an address such as /archives/C0ONBOARDING/p1700000000000100?thread_ts=… means; null for any other.
export function messageMeant(address) {
  const here = new URL(location.href);
  const there = new URL(address, here);
  const found = there.origin === here.origin && there.pathname.match(/^\/archives\/([A-Z0-9]+)\/p(\d+)(\d{6})$/);
  if (!found) return null;
  const [, channel, seconds, rest] = found;
  return { channel, ts: `${seconds}.${rest}`, thread: there.searchParams.get("thread_ts") };
}

export function follow(url) {
  const meant = messageMeant(url);
  if (meant) openHere(meant);
  else window.open(url, "_blank", "noopener,noreferrer");
}

// For a link's click: a message opens here, unless a key asks for a tab of its own.
export function followHere(event, url) {
  const meant = event.ctrlKey || event.metaKey || event.shiftKey ? null : messageMeant(url);
  if (!meant) return;
  event.preventDefault();
  openHere(meant);
}
