// A room of candidates who answer, move and flag at random until each has done her number of operations, and hand in.

import { Candidate } from "./candidate.mjs";

/** A generator of numbers in [0, 1) from a 32-bit seed (mulberry32). */
export function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Sits one attempt to its end; resolves with what she did and was told. */
export function sit(seat, plan, number, acknowledged) {
  const random = seeded(plan.seed * 1000 + number);
  const losses = {};
  const last = {};
  return new Promise((resolve, reject) => {
    const candidate = new Candidate(seat, {
      random: () => random() * plan.impatience, // a short wait is as good a draw as a long one
      hear: (name, content) => {
        if (name === "done") settle(content);
        else if (name === "lost") losses[content.code] = (losses[content.code] ?? 0) + 1;
        else if (name === "restFailed") losses.rest = (losses.rest ?? 0) + 1;
        else if (name === "final") reject(new Error(`${seat.attempt_id} may not come back: ${content.reason}`));
      },
    });
    const settle = ({ operation, outcome }) => {
      const expected = outcome === "acked" || outcome === "obsolete" || (operation.kind === "submit" && outcome === "ended");
      if (!expected) {
        reject(new Error(`${seat.attempt_id}: ${operation.kind} ${operation.n} was refused: ${outcome}`));
        return;
      }
      acknowledged();
      if (operation.kind === "start") act(0);
      else if (operation.kind === "submit") {
        setImmediate(() => {
          candidate.stop();
          const { queue, welcomes, resumes, connects, clockAheadMs, state } = candidate;
          const { acked, refusals, renumbered } = queue;
          resolve({ seat, acked, last, losses, refusals, renumbered, welcomes, resumes, connects, clockAheadMs, state });
        });
      }
    };
    const act = (done) => {
      if (done === plan.operations) {
        candidate.add("submit");
        return;
      }
      const question = 1 + Math.floor(random() * plan.questions);
      const kind = random();
      if (kind < 0.8) {
        last[`q${question}`] = `${number} says ${done}`;
        const position = random() < 0.3 ? question - 1 : null;
        candidate.add("answer", { question_id: `q${question}`, value: `${number} says ${done}`, position });
      } else if (kind < 0.9) candidate.add("progress", { question_index: question - 1 });
      else candidate.add("flag", { question_id: `q${question}`, flagged: random() < 0.5 });
      setTimeout(() => act(done + 1), random() * 2 * plan.pause_ms);
    };
    candidate.add("start", { access_code: null });
    candidate.connect(true);
  });
}
