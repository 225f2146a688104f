"""Refusals and closes."""

import json
from collections.abc import Iterator

from clients.output import Output
from clients.typescript import writing
from protocol import codes


def _ranges() -> Iterator[tuple[int, int, str]]:
    """`codes.reconnect_rule` as ranges of close codes, so that it is not written a second time."""
    first = 0
    rule = codes.reconnect_rule(0)
    for code in range(1, 5_001):
        now = codes.reconnect_rule(code)
        if now is not rule or code == 5_000:
            if rule is not codes.Reconnect.BACKOFF:
                yield first, code - 1, rule.value
            first, rule = code, now


def _for_staff(rule: codes.Rule) -> str:
    return "" if rule.for_staff is None else f", for_staff: {json.dumps(rule.for_staff, ensure_ascii=False)}"


def typescript_codes() -> Iterator[Output]:
    """Both tables of names, and the rule for coming back after a close."""
    retries = " | ".join(json.dumps(retry.value) for retry in codes.Retry)
    reconnects = " | ".join(json.dumps(rule.value) for rule in codes.Reconnect)
    refusals = "".join(
        f"  {code.value}: {{ http: {rule.http}, retry: {json.dumps(rule.retry.value)}, "
        f"sentence: {json.dumps(rule.sentence, ensure_ascii=False)}{_for_staff(rule)} }},\n"
        for code, rule in codes.REFUSALS.items()
    )
    names = "".join(f"  {close.name}: {close.value},\n" for close in codes.Close)
    closes = "".join(
        f"  {close.value}: {json.dumps(sentence, ensure_ascii=False)},\n" for close, sentence in codes.CLOSES.items()
    )
    ranges = "".join(f'  [{first}, {last}, "{rule}"],\n' for first, last, rule in _ranges())
    text = f"""{writing.head("protocol/codes.py")}
{writing.comment(codes.Retry.__doc__ or "")}export type Retry = {retries};

{writing.comment(codes.Rule.__doc__ or "")}export interface Rule {{
  http: number;
  retry: Retry;
  sentence: string;
  for_staff?: string;
}}

export const REFUSALS = {{
{refusals}}} as const satisfies Record<string, Rule>;

{writing.comment(codes.Code.__doc__ or "")}export type Code = keyof typeof REFUSALS;

{writing.comment(codes.Close.__doc__ or "")}export const CLOSE = {{
{names}}} as const;

/** What each close means, for people. */
export const CLOSES: Readonly<Record<number, string>> = {{
{closes}}};

{writing.comment(codes.Reconnect.__doc__ or "")}export type Reconnect = {reconnects};

const RECONNECT: readonly (readonly [number, number, Reconnect])[] = [
{ranges}];

{writing.comment(codes.reconnect_rule.__doc__ or "")}export function reconnectRule(closeCode: number): Reconnect {{
  const range = RECONNECT.find(([first, last]) => first <= closeCode && closeCode <= last);
  return range?.[2] ?? "{codes.Reconnect.BACKOFF}";
}}
"""
    yield Output(f"{writing.FOLDER}/codes.ts", text)
