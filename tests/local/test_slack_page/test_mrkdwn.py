"""How the page reads Slack's mrkdwn. The page's own script is asked, under Node."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

STATIC = Path(__file__).parents[3] / "local" / "slack" / "page" / "static"
ASK = """
import { parseMrkdwn, parsePlain } from "./mrkdwn.js";
const [kind, text] = JSON.parse(process.argv[1]);
console.log(JSON.stringify((kind === "plain" ? parsePlain : parseMrkdwn)(text)));
"""


def parse(text: str, kind: str = "mrkdwn") -> list[dict[str, Any]]:
    command = ["node", "--input-type=module", "-e", ASK, "--", json.dumps([kind, text])]
    asked = subprocess.run(command, cwd=STATIC, capture_output=True, text=True, check=True, timeout=30)
    tree = json.loads(asked.stdout)
    assert isinstance(tree, list)
    return tree


def brief(node: dict[str, Any]) -> str:
    """A tree as one short line: `bold(x) link(https://… → label)`."""
    kind = node["type"]
    if kind == "text":
        return str(node["text"])
    if "children" in node:
        return f"{kind}({''.join(brief(child) for child in node['children'])})"
    if kind == "link":
        return f"link({node['url']} → {node['label']})"
    return f"{kind}({node.get('id') or node.get('name') or node.get('seconds') or ''})"


def read(text: str, kind: str = "mrkdwn") -> str:
    return " ".join(brief(block) for block in parse(text, kind))


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a &amp; &lt;b&gt; &quot;", "line(a & <b> &quot;)"),
        ("&lt;!channel&gt;", "line(<!channel>)"),
        ("&amp;lt;!channel&amp;gt;", "line(&lt;!channel&gt;)"),
        ("<!channel> <!here> <!everyone>", "line(broadcast(channel) broadcast(here) broadcast(everyone))"),
        ("`<!channel>`", "line(code(broadcast(channel)))"),
        ("```<!channel>```", "pre(broadcast(channel))"),
        ("<@U0ADA> <@W0ADA|ada> <#C0ONBOARDING>", "line(user(U0ADA) user(W0ADA) channel(C0ONBOARDING))"),
        ("<!subteam^S0APPROVERS>", "line(group(S0APPROVERS))"),
        ("<!date^1392734382^{date_short} at {time}|then>", "line(date(1392734382))"),
        ("<https://x.io?a=1&amp;b=2|A &amp; B>", "line(link(https://x.io?a=1&b=2 → A & B))"),
        ("<https://x.io>", "line(link(https://x.io → https://x.io))"),
        ("<mailto:a@x.io|write>", "line(link(mailto:a@x.io → write))"),
        ("see https://x.io/a?b=1&amp;c=2.", "line(see link(https://x.io/a?b=1&c=2 → https://x.io/a?b=1&c=2).)"),
        ("<javascript:alert(1)|click>", "line(<javascript:alert(1)|click>)"),
        ("<img src=x onerror=alert(1)>", "line(<img src=x onerror=alert(1)>)"),
        ("*b* _i_ ~s~ `c`", "line(bold(b) italic(i) strike(s) code(c))"),
        ("*b _i_*", "line(bold(b italic(i)))"),
        ("*<https://x.io|a*b>*", "line(bold(link(https://x.io → a*b)))"),
        ("2*3*4 snake_case_name a * b * c", "line(2*3*4 snake_case_name a * b * c)"),
        ("`*no* _styles_ &amp; :x:`", "line(code(*no* _styles_ & :x:))"),
        (":white_check_mark: :unknown: 10:30:15", "line(emoji(white_check_mark) :unknown: 10:30:15)"),
        (":constructor:", "line(:constructor:)"),
        ("> one\n&gt; two\nthree", "quote(onebreak()two) line(three)"),
        ("• one\n- two\n1. three", "item(• one) item(- two) item(1. three)"),
        ("before\n```\na *b*\n  c\n```\nafter", "line(before) pre(a *b*\n  c) line(after)"),
        ("```never closed", "line(```never closed)"),
        ("", "line()"),
        ("*", "line(*)"),
        ("<", "line(<)"),
    ],
)
def test_mrkdwn_reads_as_slack_shows_it(text: str, tree: str) -> None:
    assert read(text) == tree


def test_plain_text_knows_emoji_and_nothing_else() -> None:
    assert read("*x* <!channel> &amp; :tada:", "plain") == "line(*x* <!channel> & emoji(tada))"
