// One way to act: a POST to this server; an answer always comes back, also when nobody is there.

export async function send(path, body) {
  try {
    const answer = await fetch(path, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
    });
    return await answer.json();
  } catch {
    return { ok: false, error: "unreachable", explanation: "The local Slack does not answer. Is it still running?" };
  }
}
